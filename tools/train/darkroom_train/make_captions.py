"""Writes what tools/evaluate asks of a model: captions with their facts, and a few real scenes as pictures."""

import argparse
import json
import random
from pathlib import Path

from PIL import Image

from .captions import article
from .catalogue import OBJECT_NAMES, OBJECTS, SHAPE_PLURALS
from .paths import REPOSITORY
from .scenes import Scene, Subject, make_scene, render, stable_hash
from .shards import is_core

EVALUATE_FOLDER = REPOSITORY / "tools" / "evaluate"
# Scenes of this seed are used for nothing else.
SEED = 41
# Training draws its scenes from seed 1; a count is new if none of the first so many shows the same.
TRAINING_SEED, TRAINING_SCENES = 1, 24_576
PATTERNS = {
    "horizontal": ("{a} left of {b}", "{b} right of {a}", "{a} to the left of {b}", "{b} to the right of {a}"),
    "vertical": ("{a} above {b}", "{b} below {a}", "{a} over {b}", "{b} under {a}"),
}
NUMBERS = {"count2": "two", "count3": "three", "count4": "four", "count5": "five"}


def phrase(subject: Subject) -> str:
    """Returns a subject with its article and colour."""
    words = " ".join(filter(None, (subject.colour, subject.name)))
    counted = subject.is_shape or OBJECTS[subject.name].article or subject.colour is not None
    return f"{article(words)} {words}" if counted else words


def plain_caption(scene: Scene, variant: int) -> str:
    """Returns the plainest true caption of a scene; variant chooses the wording of a relation."""
    if scene.layout in NUMBERS:
        subject = scene.first
        plural = SHAPE_PLURALS.get(subject.name, subject.name + "s") if subject.is_shape else OBJECTS[subject.name].plural
        text = " ".join(filter(None, (NUMBERS[scene.layout], subject.colour, plural)))
    elif scene.second is not None:
        text = PATTERNS[scene.layout][variant % 4].format(a=phrase(scene.first), b=phrase(scene.second))
    else:
        text = phrase(scene.first)
    return text if scene.background is None else f"{text} on {article(scene.background)} {scene.background} background"


def kind_of(scene: Scene) -> str:
    """Returns the kind of caption that a scene serves."""
    if scene.layout in NUMBERS:
        return "count"
    if scene.second is not None:
        return "pair"
    return "shape" if scene.first.is_shape else "background"


def combination(scene: Scene) -> tuple:
    """Returns what a caption can tell of a scene."""
    subjects = [subject and (subject.name, subject.colour) for subject in (scene.first, scene.second)]
    return scene.layout, *subjects, scene.background


def choose_scenes(per_kind: int) -> list:
    """Returns (kind, scene) in a fixed order: every object once, and combinations that training never shows."""
    objects = [("object", Scene("single", Subject(name, None), None, None, (0.0, 0.0), 1.0)) for name in OBJECT_NAMES]
    random.Random(SEED).shuffle(objects)
    unseen = {"background": [], "shape": [], "pair": []}
    index, used = 0, set()
    while min(map(len, unseen.values())) < per_kind:
        scene = make_scene(SEED, index, held_out=True)
        index += 1
        if combination(scene) not in used and len(unseen[kind_of(scene)]) < per_kind:
            used.add(combination(scene))
            unseen[kind_of(scene)].append(scene)
    shown = {combination(make_scene(TRAINING_SEED, i)) for i in range(TRAINING_SCENES)}
    # Numbers take turns, so that any first part of the captions holds as many of each.
    counts = {layout: [] for layout in NUMBERS}
    while min(map(len, counts.values())) < per_kind // len(NUMBERS):
        scene = make_scene(SEED, index)
        index += 1
        if scene.layout in counts and combination(scene) not in shown | used and len(counts[scene.layout]) < per_kind // len(NUMBERS):
            used.add(combination(scene))
            counts[scene.layout].append(scene)
    unseen["count"] = [scene for row in zip(*counts.values()) for scene in row]
    return objects + [(kind, scene) for kind, scenes in unseen.items() for scene in scenes]


def facts_of(scene: Scene) -> dict:
    """Returns the facts that the caption of a scene asks for; null where it asks for nothing."""
    return {
        "first": scene.first.name, "firstColour": scene.first.colour,
        "second": scene.second and scene.second.name, "secondColour": scene.second and scene.second.colour,
        "layout": scene.layout, "background": scene.background,
    }


def entries_of(chosen: list) -> list:
    """Returns the JSON entries of chosen scenes."""
    entries, numbers = [], {}
    for kind, scene in chosen:
        number = numbers[kind] = numbers.get(kind, 0) + 1
        caption = plain_caption(scene, stable_hash("variant", SEED, kind, number))
        entries.append({"id": f"{kind}-{number:03}", "kind": kind, "core": is_core(scene), "caption": caption, "facts": facts_of(scene)})
    return entries


def write_scenes(folder: Path, count: int) -> None:
    """Writes real scenes, kinds taking turns, as PNGs of few kilobytes with what they show in scenes.json."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen, index = [], 100_000
    wanted = [("background", "shape", "pair", "count")[i % 4] for i in range(count)]
    while len(chosen) < count:
        scene = make_scene(SEED, index, held_out=index % 2 == 0)
        index += 1
        named_ground = scene.background is not None or scene.tint == "white"
        if named_ground and kind_of(scene) == wanted[len(chosen)]:
            chosen.append((wanted[len(chosen)], scene))
    entries = entries_of(chosen)
    for entry, (_, scene) in zip(entries, chosen):
        # An unnamed background is white, which a picture shows as well as any other.
        entry["facts"]["background"] = scene.background or "white"
        Image.fromarray(render(scene)).save(folder / f"{entry['id']}.png", optimize=True)
    write_entries(folder / "scenes.json", "scenes", entries)


def write_entries(path: Path, name: str, entries: list) -> None:
    """Writes entries as JSON, one a line."""
    lines = ",\n    ".join(json.dumps(entry) for entry in entries)
    path.write_text(f'{{\n  "seed": {SEED},\n  "{name}": [\n    {lines}\n  ]\n}}\n', "utf8")


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train captions", description=__doc__)
    parser.add_argument("--per-kind", type=int, default=80, help="captions of each kind; objects are always all")
    parser.add_argument("--scenes", type=int, default=16, help="real scenes to write as pictures")
    parser.add_argument("--out", type=Path, default=EVALUATE_FOLDER)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    entries = entries_of(choose_scenes(options.per_kind))
    write_entries(options.out / "captions.json", "captions", entries)
    write_scenes(options.out / "scenes", options.scenes)
    print(f"{options.out}: {len(entries)} captions, {options.scenes} scenes")
