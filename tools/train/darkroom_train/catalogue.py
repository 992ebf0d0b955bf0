"""The objects, shapes and colours that scenes are made of."""

import json
from dataclasses import dataclass

from .paths import TOOL_FOLDER

COLOURS = {
    "red": (222, 40, 48),
    "orange": (250, 140, 30),
    "yellow": (252, 214, 40),
    "green": (52, 168, 76),
    "blue": (42, 96, 220),
    "purple": (136, 66, 188),
    "pink": (248, 138, 184),
    "brown": (134, 86, 52),
    "black": (24, 24, 26),
    "white": (255, 255, 255),
    "gray": (142, 144, 148),
    "turquoise": (48, 200, 196),
}
COLOUR_NAMES = tuple(COLOURS)
# Pale backgrounds that no caption names.
TINTS = {
    "cream": (255, 245, 218),
    "sky": (218, 236, 252),
    "mint": (218, 245, 228),
    "blush": (254, 228, 234),
    "lilac": (234, 226, 250),
}
# Hue rotation cannot make these four out of a coloured drawing, so objects are not recoloured to them.
OBJECT_COLOURS = tuple(c for c in COLOUR_NAMES if c not in ("black", "white", "gray", "brown", "turquoise"))

SHAPES = (
    "circle", "square", "triangle", "star", "heart", "diamond", "rectangle",
    "oval", "hexagon", "pentagon", "cross", "crescent", "arrow",
)
SHAPE_PLURALS = {"square": "squares", "cross": "crosses"}


@dataclass(frozen=True)
class CatalogueObject:
    """One drawable object: its icon, its name in captions, whether it may be recoloured, and whether
    it is one of the commonest, which a short training attends to first."""

    icon: str
    name: str
    aliases: tuple
    plural: str
    article: bool
    recolour: bool
    core: bool


def load_objects() -> dict:
    """Reads objects.json and returns the objects by name, in file order."""
    entries = json.loads((TOOL_FOLDER / "objects.json").read_text("utf8"))
    return {
        e["name"]: CatalogueObject(
            e["icon"], e["name"], tuple(e["aliases"]), e["plural"], e["article"], e.get("recolour", False), e.get("core", False)
        )
        for e in entries
    }


OBJECTS = load_objects()
OBJECT_NAMES = tuple(OBJECTS)
SUBJECTS = OBJECT_NAMES + SHAPES
