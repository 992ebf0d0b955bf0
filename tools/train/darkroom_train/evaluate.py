"""Measures the model without human eyes: generated pictures are matched with drawn candidates.

A picture of "a dog" counts as right if, among drawings of all objects on the same background, the dog is nearest.
A held-out pair of shapes counts by place: the nearest of all shapes in all colours must be the one asked for.
"""

import argparse
import json
from functools import lru_cache

import numpy as np
import torch
from PIL import Image

from .catalogue import COLOUR_NAMES, OBJECT_NAMES, SHAPES, SUBJECTS
from .captions import article
from .models import PocketModel, load_pocket_model
from .paths import work_path
from .sample import draw
from .scenes import PLACES, Scene, Subject, make_scene, render
from .train_vae import measure_psnr

COMPARED_SIDE = 32


def shrink(picture: np.ndarray) -> np.ndarray:
    """Returns a picture [height, width, 3] as floats [32, 32, 3]; small shifts and blur hardly matter then."""
    return np.asarray(Image.fromarray(picture).resize((COMPARED_SIDE, COMPARED_SIDE), Image.BOX)).astype(np.float32)


@lru_cache(maxsize=32)
def single_candidates(background: str | None) -> np.ndarray:
    """Returns drawings [objects, 32, 32, 3] of every object on a background."""
    return np.stack([shrink(render(Scene("single", Subject(n, None), None, background, (0, 0), 1.0))) for n in OBJECT_NAMES])


def nearest(picture: np.ndarray, candidates: np.ndarray) -> int:
    """Returns the index of the candidate with the smallest squared difference."""
    return int(((candidates - shrink(picture)) ** 2).mean((1, 2, 3)).argmin())


def measure_objects(model: PocketModel, names: list, guidance: float) -> dict:
    """Returns the share of single objects drawn right and the names that were not."""
    pictures = draw(model, [f"{article(name)} {name}" for name in names], guidance=guidance)
    told = [OBJECT_NAMES[nearest(picture, single_candidates(None))] for picture in pictures]
    wrong = {name: seen for name, seen in zip(names, told) if name != seen}
    return {"objects": 1 - len(wrong) / len(names), "wrong": wrong}


def place_crop(picture: np.ndarray, layout: str, place: int) -> np.ndarray:
    """Returns the square around one place of a pair layout."""
    side = picture.shape[0]
    (x, y), half = PLACES[layout][0][place], 0.23 * side
    left, top = round(x * side - half), round(y * side - half)
    return picture[max(0, top):top + round(2 * half), max(0, left):left + round(2 * half)]


def measure_held_out_pairs(model: PocketModel, count: int, guidance: float) -> dict:
    """Returns shares right per place, over held-out pairs of shapes on white: shape, colour, and whole pictures."""
    scenes = (make_scene(997, i, held_out=True) for i in range(100_000))
    chosen = []
    for scene in scenes:
        if scene.second is not None and scene.first.is_shape and scene.second.is_shape and scene.background is None:
            chosen.append(scene)
        if len(chosen) == count:
            break
    phrases = [[f"{article(s.colour)} {s.colour} {s.name}" for s in (scene.first, scene.second)] for scene in chosen]
    relation = {"horizontal": "left of", "vertical": "above"}
    pictures = draw(model, [f"{a} {relation[s.layout]} {b}" for s, (a, b) in zip(chosen, phrases)], guidance=guidance)
    kinds = [(shape, colour) for shape in SHAPES for colour in COLOUR_NAMES if colour != "white"]
    shape_right = colour_right = whole_right = 0
    for scene, picture in zip(chosen, pictures):
        right = []
        for place, subject in enumerate((scene.first, scene.second)):
            drawn = [place_crop(render(Scene(scene.layout, Subject(*k), Subject(*k), None, (0, 0), 1.0)), scene.layout, place) for k in kinds]
            seen = kinds[nearest(place_crop(picture, scene.layout, place), np.stack([shrink(d) for d in drawn]))]
            shape_right += seen[0] == subject.name
            colour_right += seen[1] == subject.colour
            right.append(seen == (subject.name, subject.colour))
        whole_right += all(right)
    return {"pair_shapes": shape_right / count / 2, "pair_colours": colour_right / count / 2, "pairs_whole": whole_right / count}


def measure_backgrounds(model: PocketModel, count: int, guidance: float) -> dict:
    """Returns shares right over held-out object x background combinations: background colour and object."""
    scenes = (make_scene(996, i, held_out=True) for i in range(100_000))
    chosen = [s for s, _ in zip((s for s in scenes if s.second is None and not s.first.is_shape and s.first.colour is None), range(count))]
    prompts = [f"{article(s.first.name)} {s.first.name} on {article(s.background)} {s.background} background" for s in chosen]
    pictures = draw(model, prompts, guidance=guidance)
    objects = backgrounds = 0
    for scene, picture in zip(chosen, pictures):
        corner = picture[:24, :24].reshape(-1, 3).mean(0)
        plain = np.stack([render(Scene("single", Subject("circle", "red"), None, c, (0, 0), 1.0))[0, 0] for c in COLOUR_NAMES]).astype(float)
        backgrounds += COLOUR_NAMES[int(((plain - corner) ** 2).sum(1).argmin())] == scene.background
        objects += OBJECT_NAMES[nearest(picture, single_candidates(scene.background))] == scene.first.name
    return {"background_colours": backgrounds / count, "background_objects": objects / count}


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train evaluate", description=__doc__)
    parser.add_argument("--objects", type=int, default=len(OBJECT_NAMES), help="how many of the objects to draw")
    parser.add_argument("--count", type=int, default=40, help="held-out pairs, and held-out object x background combinations")
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    model, facts = load_pocket_model()
    result = {"step": facts["step"], "samples": facts["samples"], "hours": round(facts["seconds"] / 3600, 2),
              "subjects": len(SUBJECTS), "vae_psnr": measure_psnr(model.vae, model.vae.state_dict())}
    result.update(measure_objects(model, list(OBJECT_NAMES[:: -(-len(OBJECT_NAMES) // options.objects)]), options.guidance))
    result.update(measure_held_out_pairs(model, options.count, options.guidance))
    result.update(measure_backgrounds(model, options.count, options.guidance))
    print(json.dumps(result, indent=2))
    work_path("logs", "evaluation.json").write_text(json.dumps(result, indent=2), "utf8")
