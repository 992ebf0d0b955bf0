"""Keeps the transformer's averaged weights and a grid of its pictures as training goes on, to look at and to measure later."""

import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from .models import VARIANTS, PocketModel, load_pocket_model
from .paths import WORK_FOLDER, work_path
from .sample import draw, make_grid
from .training import save_atomically

# Few enough to cost some seconds, and of every kind that the course has.
PROMPTS = (
    "a cat on a purple background", "a red car", "a slice of pizza", "an owl", "a cup of coffee", "a blue star on a yellow background",
    "a rocket", "a dog left of a tree", "a red circle above a green square", "three bananas", "five fish", "a castle",
)
COLUMNS, TILE = 6, 128


def snapshot_paths(name: str) -> list:
    """Returns the snapshots of a training by the number of samples it had seen."""
    return sorted((WORK_FOLDER / "snapshots").glob(f"{name}-*.pt"))


def variant_of(name: str) -> str:
    """Returns which variant a training's transformer belongs to."""
    return next((variant for variant, checkpoint in VARIANTS.items() if checkpoint == name), "pocket")


def load_snapshot(path: Path) -> tuple:
    """Returns the whole model with a snapshot's transformer, and the facts step, samples and hours of that moment."""
    state = torch.load(path)
    model, _ = load_pocket_model(variant=variant_of(path.name.split("-")[0]))
    model.transformer.load_state_dict({name: value.float() for name, value in state["average"].items()})
    return model, {key: state[key] for key in ("step", "samples", "hours")}


class Snapshots:
    """Takes a snapshot every so many minutes."""

    def __init__(self, name: str, minutes: float):
        self.name, self.seconds, self.taken = name, minutes * 60, time.time()

    def due(self) -> bool:
        """Tells whether it is time for the next one."""
        return self.seconds > 0 and time.time() - self.taken >= self.seconds

    def take(self, average: dict, **facts: float) -> None:
        """Writes snapshots/NAME-SAMPLES.pt and samples/NAME-SAMPLES.png; uses no random state of the training."""
        self.taken = time.time()
        label = f"{self.name}-{facts['samples']:08}"
        weights = {name: value.half() for name, value in average.items()}
        save_atomically({"average": weights, **facts}, work_path("snapshots", f"{label}.pt"))
        with torch.random.fork_rng():
            model, _ = load_pocket_model(allow_random=True, variant=variant_of(self.name))
        model.transformer.load_state_dict(average)
        self._draw(model).save(work_path("samples", f"{label}.png"), optimize=True)

    @staticmethod
    def _draw(model: PocketModel) -> Image.Image:
        pictures = [Image.fromarray(picture).resize((TILE, TILE), Image.LANCZOS) for picture in draw(model, list(PROMPTS), steps=12)]
        return make_grid(np.stack([np.asarray(picture) for picture in pictures]), list(PROMPTS), COLUMNS)
