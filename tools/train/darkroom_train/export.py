"""Writes models/pocket or models/pocket-turbo from the checkpoints: ONNX graphs, configurations, tokenizer, licences and digests."""

import argparse
import hashlib
import json
import os
import shutil
from pathlib import Path

import torch

from .flow import NUM_TRAIN_TIMESTEPS, SHIFT, TURBO_STEPS, TURBO_TERMINAL
from .models import VARIANTS, PocketModel, load_pocket_model
from .onnx_files import export_onnx
from .paths import MODEL_FOLDER, TOOL_FOLDER
from .text_encoder import HIDDEN as TEXT_HIDDEN
from .text_encoder import NUM_QUERIES, WINDOW
from .tokenizer import BOS, EOS, PAD
from .transformer import HEAD_DIM, HEADS, LAYERS, PATCH, SAMPLE_SIZE
from .vae import COMPRESSION, LATENT_CHANNELS

MAX_TOKENS = 32768
MODEL_INDEX = {
    "_class_name": "PocketPipeline",
    "_diffusers_version": "0.35.0",
    "text_encoder": ["darkroom", "PocketTextEncoder"],
    "tokenizer": ["tokenizers", "PreTrainedTokenizerFast"],
    "transformer": ["darkroom", "PocketTransformer2DModel"],
    "vae_encoder": ["darkroom", "PocketVaeEncoder"],
    "vae_decoder": ["darkroom", "PocketVaeDecoder"],
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
}
# What a request that says nothing gets; scalars of a model index are a pipeline's settings, as diffusers' is_distilled is.
DEFAULTS = {"num_inference_steps": 20, "guidance_scale": 4.0}
TURBO_DEFAULTS = {"num_inference_steps": TURBO_STEPS, "guidance_scale": 1.0}
SCHEDULER = {
    "_class_name": "FlowMatchEulerDiscreteScheduler",
    "_diffusers_version": "0.35.0",
    "num_train_timesteps": NUM_TRAIN_TIMESTEPS,
    "shift": SHIFT,
    "use_dynamic_shifting": False,
    "base_shift": 0.5,
    "max_shift": 1.15,
    "base_image_seq_len": 256,
    "max_image_seq_len": 4096,
}


