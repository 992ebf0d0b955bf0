"""Makes checkpoints from an exported model, so that training goes on from what ships with the repository.

Checkpoints are too large for git; the exported weights (half precision, averaged) are all that a fresh clone has. Optimisers, and the
heads that trained the text encoder, start anew.
"""

import argparse
import json
import shutil
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import nn

from .paths import MODEL_FOLDER, WORK_FOLDER, work_path
from .text_encoder import TextEncoder
from .tokenizer import load_tokenizer
from .train_transformer import Trainer, parse_options
from .training import save_atomically
from .vae import Vae

STATISTICS = ("latents_mean", "latents_std", "latent_rgb_factors", "latent_rgb_bias")


def read_weights(path: Path) -> dict:
    """Returns the weights of an exported graph by their names in torch, in single precision."""
    weights = {}
    for initializer in onnx.load(str(path)).graph.initializer:
        name = initializer.name.removesuffix("_half")
        weights[name] = torch.from_numpy(numpy_helper.to_array(initializer).copy()).float()
    return weights


def restore_weights(module: nn.Module, path: Path) -> nn.Module:
    """Fills a module from an exported graph; the graph may hold further constants, but no weight may be missing."""
    weights = read_weights(path)
    missing = [name for name, _ in module.named_parameters() if name not in weights]
    if missing:
        raise SystemExit(f"{path} lacks {', '.join(missing[:5])}: it is no export of this architecture")
    module.load_state_dict({name: weights[name] for name, _ in module.named_parameters()}, strict=False)
    return module


def save_network(name: str, module: nn.Module, **facts) -> None:
    """Writes the checkpoint of a network whose optimiser starts anew."""
    state = module.state_dict()
    save_atomically({"model": state, "average": state, "step": 0, "random": torch.get_rng_state(), **facts},
                    work_path("checkpoints", f"{name}.pt"))


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train restore", description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL_FOLDER, help="folder of the exported model")
    parser.add_argument("--force", action="store_true", help="replace checkpoints that exist")
    options = parser.parse_args(arguments)
    if (WORK_FOLDER / "checkpoints").exists() and not options.force:
        raise SystemExit(f"{WORK_FOLDER} has checkpoints already; --force replaces them")
    torch.manual_seed(0)
    tokenizer = work_path("tokenizer", "tokenizer.json")
    shutil.copy(options.model / "tokenizer" / "tokenizer.json", tokenizer)
    config = json.loads((options.model / "vae_decoder" / "config.json").read_text("utf8"))
    work_path("latents", "statistics.json").write_text(json.dumps({key: config[key] for key in STATISTICS}), "utf8")

    text_encoder = TextEncoder(len(load_tokenizer(tokenizer).vocabulary))
    save_network("text", restore_weights(text_encoder, options.model / "text_encoder" / "model.onnx"))
    vae = Vae()
    restore_weights(vae.encoder, options.model / "vae_encoder" / "model.onnx")
    restore_weights(vae.decoder, options.model / "vae_decoder" / "model.onnx")
    save_network("vae", vae)
    trainer = Trainer(parse_options(["--until", "+0"]))
    restore_weights(trainer.model, options.model / "transformer" / "model.onnx")
    trainer.average.weights = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    save_atomically(trainer.state(), work_path("checkpoints", "transformer.pt"))
    print(f"{WORK_FOLDER}: checkpoints of {options.model}. Next: train.py latents, then train.py transformer")
