"""Nouns and glosses of WordNet, from Debian's package wordnet-base: ordinary words and sentences in great number.

Glosses are no prompts, but the only ordinary English about everything, harm included, that this project may train on.
"""

import random
import re
from pathlib import Path

WORDNET_FOLDER = Path("/usr/share/wordnet")
# Numbers of WordNet's lexicographer files, from its lexnames(5).
NOUN_FILES = {
    "act": "04", "animal": "05", "artifact": "06", "body": "08", "event": "11", "food": "13", "location": "15", "object": "17",
    "person": "18", "plant": "20",
}
# Pointers of wninput(5) to what means much the same: what it is a kind of, what is derived from it, what is similar.
RELATIONS = ("@", "+", "&")
# What may be asked for is not for this list to say: it keeps words of harm out of slots and glosses that count as harmless.
LOADED = re.compile(
    r"sex|nud[ei]|naked|copulat|coitus|intercourse|genital|penis|vagina|vulva|breast|erotic|porn|prostitut|whore|brothel|masturbat|rape|"
    r"murder|kill|slaughter|massacre|tortur|behead|mutilat|lynch|corpse|suicid|genocid|nazi|terroris|racis|slur|offensive|disparag|"
    r"cocaine|heroin\b|narcotic|opiate|drug|counterfeit|forge[dr]|explosive|bomb|pederast|p[a]?edophil|incest|"
    r"seduc|strip(ped|ping)? off|stab(b|s)|strangl|bullet|gunshot|prisoner|bloodshed|cut wrists|segregat", re.IGNORECASE)


def read_nouns() -> dict:
    """Returns the nouns of each file of NOUN_FILES, by the name of the slot `wn.NAME`."""
    names = {number: f"wn.{name}" for name, number in NOUN_FILES.items()}
    nouns: dict = {name: set() for name in names.values()}
    for fields, gloss in _synsets("noun"):
        if fields[1] not in names or LOADED.search(gloss):
            continue
        for index in range(int(fields[3], 16)):
            noun = fields[4 + 2 * index].replace("_", " ")
            if not LOADED.search(noun):
                nouns[names[fields[1]]].add(noun)
    return {name: sorted(words) for name, words in nouns.items()}


def read_glosses() -> list:
    """Returns the definitions and example sentences of all synsets, but for those with a word of LOADED."""
    texts = set()
    for part in ("noun", "verb", "adj", "adv"):
        for _, gloss in _synsets(part):
            for text in re.split(r"[;\"]", gloss):
                if len(text.split()) >= 3 and not LOADED.search(text):
                    texts.add(text.strip())
    return sorted(texts)


def read_words() -> list:
    """Returns WordNet's words and short phrases, but for those with a word of LOADED: many prompts are no longer."""
    words = set()
    for part in ("noun", "verb", "adj", "adv"):
        for fields, _ in _synsets(part):
            count = int(fields[3], 16)
            words.update(fields[4 + 2 * index].replace("_", " ").split("(")[0].lower() for index in range(count))
    return sorted(word for word in words if not LOADED.search(word))


def read_relations(seed: int = 0) -> list:
    """Returns pairs of texts with much the same meaning: a word and its definition, synonyms, a word and what it is a kind of, an example
    and what it is an example of.

    Nothing is left out: what words mean is no label.
    """
    synsets, pairs, rng = {}, [], random.Random(seed)
    for part, kind in (("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r")):
        for fields, gloss in _synsets(part):
            count = int(fields[3], 16)
            words = [fields[4 + 2 * i].replace("_", " ").split("(")[0] for i in range(count)]
            first = 5 + 2 * count
            pointers = [fields[first + 4 * i:first + 4 * i + 3] for i in range(int(fields[first - 1]))]
            synsets[kind, fields[0]] = words, gloss, pointers
    for words, gloss, pointers in synsets.values():
        definition = gloss.split(";")[0]
        pairs += [(word, definition) for word in words]
        pairs += zip(words, words[1:])
        pairs += [(example, definition) for example in gloss.split('"')[1::2]]
        for relation, offset, kind in pointers:
            other = synsets.get(("a" if kind == "s" else kind, offset))
            if relation in RELATIONS and other:
                pairs.append((rng.choice(words), rng.choice(other[0])))
    return pairs


def _synsets(part: str):
    path = WORDNET_FOLDER / f"data.{part}"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: apt-get install wordnet-base")
    with open(path, encoding="latin1") as file:
        for line in file:
            if not line.startswith("  "):
                fields, _, gloss = line.partition("|")
                yield fields.split(), gloss.strip()
