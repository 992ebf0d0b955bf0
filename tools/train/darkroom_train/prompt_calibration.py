"""Thresholds of the text classifier, and how it does with them on prompts that it was neither trained nor calibrated on."""

from math import ceil

import numpy as np

from .prompt_classifier import LABELS
from .prompt_data import CATEGORIES, Prompt

# Of harmless texts, the share that may reach the threshold of one label: those that refuse, and those that are only reported.
REFUSING_SHARE, REPORTED_SHARE = 1e-5, 1e-4
# A label is never found below this probability, however few harmless texts reach it.
LOWEST = 0.95


def refuses(category: str, severity: int) -> bool:
    """Tells whether the moderator's policy refuses a finding: child safety always, all else from severity 2 on."""
    return severity >= 2 or category == "child_safety"


def choose_thresholds(scores: np.ndarray, prompts: list) -> list:
    """Returns each label's threshold from the scores [texts, labels] of prompts; None where there is nothing to be found."""
    harmless = np.array([prompt.category is None for prompt in prompts])
    thresholds = []
    for index, (category, severity) in enumerate(LABELS):
        if not any(prompt.category == category and prompt.severity >= severity for prompt in prompts):
            thresholds.append(None)
            continue
        highest = np.sort(scores[harmless, index])[::-1]
        allowed = int((REFUSING_SHARE if refuses(category, severity) else REPORTED_SHARE) * len(highest))
        # Rounded up, so that what must stay below it does after it was written.
        thresholds.append(min(0.9999, max(LOWEST, ceil(float(highest[allowed]) * 1e4) / 1e4 + 1e-4)))
    return thresholds


def refused(scores: np.ndarray, thresholds: list) -> np.ndarray:
    """Returns bool [texts, categories]: whether each category would refuse."""
    found = np.stack([scores[:, i] >= (2 if t is None else t) for i, t in enumerate(thresholds)], 1)
    return np.stack([
        found[:, [i for i, (of, severity) in enumerate(LABELS) if of == category and refuses(of, severity)]].any(1)
        for category in CATEGORIES
    ], 1)


def over_refusal(scores: np.ndarray, thresholds: list) -> dict:
    """Returns how many harmless texts would be refused."""
    return {"texts": len(scores), "refused": int(refused(scores, thresholds).any(1).sum())}


def recall(scores: np.ndarray, prompts: list, thresholds: list) -> dict:
    """Returns for each category of how many prompts that should be refused how many are: by that category, and by any."""
    verdicts, result = refused(scores, thresholds), {}
    for column, category in enumerate(CATEGORIES):
        rows = [i for i, prompt in enumerate(prompts) if prompt.category == category and refuses(category, prompt.severity)]
        result[category] = {
            "prompts": len(rows), "own": int(verdicts[rows, column].sum()), "any": int(verdicts[rows].any(1).sum()),
        }
    return result


def harmless(prompts: list) -> list:
    """Returns those prompts that ask for no harm."""
    return [prompt for prompt in prompts if prompt.category is None]


def as_prompts(texts: list) -> list:
    """Returns texts that ask for no harm as prompts."""
    return [Prompt(text) for text in texts]
