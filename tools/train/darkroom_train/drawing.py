"""Draws shapes and recoloured sprites, each cached at the few sizes that scenes use."""

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from .catalogue import COLOURS, OBJECTS
from .paths import WORK_FOLDER

OVERSAMPLING = 4


def _regular_polygon(sides: int, radius: float = 1.0, turn: float = -math.pi / 2) -> list:
    return [
        (0.5 + 0.5 * radius * math.cos(turn + 2 * math.pi * k / sides), 0.5 + 0.5 * radius * math.sin(turn + 2 * math.pi * k / sides))
        for k in range(sides)
    ]


def _star() -> list:
    return [
        (0.5 + 0.52 * r * math.cos(-math.pi / 2 + math.pi * k / 5), 0.53 + 0.52 * r * math.sin(-math.pi / 2 + math.pi * k / 5))
        for k, r in enumerate([1.0, 0.42] * 5)
    ]


def _heart() -> list:
    points = []
    for k in range(120):
        t = 2 * math.pi * k / 120
        x = 16 * math.sin(t) ** 3
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((0.5 + x / 34, 0.46 - y / 34))
    return points


POLYGONS = {
    "square": [(0.07, 0.07), (0.93, 0.07), (0.93, 0.93), (0.07, 0.93)],
    "rectangle": [(0.0, 0.22), (1.0, 0.22), (1.0, 0.78), (0.0, 0.78)],
    "triangle": [(0.5, 0.04), (1.0, 0.94), (0.0, 0.94)],
    "diamond": [(0.5, 0.0), (0.86, 0.5), (0.5, 1.0), (0.14, 0.5)],
    "hexagon": _regular_polygon(6, turn=0.0),
    "pentagon": _regular_polygon(5),
    "cross": [(a, b) for a, b in (
        (0.34, 0.02), (0.66, 0.02), (0.66, 0.34), (0.98, 0.34), (0.98, 0.66), (0.66, 0.66),
        (0.66, 0.98), (0.34, 0.98), (0.34, 0.66), (0.02, 0.66), (0.02, 0.34), (0.34, 0.34))],
    "arrow": [(0.0, 0.36), (0.55, 0.36), (0.55, 0.12), (1.0, 0.5), (0.55, 0.88), (0.55, 0.64), (0.0, 0.64)],
    "star": _star(),
    "heart": _heart(),
}


@lru_cache(maxsize=None)
def shape_mask(shape: str, pixels: int) -> Image.Image:
    """Returns an anti-aliased mask [pixels, pixels] of a shape."""
    side = pixels * OVERSAMPLING
    mask = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(mask)
    if shape == "circle":
        pen.ellipse((0.02 * side, 0.02 * side, 0.98 * side, 0.98 * side), fill=255)
    elif shape == "oval":
        pen.ellipse((0.0, 0.2 * side, side, 0.8 * side), fill=255)
    elif shape == "crescent":
        pen.ellipse((0.02 * side, 0.02 * side, 0.98 * side, 0.98 * side), fill=255)
        pen.ellipse((0.3 * side, -0.04 * side, 1.18 * side, 0.84 * side), fill=0)
    else:
        pen.polygon([(x * side, y * side) for x, y in POLYGONS[shape]], fill=255)
    return mask.resize((pixels, pixels), Image.BOX)


@lru_cache(maxsize=None)
def shape_sprite(shape: str, colour: str, pixels: int) -> Image.Image:
    """Returns an RGBA image [pixels, pixels] of a shape in a named colour."""
    sprite = Image.new("RGBA", (pixels, pixels), COLOURS[colour] + (0,))
    sprite.putalpha(shape_mask(shape, pixels))
    return sprite


@lru_cache(maxsize=None)
def _full_sprite(name: str) -> Image.Image:
    return Image.open(WORK_FOLDER / "sprites" / f"{OBJECTS[name].icon}.png").convert("RGBA")


def recolour(sprite: Image.Image, rgb: tuple) -> Image.Image:
    """Moves the dominant hue of an RGBA sprite to that of a colour; other hues, greys and shading stay."""
    alpha = sprite.getchannel("A")
    hsv = np.asarray(sprite.convert("RGB").convert("HSV")).astype(np.float32)
    target = np.asarray(Image.new("RGB", (1, 1), rgb).convert("HSV")).astype(np.float32)[0, 0]
    vivid = (np.asarray(alpha) > 128) & (hsv[..., 1] > 80)
    dominant = np.bincount(hsv[..., 0][vivid].astype(int), minlength=256)
    dominant = int(np.argmax(np.convolve(np.tile(dominant, 3), np.ones(17), "same")[256:512]))
    distance = np.abs((hsv[..., 0] - dominant + 128) % 256 - 128)
    near = (distance < 28) & (hsv[..., 1] > 50)
    saturation, value = (np.median(hsv[..., k][near & vivid]) for k in (1, 2))
    hsv[..., 0][near] = target[0]
    hsv[..., 1][near] = np.clip(hsv[..., 1][near] * target[1] / saturation, 0, 255)
    hsv[..., 2][near] = np.clip(hsv[..., 2][near] * target[2] / value, 0, 255)
    result = Image.fromarray(hsv.astype(np.uint8), "HSV").convert("RGBA")
    result.putalpha(alpha)
    return result


@lru_cache(maxsize=4096)
def object_sprite(name: str, colour: str | None, pixels: int, mirrored: bool = False) -> Image.Image:
    """Returns an RGBA image [pixels, pixels] of an object, recoloured if a colour is named."""
    sprite = _full_sprite(name)
    if colour is not None:
        sprite = recolour(sprite, COLOURS[colour])
    if mirrored:
        sprite = sprite.transpose(Image.FLIP_LEFT_RIGHT)
    return sprite.resize((pixels, pixels), Image.LANCZOS)
