"""Captions: true sentences about a scene, as a pure function of (scene, seed, index, variant)."""

import random
from dataclasses import replace

from .catalogue import OBJECTS, SHAPE_PLURALS
from .scenes import Scene, Subject, stable_hash

PREFIXES = (
    "a photo of ", "an image of ", "a picture of ", "picture of ", "an illustration of ", "a drawing of ", "a painting of ",
    "image of ", "draw ", "generate ", "show me ", "please draw ", "there is ", "a flat illustration of ", "clip art of ",
)
SUFFIXES = (
    ", flat illustration", ", high quality", ", highly detailed", ", 4k", ", centered", ", simple", ", vector art",
    ", digital art", ", clean lines", ", beautiful", ", sharp focus", ", best quality, detailed", ", minimal", ", cute",
)
BACKGROUNDS = (
    "{np} on a {c} background", "{np} on a {c} background", "{np} against a {c} background", "{np} against a {c} backdrop",
    "{c} background, {np}", "{np}, {c} background", "{np} with a {c} background", "{np} in front of a {c} background",
    "on a {c} background, {np}", "{np} on {c}", "{np}, on a {c} backdrop", "{np} on a plain {c} background",
)
HORIZONTAL = (
    "{a} left of {b}", "{a} left of {b}", "{a} to the left of {b}", "{a} on the left of {b}", "{a} on the left and {b} on the right",
    "{b} right of {a}", "{b} to the right of {a}", "{b} on the right of {a}", "{b} on the right and {a} on the left",
    "on the left {a}, on the right {b}", "{a} next to {b}", "{a} beside {b}", "{a} and {b}", "{a} with {b}",
    "{a} and {b} side by side", "{a} and to the right of it {b}", "{b} and to the left of it {a}",
)
VERTICAL = (
    "{a} above {b}", "{a} above {b}", "{a} over {b}", "{a} on top of {b}", "{b} below {a}", "{b} under {a}", "{b} underneath {a}",
    "{b} beneath {a}", "{a} at the top and {b} at the bottom", "{b} at the bottom and {a} at the top", "{a} with {b} below it",
)
NUMBERS = {2: ("two", "2", "a pair of"), 3: ("three", "3"), 4: ("four", "4"), 5: ("five", "5")}
# Sentences without a colour, a count or a subject's name: they change nothing about the scene.
FILLERS = (
    "The style is simple and friendly.", "Use clean lines and soft edges.", "It should look good on a poster.",
    "The composition is calm and well balanced.", "Keep the rest of the picture empty.", "The light is even.",
    "I want to use this for a presentation.", "This is for a children's story.", "Make it look professional.",
    "The picture should be easy to understand at a glance.", "No text, no watermark, no frame.", "Thank you very much!",
    "Please pay attention to the details.", "Everything is drawn in a flat modern style.", "The mood is cheerful and warm.",
    "It is part of a series about everyday things.", "The quality must be as high as possible.", "Trending, award winning.",
    "We have been working on this project for a long time and now need an illustration.", "Masterpiece, best quality.",
    "The audience consists of people who like design.", "Do not add anything else.", "The result will be printed later.",
    "My friend asked me for a nice picture for the kitchen wall.", "The contours are smooth and the shading is minimal.",
    "High resolution, sharp focus, detailed.", "In the style of a modern icon set.", "It was made by a skilled artist.",
)
# Words that people add and the pictures cannot show; the text encoder learns to read past them.
ADJECTIVES = (
    "cute", "little", "big", "small", "large", "beautiful", "nice", "lovely", "simple", "happy", "funny", "old", "new", "young",
    "shiny", "tiny", "huge", "pretty", "single", "cartoon", "realistic", "flat", "fresh", "delicious", "friendly", "classic",
    "modern", "stylish", "detailed", "adorable", "colorful", "great", "perfect", "tasty", "wild", "magnificent", "solid", "filled",
)
DETAILS = (
    " sitting", " standing", " in the middle", " in the center", " looking at the camera", " in flat style", " seen from the side",
    " with soft light", " for kids", " as an icon", " floating", " alone", " isolated", " close up", " full view", " in the picture",
)
UNCOUNTED_ALIASES = {"fries", "coffee", "milk", "planet earth", "lightning"}
THE = {"sun", "moon", "earth"}