def write_json(path: Path, content: dict) -> None:
    """Writes one JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf8")


def write_configurations(model: PocketModel, folder: Path) -> None:
    """Writes every JSON file but the digests."""
    write_json(folder / "model_index.json", {**MODEL_INDEX, **(TURBO_DEFAULTS if model.distilled else DEFAULTS)})
    scheduler = {**SCHEDULER, "shift_terminal": TURBO_TERMINAL} if model.distilled else SCHEDULER
    write_json(folder / "scheduler" / "scheduler_config.json", scheduler)
    (folder / "tokenizer").mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer" / "tokenizer.json").write_text(json.dumps(model.tokenizer.to_json(), ensure_ascii=False), "utf8")
    write_json(folder / "tokenizer" / "tokenizer_config.json", {
        "model_max_length": MAX_TOKENS, "pad_token": PAD, "bos_token": BOS, "eos_token": EOS,
        "tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False,
    })
    write_json(folder / "text_encoder" / "config.json", {
        "_class_name": "PocketTextEncoder", "hidden_size": TEXT_HIDDEN, "num_query_tokens": NUM_QUERIES, "window_size": WINDOW,
        "max_position_embeddings": MAX_TOKENS, "vocab_size": len(model.tokenizer.vocabulary),
    })
    write_json(folder / "transformer" / "config.json", {
        "_class_name": "PocketTransformer2DModel", "in_channels": LATENT_CHANNELS, "patch_size": PATCH, "num_layers": LAYERS,
        "num_attention_heads": HEADS, "attention_head_dim": HEAD_DIM, "joint_attention_dim": TEXT_HIDDEN, "sample_size": SAMPLE_SIZE,
    })
    shared = {"latent_channels": LATENT_CHANNELS, "spatial_compression_ratio": COMPRESSION,
              **model.statistics, "sample_size": SAMPLE_SIZE * COMPRESSION}
    write_json(folder / "vae_decoder" / "config.json", {"_class_name": "PocketVaeDecoder", **shared})
    write_json(folder / "vae_encoder" / "config.json", {"_class_name": "PocketVaeEncoder", **shared})


def write_graphs(model: PocketModel, folder: Path) -> None:
    """Writes the four ONNX graphs."""
    batch, area = {0: "batch"}, {0: "batch", 2: "height", 3: "width"}
    latent_area = {0: "batch", 2: "latent_height", 3: "latent_width"}
    ids = torch.ones(2, 2 * WINDOW, dtype=torch.long)
    export_onnx(
        model.text_encoder, folder / "text_encoder" / "model.onnx", {"input_ids": ids, "attention_mask": ids},
        ["encoder_hidden_states", "pooled_projections"],
        {"input_ids": {0: "batch", 1: "sequence"}, "attention_mask": {0: "batch", 1: "sequence"},
         "encoder_hidden_states": batch, "pooled_projections": batch},
    )
    export_onnx(
        model.transformer, folder / "transformer" / "model.onnx",
        {"hidden_states": torch.randn(2, LATENT_CHANNELS, 12, 16), "timestep": torch.tensor([500.0, 250.0]),
         "encoder_hidden_states": torch.randn(2, NUM_QUERIES, TEXT_HIDDEN), "pooled_projections": torch.randn(2, TEXT_HIDDEN)},
        ["out_sample"],
        {"hidden_states": area, "timestep": batch, "encoder_hidden_states": batch, "pooled_projections": batch, "out_sample": area},
    )
    export_onnx(model.vae.decoder, folder / "vae_decoder" / "model.onnx", {"latent_sample": torch.randn(2, LATENT_CHANNELS, 4, 6)},
                ["sample"], {"latent_sample": latent_area, "sample": area})
    export_onnx(model.vae.encoder, folder / "vae_encoder" / "model.onnx", {"sample": torch.randn(2, 3, 64, 96)},
                ["latent_parameters"], {"sample": area, "latent_parameters": latent_area})


# What no service reads: the card and its picture.
NOT_DIGESTED = ("digests.json", "README.md", "training.png")


def write_digests(folder: Path) -> None:
    """Writes digests.json: the SHA-256 of every file that a service reads, and of the licences."""
    files = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if name not in NOT_DIGESTED:
            files[name] = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    write_json(folder / "digests.json", {"files": files})


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train export", description=__doc__)
    parser.add_argument("--variant", choices=VARIANTS, default="pocket")
    parser.add_argument("--out", type=Path, help="folder to write; the variant's own beside models/pocket by default")
    parser.add_argument("--allow-random", action="store_true", help="stand in random weights for what is not trained yet")
    parser.add_argument("--curve", type=Path, help="a plot of the training to ship as training.png; the former one stays otherwise")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model, facts = load_pocket_model(options.allow_random, options.variant)
    out = options.out or MODEL_FOLDER.with_name(options.variant)
    part = out.with_name(out.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    write_configurations(model, part)
    write_graphs(model, part)
    shutil.copytree(TOOL_FOLDER / "licences", part / "LICENSES")
    curve = options.curve or out / "training.png"
    if curve.exists():
        shutil.copy(curve, part / "training.png")
    shutil.copy(TOOL_FOLDER / "cards" / f"{options.variant}.md.template", part / "README.md")
    write_digests(part)
    # A rename swaps the whole folder, so that a running program never reads half of an export.
    former = out.with_name(out.name + ".former")
    shutil.rmtree(former, ignore_errors=True)
    if out.exists():
        os.replace(out, former)
    os.replace(part, out)
    shutil.rmtree(former, ignore_errors=True)
    size = sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    print(f"{out}: {size / 1e6:.1f} MB, transformer step {facts['step']}")
