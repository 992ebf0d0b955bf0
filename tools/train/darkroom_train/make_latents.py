"""Encodes scenes into shards of latents and their captions into shards of text states, resumable shard by shard."""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from .captions import make_caption
from .models import load_text_encoder, load_vae
from .paths import WORK_FOLDER, work_path
from .scenes import make_scene, render
from .text_encoder import WINDOW, pad_tokens
from .training import Log, StopSignal, set_threads
from .vae import COMPRESSION, image_to_tensor

SHARD_SCENES = 512
CAPTIONS_PER_SCENE = 2
SEED = 1


def save_array(array: np.ndarray, path: Path) -> None:
    """Writes an array beside its path and renames it."""
    part = path.with_suffix(".part")
    with open(part, "wb") as file:
        np.save(file, array)
    os.replace(part, path)


@torch.no_grad()
def encode_scenes(vae, first: int, count: int) -> tuple:
    """Returns latent means [count, 16, 16, 16] and the images' colours at latent positions [count, 3, 16, 16], float16."""
    latents, colours = [], []
    for start in range(first, first + count, 16):
        indices = range(start, min(start + 16, first + count))
        images = image_to_tensor(np.stack([render(make_scene(SEED, i)) for i in indices]))
        latents.append(vae.encoder(images).half())
        colours.append(F.avg_pool2d(images, COMPRESSION).half())
    return torch.cat(latents), torch.cat(colours)


@torch.no_grad()
def encode_captions(tokenizer, text_encoder, first: int, count: int) -> tuple:
    """Returns states [captions, count, K, 256] and pooled [captions, count, 256] in float16."""
    states, pooled = [], []
    for variant in range(CAPTIONS_PER_SCENE):
        captions = [make_caption(make_scene(SEED, i), SEED, i, variant) for i in range(first, first + count)]
        tokens = [tokenizer.encode(caption) for caption in captions]
        # Captions of like length go together, so that few positions are padding.
        order = sorted(range(count), key=lambda row: len(tokens[row]))
        state_rows, pooled_rows = [None] * count, [None] * count
        for start in range(0, count, 64):
            rows = order[start:start + 64]
            longest = len(tokens[rows[-1]])
            output = text_encoder(*pad_tokens([tokens[row] for row in rows], WINDOW if longest > WINDOW else 8))
            for row, state, pool in zip(rows, *output):
                state_rows[row], pooled_rows[row] = state.half(), pool.half()
        states.append(torch.stack(state_rows))
        pooled.append(torch.stack(pooled_rows))
    return torch.stack(states), torch.stack(pooled)


def fit_statistics(folder: Path) -> dict:
    """Returns per-channel mean and deviation of latents, and the best linear map from normalised latents to colours."""
    paths = sorted(folder.glob("latents-*.npy"))[:8]
    latents = np.concatenate([np.load(p) for p in paths]).astype(np.float64)
    colours = np.concatenate([np.load(folder / p.name.replace("latents", "colours")) for p in paths]).astype(np.float64)
    mean, std = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
    rows = ((latents - mean[:, None, None]) / std[:, None, None]).transpose(0, 2, 3, 1).reshape(-1, len(mean))
    rows = np.concatenate((rows, np.ones((len(rows), 1))), axis=1)
    fit, *_ = np.linalg.lstsq(rows, colours.transpose(0, 2, 3, 1).reshape(-1, 3), rcond=None)
    rounded = np.round(fit, 5).tolist()
    return {"latents_mean": np.round(mean, 5).tolist(), "latents_std": np.round(std, 5).tolist(),
            "latent_rgb_factors": rounded[:-1], "latent_rgb_bias": rounded[-1]}


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train latents", description=__doc__)
    parser.add_argument("--scenes", type=int, default=24576)
    parser.add_argument("--only", choices=("latents", "text"), help="make only these shards")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    set_threads(options.threads)
    folder = work_path("latents", "x").parent
    stop, log, started = StopSignal(), Log("latents"), time.time()
    shards = -(-options.scenes // SHARD_SCENES)
    vae = None if options.only == "text" else load_vae()
    tokenizer, text_encoder = (None, None) if options.only == "latents" else load_text_encoder()
    for shard in range(shards):
        if stop:
            return
        first = shard * SHARD_SCENES
        if vae is not None and not (folder / f"latents-{shard:04}.npy").exists():
            latents, colours = encode_scenes(vae, first, SHARD_SCENES)
            save_array(colours.numpy(), folder / f"colours-{shard:04}.npy")
            save_array(latents.numpy(), folder / f"latents-{shard:04}.npy")
        if text_encoder is not None and not (folder / f"pooled-{shard:04}.npy").exists():
            states, pooled = encode_captions(tokenizer, text_encoder, first, SHARD_SCENES)
            save_array(states.numpy(), folder / f"states-{shard:04}.npy")
            save_array(pooled.numpy(), folder / f"pooled-{shard:04}.npy")
        rate = (shard + 1) * SHARD_SCENES / (time.time() - started)
        log.write((shards - shard - 1) * SHARD_SCENES / rate, shard=shard, scenes_per_second=rate)
    # The transformer was trained with the statistics that there are; only a new one may have others.
    if vae is not None and not (folder / "statistics.json").exists():
        (folder / "statistics.json").write_text(json.dumps(fit_statistics(folder)), "utf8")
    if text_encoder is not None:
        with torch.no_grad():
            states, pooled = text_encoder(*pad_tokens([tokenizer.encode("")]))
        torch.save({"states": states, "pooled": pooled}, WORK_FOLDER / "latents" / "empty.pt")
