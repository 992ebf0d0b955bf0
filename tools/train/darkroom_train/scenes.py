"""Scenes: what a training picture shows, as a pure function of (seed, index)."""

import hashlib
import random
from dataclasses import dataclass

import numpy as np
from PIL import Image

from .catalogue import COLOUR_NAMES, COLOURS, OBJECT_COLOURS, OBJECT_NAMES, OBJECTS, SHAPES, TINTS
from .drawing import object_sprite, shape_sprite

CANVAS = 256
LAYOUTS = ("none", "single", "horizontal", "vertical", "count2", "count3", "count4", "count5")

# Centres (x, y) and side of each place, as fractions of the canvas.
PLACES = {
    "single": ([(0.5, 0.5)], 0.70),
    "horizontal": ([(0.27, 0.5), (0.73, 0.5)], 0.42),
    "vertical": ([(0.5, 0.27), (0.5, 0.73)], 0.42),
    "count2": ([(0.27, 0.5), (0.73, 0.5)], 0.42),
    "count3": ([(0.5, 0.27), (0.27, 0.73), (0.73, 0.73)], 0.40),
    "count4": ([(0.27, 0.27), (0.73, 0.27), (0.27, 0.73), (0.73, 0.73)], 0.40),
    "count5": ([(0.2, 0.2), (0.8, 0.2), (0.5, 0.5), (0.2, 0.8), (0.8, 0.8)], 0.32),
}
SCALES = (0.96, 1.0, 1.04)
MAX_SHIFT = 0.02
# An unnamed background is white, or in so many scenes a pale tint.
TINTED_SHARE = 0.5


@dataclass(frozen=True)
class Subject:
    """An object or a shape with the colour that captions name, or None; paint is a colour it has though no caption names it."""

    name: str
    colour: str | None
    paint: str | None = None

    @property
    def visible_colour(self) -> str | None:
        """The colour it is drawn in; None for that of its drawing."""
        return self.colour or self.paint

    @property
    def is_shape(self) -> bool:
        return self.name in SHAPES


@dataclass(frozen=True)
class Scene:
    """What one picture shows: one subject, or two in the places of a pair layout, on a plain background.

    Captions never tell the tint of an unnamed background, the paint of a subject, or whether objects are mirrored: these
    are what seeds may choose.
    """

    layout: str
    first: Subject
    second: Subject | None
    background: str | None
    shift: tuple
    scale: float
    mirrored: bool = False
    tint: str = "white"


def stable_hash(*parts: object) -> int:
    """Returns a number that depends only on the parts, alike on every machine and run."""
    text = "|".join(map(str, parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def is_held_out(scene: Scene) -> bool:
    """Tells whether a scene's combination is kept out of training: one pair in ten, one subject x background in ten."""
    if scene.second is not None:
        first, second = scene.first, scene.second
        return stable_hash("pair", scene.layout, first.colour, first.name, second.colour, second.name) % 10 == 0
    if scene.background is not None and scene.layout == "single":
        return stable_hash("background", scene.first.name, scene.first.colour, scene.background) % 10 == 0
    return False


def _shape(rng: random.Random, avoid: tuple = ()) -> Subject:
    return Subject(rng.choice(SHAPES), rng.choice([c for c in COLOUR_NAMES if c not in avoid]))


def _object(rng: random.Random, avoid: tuple = ()) -> Subject:
    name = rng.choice(OBJECT_NAMES)
    if OBJECTS[name].recolour and rng.random() < 0.8:
        colour = rng.choice([c for c in OBJECT_COLOURS if c not in avoid])
        return Subject(name, colour) if rng.random() < 0.7 else Subject(name, None, colour)
    return Subject(name, None)


def _draw_facts(rng: random.Random) -> Scene:
    kind = rng.random()
    background = rng.choice(COLOUR_NAMES) if rng.random() < 0.45 else None
    # A white shape would vanish on the white of an unnamed background.
    avoid = (background or "white",)
    second = None
    if kind < 0.52:
        layout, first = "single", _object(rng, avoid)
    elif kind < 0.65:
        layout, first = "single", _shape(rng, avoid)
    elif kind < 0.84:
        layout = "horizontal" if rng.random() < 0.6 else "vertical"
        make = (_shape, _shape) if rng.random() < 0.4 else (_object, _object) if rng.random() < 0.7 else rng.sample((_shape, _object), 2)
        first, second = make[0](rng, avoid), make[1](rng, avoid)
        if rng.random() < 0.5:
            background = None
            if "white" in (first.colour, second.colour):
                background = "black" if "black" not in (first.colour, second.colour) else "blue"
    else:
        layout = "count" + rng.choice("22334455")
        first = (_shape if rng.random() < 0.3 else _object)(rng, avoid)
    shift = (rng.uniform(-MAX_SHIFT, MAX_SHIFT), rng.uniform(-MAX_SHIFT, MAX_SHIFT))
    tint = rng.choice(list(TINTS)) if rng.random() < TINTED_SHARE else "white"
    return Scene(layout, first, second, background, shift, rng.choice(SCALES), rng.random() < 0.5, tint)


def _is_valid(scene: Scene) -> bool:
    if scene.second is not None and scene.first == scene.second:
        return False
    background = scene.background or "white"
    return all(s is None or s.visible_colour != background for s in (scene.first, scene.second))


def make_scene(seed: int, index: int, held_out: bool = False) -> Scene:
    """Returns scene `index` of a seed; with held_out, one of the combinations that training never shows."""
    rng = random.Random(stable_hash("scene", seed, index, held_out))
    while True:
        scene = _draw_facts(rng)
        if _is_valid(scene) and is_held_out(scene) == held_out:
            return scene


def render(scene: Scene, size: int = CANVAS) -> np.ndarray:
    """Draws a scene as uint8 pixels [size, size, 3]."""
    ground = COLOURS[scene.background] if scene.background else {**COLOURS, **TINTS}[scene.tint]
    canvas = Image.new("RGB", (size, size), ground)
    centres, side = PLACES[scene.layout]
    pixels = round(side * scene.scale * size)
    for place, (x, y) in enumerate(centres):
        subject = scene.second if place == 1 and scene.second is not None else scene.first
        if subject.is_shape:
            sprite = shape_sprite(subject.name, subject.colour, pixels)
        else:
            sprite = object_sprite(subject.name, subject.visible_colour, pixels, scene.mirrored)
        left = round((x + scene.shift[0]) * size - pixels / 2)
        top = round((y + scene.shift[1]) * size - pixels / 2)
        canvas.paste(sprite, (left, top), sprite)
    return np.asarray(canvas)
