"""Draws all objects of the catalogue, and some captioned scenes, as contact sheets: what the model learns from, to look at."""

import argparse

import numpy as np
from PIL import Image

from .captions import make_caption
from .catalogue import OBJECT_NAMES
from .make_latents import SEED
from .paths import work_path
from .sample import make_grid
from .scenes import Scene, Subject, make_scene, render

TILE = 96


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train sheet", description=__doc__)
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--columns", type=int, default=12)
    options = parser.parse_args(arguments)
    objects = [Scene("single", Subject(name, None), None, None, (0, 0), 1.0) for name in OBJECT_NAMES]
    scenes = [make_scene(SEED, index) for index in range(options.scenes)]
    sheets = {
        "objects": (objects, list(OBJECT_NAMES)),
        "scenes": (scenes, [make_caption(scene, SEED, index, filler_share=0.0) for index, scene in enumerate(scenes)]),
    }
    for name, (drawn, labels) in sheets.items():
        pictures = [np.asarray(Image.fromarray(render(scene)).resize((TILE, TILE), Image.LANCZOS)) for scene in drawn]
        path = work_path("samples", f"sheet-{name}.png")
        make_grid(np.stack(pictures), labels, options.columns).save(path, optimize=True)
        print(f"{path}: {len(drawn)} {name}")
