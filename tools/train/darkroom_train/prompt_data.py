"""Labelled prompts that the text classifier is trained and measured on, drawn from the grammars of `prompts/`."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

from .paths import REPOSITORY
from .prompt_grammar import PROMPTS_FOLDER, Grammar, read_sections
from .wordnet import read_glosses, read_nouns, read_words

# In the order of libs/contracts/src/safety/taxonomy.ts.
CATEGORIES = ("child_safety", "sexual", "self_harm", "violence", "hate", "illicit", "deception", "trademarks")
SEVERITIES = (1, 2, 3)
# How far paraphrases are from what one would say plainly.
STYLES = ("plain", "oblique")
# Files that nothing is trained or calibrated on.
PARAPHRASES = REPOSITORY / "apps" / "moderator" / "data" / "paraphrases.jsonl"
NEAR_MISSES = REPOSITORY / "apps" / "moderator" / "data" / "benign"


@dataclass(frozen=True)
class Prompt:
    """A prompt with how grave it is; category None is harmless."""

    text: str
    category: str | None = None
    severity: int = 0


class PromptSource:
    """Draws prompts; the same seed gives the same prompts."""

    def __init__(self):
        nouns = read_nouns()
        shared = read_sections(PROMPTS_FOLDER / "benign.txt")
        self.ordinary = Grammar(shared, nouns)
        self.harm = {name: Grammar(read_sections(PROMPTS_FOLDER / "harm" / f"{name}.txt"), nouns) for name in CATEGORIES}
        self.glosses = read_glosses()
        self.words = read_words()
        for texts in (self.glosses, self.words):
            random.Random(0).shuffle(texts)

    def harmful(self, category: str, rng: random.Random) -> Prompt:
        """Returns a prompt that asks for harm, sometimes within a harmless one."""
        grammar = self.harm[category]
        templates = [len(grammar.lines.get(f"severity {severity}", ())) for severity in SEVERITIES]
        severity = rng.choices(SEVERITIES, templates)[0]
        return Prompt(self._dressed(grammar.draw(f"severity {severity}", rng), rng), category, severity)

    def near_miss(self, category: str, rng: random.Random) -> Prompt:
        """Returns a harmless prompt with words that harm is asked for with."""
        return Prompt(self._dressed(self.harm[category].draw("severity 0", rng), rng))

    def plain(self, rng: random.Random) -> Prompt:
        """Returns an ordinary prompt."""
        return Prompt(self._dressed(self.ordinary.draw("prompts", rng), rng))

    def _dressed(self, text: str, rng: random.Random) -> str:
        """Puts what people put around a prompt around it: how it shall be made, its style, more of the scene."""
        if rng.random() < 0.35:
            text = f"{self.ordinary.draw('prefix', rng)} {text}"
        if rng.random() < 0.4:
            suffix = self.ordinary.draw("suffix", rng)
            text = text + suffix if suffix.startswith(",") else f"{text} {suffix}"
        if rng.random() < 0.25:
            other = self.ordinary.draw("prompts", rng)
            text = rng.choice((f"{other}, {text}", f"{text}, {other}", f"{text}. {other}", f"{other} and {text}"))
        return text


def draw_prompts(source: PromptSource, seed: int, harmful: int, near_misses: int, plain: int) -> list:
    """Returns prompts without repetitions: per category so many harmful ones and near misses, and so many ordinary ones."""
    rng = random.Random(seed)
    prompts = {}
    for category in CATEGORIES:
        for count, draw in ((harmful, source.harmful), (near_misses, source.near_miss)):
            for _ in range(count):
                prompt = draw(category, rng)
                prompts.setdefault(prompt.text, prompt)
    for _ in range(plain):
        prompt = source.plain(rng)
        prompts.setdefault(prompt.text, prompt)
    return list(prompts.values())


def read_rows(path: Path, style: str | None = None) -> list:
    """Returns the prompts of a file of rows {prompt, category, severity, style}, or those of one style; a row without a severity is harmless."""
    rows = [row for row in map(json.loads, path.read_text("utf8").splitlines()) if style is None or row["style"] == style]
    return [Prompt(row["prompt"], row["category"] if "severity" in row else None, row.get("severity", 0)) for row in rows]
