"""Writes inputs and torch outputs of the exported parts, for check-parity.ts to compare with ONNX Runtime."""

import argparse
import json

import numpy as np
import torch
from torch import Tensor

from .models import VARIANTS, load_pocket_model
from .paths import work_path
from .text_encoder import HIDDEN, NUM_QUERIES, pad_tokens
from .vae import LATENT_CHANNELS

LATENT_SIZES = ((2, 4, 4), (1, 16, 16), (1, 8, 24), (2, 20, 12), (1, 64, 64))
TOKEN_LENGTHS = (2, 12, 63, 65, 500, 4000, 32768)
TEXTS = (
    "", "a slice of pizza", "A Yellow STAR on a black background", "three bananas", "  spaced   out\ttext\n", "naïve café 12½ 🍕!",
    "it's a dog's life; they'll see", "日本語のテキスト", "x" * 200, "a wizard riding a locomotive in Zürich, 1984 (oil on canvas)",
)


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train parity", description=__doc__)
    parser.add_argument("--allow-random", action="store_true")
    parser.add_argument("--variant", choices=VARIANTS, default="pocket")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model, _ = load_pocket_model(options.allow_random, options.variant)
    cases = []

    def add(part: str, inputs: dict, outputs: dict) -> None:
        case = {"part": part, "inputs": {}, "outputs": {}}
        for group, tensors in (("inputs", inputs), ("outputs", outputs)):
            for name, tensor in tensors.items():
                file = f"{len(cases)}-{name}.bin"
                kind = "int64" if tensor.dtype == torch.int64 else "float32"
                work_path("parity", file).write_bytes(np.ascontiguousarray(tensor.numpy()).tobytes())
                case[group][name] = {"file": file, "type": kind, "dims": list(tensor.shape)}
        cases.append(case)

    def noise(*shape: int) -> Tensor:
        return torch.randn(*shape)

    with torch.no_grad():
        for length in TOKEN_LENGTHS:
            tokens = torch.randint(3, len(model.tokenizer.vocabulary), (length,)).tolist()
            input_ids, attention_mask = pad_tokens([tokens, tokens[:2]])
            states, pooled = model.text_encoder(input_ids, attention_mask)
            add("text_encoder", {"input_ids": input_ids, "attention_mask": attention_mask},
                {"encoder_hidden_states": states, "pooled_projections": pooled})
        for batch, height, width in LATENT_SIZES:
            latents = noise(batch, LATENT_CHANNELS, height, width)
            states, pooled = noise(batch, NUM_QUERIES, HIDDEN), noise(batch, HIDDEN)
            timestep = torch.rand(batch) * 1000
            add("transformer", {"hidden_states": latents, "timestep": timestep, "encoder_hidden_states": states, "pooled_projections": pooled},
                {"out_sample": model.transformer(latents, timestep, states, pooled)})
            image = model.vae.decoder(latents)
            add("vae_decoder", {"latent_sample": latents}, {"sample": image})
            add("vae_encoder", {"sample": image}, {"latent_parameters": model.vae.encoder(image)})
    tokenizations = [{"text": text, "ids": model.tokenizer.encode(text)} for text in TEXTS]
    work_path("parity", "cases.json").write_text(json.dumps({"cases": cases, "tokenizations": tokenizations}), "utf8")
    print(f"{len(cases)} cases written to {work_path('parity')}")
