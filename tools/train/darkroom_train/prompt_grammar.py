"""Grammars that prompts are drawn from: templates with alternatives `(a|b)` and slots `{name}`, in the files of `prompts/`."""

import random
from pathlib import Path
from typing import Callable

from .paths import TOOL_FOLDER

PROMPTS_FOLDER = TOOL_FOLDER / "prompts"
# Turns a random generator into text.
Draw = Callable[[random.Random], str]


def read_sections(path: Path) -> dict:
    """Returns the lines of a grammar's file by the name of the section `[name]` that they stand in; `#` begins a comment."""
    sections: dict = {}
    for number, raw in enumerate(path.read_text("utf8").splitlines(), 1):
        line = raw.rstrip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            lines = sections.setdefault(line[1:-1], [])
        elif not sections:
            raise ValueError(f"{path.name}:{number} stands in no section")
        else:
            lines.append(line)
    return sections


class Grammar:
    """Draws texts from templates; slots are sections called `slot NAME`, or what `outside` knows."""

    def __init__(self, sections: dict, outside: dict):
        self.lines = {name: [self._alternatives(line) for line in lines] for name, lines in sections.items()}
        self.outside = outside
        self.slots = {name[5:]: draws for name, draws in self.lines.items() if name.startswith("slot ")}

    def draw(self, section: str, rng: random.Random) -> str:
        """Returns one text of a section, each of its lines being as likely."""
        return " ".join(rng.choice(self.lines[section])(rng).split()).replace(" ,", ",")

    def _slot(self, name: str) -> Draw:
        def draw(rng: random.Random) -> str:
            if name in self.slots:
                return rng.choice(self.slots[name])(rng)
            if name in self.outside:
                return rng.choice(self.outside[name])
            raise ValueError(f"no slot is called {name}")
        return draw

    def _alternatives(self, text: str) -> Draw:
        options = [self._sequence(part) for part in split_alternatives(text)]
        return options[0] if len(options) == 1 else lambda rng: rng.choice(options)(rng)

    def _sequence(self, text: str) -> Draw:
        parts, literal, place = [], "", 0
        while place < len(text):
            if text[place] in "({":
                end = closing(text, place)
                inner = text[place + 1:end]
                parts += [literal, self._alternatives(inner) if text[place] == "(" else self._slot(inner)]
                literal, place = "", end + 1
            else:
                literal, place = literal + text[place], place + 1
        parts.append(literal)
        return lambda rng: "".join(part if isinstance(part, str) else part(rng) for part in parts)


def split_alternatives(text: str) -> list:
    """Splits a template at each `|` that stands in no brackets."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def closing(text: str, start: int) -> int:
    """Returns where the bracket that opens at `start` is closed."""
    pair = {"(": ")", "{": "}"}[text[start]]
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == text[start]) - (text[place] == pair)
        if depth == 0:
            return place
    raise ValueError(f"a bracket is not closed: {text}")