def article(word: str) -> str:
    """Returns "a" or "an" for the word that follows."""
    vowel = word[0] in "aeiou" and not word.startswith(("uni", "ufo", "eu", "one"))
    return "an" if vowel else "a"


def _noun_phrase(rng: random.Random, subject: Subject) -> str:
    name, counted = subject.name, True
    if not subject.is_shape:
        entry = OBJECTS[name]
        counted = entry.article
        if entry.aliases and rng.random() < 0.35:
            name = rng.choice(entry.aliases)
            counted = name not in UNCOUNTED_ALIASES and (entry.article or " of " in name)
    phrase = name if subject.colour is None else f"{_colour(rng, subject.colour)} {name}"
    if rng.random() < 0.12:
        phrase = " ".join((*rng.sample(ADJECTIVES, rng.choice((1, 1, 2))), phrase))
    if subject.colour is None and name in THE:
        return f"the {phrase}" if rng.random() < 0.6 or not counted else f"{article(phrase)} {phrase}"
    if not counted or rng.random() < 0.1:
        return phrase
    return f"{article(phrase)} {phrase}"


def _plural_phrase(rng: random.Random, subject: Subject, count: int) -> str:
    plural = SHAPE_PLURALS.get(subject.name, subject.name + "s") if subject.is_shape else OBJECTS[subject.name].plural
    colour = "" if subject.colour is None else _colour(rng, subject.colour) + " "
    adjective = rng.choice(ADJECTIVES) + " " if rng.random() < 0.12 else ""
    return f"{rng.choice(NUMBERS[count])} {adjective}{colour}{plural}"


def _colour(rng: random.Random, colour: str) -> str:
    return rng.choice(("gray", "grey")) if colour == "gray" else colour


def _key_phrase(rng: random.Random, scene: Scene) -> str:
    if scene.layout.startswith("count"):
        phrase = _plural_phrase(rng, scene.first, int(scene.layout[5:]))
    elif scene.second is None:
        phrase = _noun_phrase(rng, scene.first) + (rng.choice(DETAILS) if rng.random() < 0.08 else "")
    else:
        patterns = HORIZONTAL if scene.layout == "horizontal" else VERTICAL
        phrase = rng.choice(patterns).format(a=_noun_phrase(rng, scene.first), b=_noun_phrase(rng, scene.second))
    if scene.background is not None:
        colour = _colour(rng, scene.background)
        pattern = rng.choice(BACKGROUNDS).replace(" a {c}", f" {article(colour)} {{c}}")
        phrase = pattern.format(np=phrase, c=colour)
    return phrase


def mentioned_scene(scene: Scene, seed: int, index: int, variant: int = 0) -> Scene:
    """Returns the scene as its caption tells it: now and then the colour of a shape goes unsaid."""
    if scene.layout == "single" and scene.first.is_shape and stable_hash("omit", seed, index, variant) % 12 == 0:
        return replace(scene, first=replace(scene.first, colour=None))
    return scene


def make_caption(scene: Scene, seed: int, index: int, variant: int = 0, filler_share: float = 0.08) -> str:
    """Returns a true caption; with filler_share, the key phrase stands first, middle or last among other sentences."""
    rng = random.Random(stable_hash("caption", seed, index, variant))
    caption = _key_phrase(rng, mentioned_scene(scene, seed, index, variant))
    if rng.random() < 0.35:
        caption = rng.choice(PREFIXES) + caption
    if rng.random() < 0.15:
        caption += "".join(rng.sample(SUFFIXES, rng.choice((1, 1, 2, 3))))
    style = rng.random()
    if style < 0.25:
        caption = caption[0].upper() + caption[1:]
    elif style < 0.30:
        caption = caption.upper()
    if rng.random() < 0.15:
        caption += "."
    if rng.random() < filler_share:
        sentences = [rng.choice(FILLERS) for _ in range(rng.choice((1, 2, 3, 5, 8, 14)))]
        sentences.insert(rng.choice((0, 0, len(sentences) // 2, len(sentences), len(sentences))), caption.rstrip(".") + ".")
        caption = " ".join(sentences)
    return caption
