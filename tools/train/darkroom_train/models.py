"""Loads the trained networks from the checkpoints of the work folder."""

import json
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .paths import WORK_FOLDER
from .text_encoder import TextEncoder, pad_tokens
from .tokenizer import Tokenizer, load_tokenizer
from .transformer import Transformer
from .vae import LATENT_CHANNELS, Vae


# What is shipped by which name, and the checkpoint of its transformer; all other parts are the same.
VARIANTS = {"pocket": "transformer", "pocket-turbo": "turbo"}


@dataclass
class PocketModel:
    """All parts of a text-to-image model and how its latents are normalised."""

    tokenizer: Tokenizer
    text_encoder: TextEncoder
    transformer: Transformer
    vae: Vae
    statistics: dict
    # Draws in few steps and without guidance.
    distilled: bool = False

    @torch.no_grad()
    def encode(self, prompts: list) -> tuple:
        """Returns encoder_hidden_states [batch, K, 256] and pooled_projections [batch, 256]."""
        return self.text_encoder(*pad_tokens([self.tokenizer.encode(p) for p in prompts]))

    @torch.no_grad()
    def decode(self, latents: Tensor) -> Tensor:
        """Turns normalised latents [batch, 16, h, w] into images [batch, 3, 16h, 16w] in [-1, 1]."""
        mean, std = (torch.tensor(self.statistics[k]).reshape(1, -1, 1, 1) for k in ("latents_mean", "latents_std"))
        return self.vae.decoder(latents * std + mean)


def load_average(module: nn.Module, name: str, allow_random: bool = False) -> dict:
    """Loads the averaged weights of checkpoints/NAME.pt into a module and returns the checkpoint's other facts."""
    path = WORK_FOLDER / "checkpoints" / f"{name}.pt"
    if not path.exists() and allow_random:
        return {"step": 0}
    state = torch.load(path)
    module.load_state_dict(state["average"])
    module.eval()
    return {k: v for k, v in state.items() if k not in ("model", "average", "optimizer", "random")}


def load_statistics(allow_random: bool = False) -> dict:
    """Reads how latents are normalised and previewed."""
    path = WORK_FOLDER / "latents" / "statistics.json"
    if not path.exists() and allow_random:
        return {"latents_mean": [0.0] * LATENT_CHANNELS, "latents_std": [1.0] * LATENT_CHANNELS,
                "latent_rgb_factors": [[0.1, 0.1, 0.1]] * LATENT_CHANNELS, "latent_rgb_bias": [0.0, 0.0, 0.0]}
    return json.loads(path.read_text("utf8"))


def load_text_encoder(allow_random: bool = False) -> tuple:
    """Returns the tokenizer and the text encoder."""
    tokenizer = load_tokenizer(WORK_FOLDER / "tokenizer" / "tokenizer.json")
    text_encoder = TextEncoder(len(tokenizer.vocabulary))
    load_average(text_encoder, "text", allow_random)
    return tokenizer, text_encoder.eval()


def load_vae(allow_random: bool = False) -> Vae:
    """Returns the VAE."""
    vae = Vae()
    load_average(vae, "vae", allow_random)
    return vae.eval()


def load_pocket_model(allow_random: bool = False, variant: str = "pocket") -> tuple:
    """Returns the whole model and the facts of the transformer's checkpoint."""
    tokenizer, text_encoder = load_text_encoder(allow_random)
    transformer = Transformer()
    facts = load_average(transformer, VARIANTS[variant], allow_random)
    vae, statistics = load_vae(allow_random), load_statistics(allow_random)
    return PocketModel(tokenizer, text_encoder, transformer.eval(), vae, statistics, variant == "pocket-turbo"), facts
