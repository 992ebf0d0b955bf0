"""Draws prompts from the newest checkpoint as one grid, to look at."""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from .flow import sample, sample_turbo
from .models import VARIANTS, PocketModel, load_pocket_model
from .paths import work_path
from .vae import COMPRESSION, LATENT_CHANNELS, tensor_to_image

PROMPTS = (
    "a slice of pizza", "a yellow star on a black background", "a red circle left of a blue square",
    "a red apple on a blue background", "a cat on a purple background", "three bananas", "a dog", "a house", "a car",
    "a sunflower", "a green triangle", "a photo of a rocket", "a blue car", "a cup of coffee", "an elephant", "two penguins",
    "a pink heart on a white background", "a green tree above a yellow square", "a snowman on a blue background", "a castle",
)


def draw(model: PocketModel, prompts: list, height: int = 256, width: int = 256, steps: int = 20, guidance: float = 4.0, seed: int = 0):
    """Returns uint8 pictures [prompts, height, width, 3]; a distilled model has its own steps and takes no guidance."""
    pictures = []
    for place, prompt in enumerate(prompts):
        generator = torch.Generator().manual_seed(seed + place)
        noise = torch.randn(1, LATENT_CHANNELS, height // COMPRESSION, width // COMPRESSION, generator=generator)
        if model.distilled:
            latents = sample_turbo(model.transformer, noise, *model.encode([prompt]))
        else:
            latents = sample(model.transformer, noise, *model.encode([prompt]), *model.encode([""]), steps=steps, guidance=guidance)
        pictures.append(tensor_to_image(model.decode(latents))[0])
    return np.stack(pictures)


def make_grid(pictures: np.ndarray, prompts: list, columns: int) -> Image.Image:
    """Returns one picture of all pictures with their prompts below."""
    height, width, label = pictures.shape[1], pictures.shape[2], 18
    rows = -(-len(pictures) // columns)
    grid = Image.new("RGB", (columns * width, rows * (height + label)), (255, 255, 255))
    pen = ImageDraw.Draw(grid)
    for place, (picture, prompt) in enumerate(zip(pictures, prompts)):
        left, top = place % columns * width, place // columns * (height + label)
        grid.paste(Image.fromarray(picture), (left, top))
        pen.text((left + 4, top + height + 3), prompt[: width // 6], fill=(40, 40, 40))
    return grid


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train sample", description=__doc__)
    parser.add_argument("--out", type=Path, default=work_path("samples", "grid.png"))
    parser.add_argument("--prompt", action="append", help="a prompt; may be repeated")
    parser.add_argument("--variant", choices=VARIANTS, default="pocket")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--size", default="256x256", help="width x height, multiples of 32")
    parser.add_argument("--columns", type=int, default=5)
    parser.add_argument("--tile", type=int, default=256, help="width of each picture in the grid")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    width, height = map(int, options.size.split("x"))
    prompts = options.prompt or list(PROMPTS)
    model, facts = load_pocket_model(variant=options.variant)
    pictures = draw(model, prompts, height, width, options.steps, options.guidance, options.seed)
    tile = (options.tile, options.tile * height // width)
    pictures = np.stack([np.asarray(Image.fromarray(picture).resize(tile, Image.LANCZOS)) for picture in pictures])
    make_grid(pictures, prompts, options.columns).quantize(256).save(options.out, optimize=True)
    print(f"{options.out}: {len(prompts)} prompts, step {facts['step']}")
