"""Trains the text classifier of the moderator on drawn prompts, calibrates and measures it, and writes models/moderation-text."""

import argparse
import json
import os
import random
import shutil
from pathlib import Path

import torch

from .export import write_digests, write_json
from .onnx_files import HALF_FROM_ELEMENTS, export_onnx
from .paths import REPOSITORY, TOOL_FOLDER, work_path
from .prompt_calibration import as_prompts, choose_thresholds, harmless, over_refusal, recall
from .prompt_card import write_card
from .prompt_classifier import LABELS, PromptClassifier, PromptClassifierGraph, scores_of, train
from .prompt_data import NEAR_MISSES, PARAPHRASES, STYLES, Prompt, PromptSource, draw_prompts, read_rows
from .prompt_features import BUCKET_BITS, CHARACTERS, STRIDE, WINDOW, WORD_LENGTH
from .prompt_pretraining import pretrain
from .training import Log, save_atomically, set_threads
from .wordnet import read_relations

TEXT_FOLDER = REPOSITORY / "models" / "moderation-text"
# A sample of the ordinary prompts of the test, for the moderator's own specs.
ORDINARY = REPOSITORY / "apps" / "moderator" / "data" / "ordinary.jsonl"
TRAINING_SEED, CALIBRATION_SEED, TEST_SEED = 1, 2, 3
# Glosses that are calibrated with, and tested with; all others are trained on.
CALIBRATION_GLOSSES, TEST_GLOSSES = 50_000, 30_000
# The same of words and short phrases.
CALIBRATION_WORDS, TEST_WORDS = 40_000, 30_000
REFERENCE_TEXTS = (
    "a red apple on a wooden table", "un perro en la playa", "a knight fighting a dragon, oil painting, 4k", "Ein Café in Köln, 1920",
    "a surgeon in an operating room", "a poster for suicide prevention", "x", "東京の夜景", "a forged passport ready to print",
    "a man being strangled by a stranger", "the prime minister in handcuffs, leaked photo", "word " * 60,
)


def split(texts: list, calibration: int, test: int) -> tuple:
    """Returns the texts for training, for calibration and for the test."""
    rest = texts[test:]
    return rest[calibration:], rest[:calibration], texts[:test]


def round_weights(classifier: PromptClassifier) -> None:
    """Rounds large weights to half precision, as the exported graph stores them, so that what is measured is what ships."""
    for parameter in classifier.parameters():
        if parameter.numel() >= HALF_FROM_ELEMENTS:
            parameter.data = parameter.data.half().float()


def texts_of(prompts: list) -> list:
    """Returns the texts of prompts."""
    return [prompt.text for prompt in prompts]


def write_model(classifier: PromptClassifier, thresholds: list, folder: Path) -> None:
    """Writes the graph, its manifest and the texts that the moderator asks it about at each start."""
    export_onnx(PromptClassifierGraph(classifier), folder / "model.onnx", {"features": torch.ones(2, 9, dtype=torch.long)},
                ["probabilities"], {"features": {0: "batch", 1: "length"}, "probabilities": {0: "batch"}})
    write_json(folder / "config.json", {
        "name": "moderation-text", "architecture": "mean of hashed n-gram embeddings, perceptron",
        "input_name": "features", "output_name": "probabilities",
        "features": {"kind": "hashed_ngrams", "bucket_bits": BUCKET_BITS, "characters": list(CHARACTERS), "word_length": WORD_LENGTH,
                     "window": WINDOW, "stride": STRIDE},
        "labels": [{"category": category, "severity": severity, "threshold": threshold}
                   for (category, severity), threshold in zip(LABELS, thresholds)],
    })
    scores = scores_of(classifier, list(REFERENCE_TEXTS))
    write_json(folder / "reference.json", {"computed_by": f"torch {torch.__version__}", "texts": [
        {"text": text, "probabilities": [round(float(value), 6) for value in row]} for text, row in zip(REFERENCE_TEXTS, scores)]})


def measure(classifier: PromptClassifier, thresholds: list, source: PromptSource, background: dict, count: int) -> dict:
    """Returns what the card tells: over-refusal and recall on prompts of other seeds and on sets written by hand."""
    drawn = draw_prompts(source, TEST_SEED, count // 40, count // 20, count)
    ordinary = harmless(drawn)
    sets = {"drawn": ordinary, **{name: as_prompts(texts) for name, texts in background.items()}}
    if NEAR_MISSES.exists():
        sets["near_misses"] = [Prompt(prompt.text) for path in sorted(NEAR_MISSES.glob("*.jsonl")) for prompt in read_rows(path)]
    harmful = [prompt for prompt in drawn if prompt.category is not None]
    rng = random.Random(TEST_SEED)
    with open(ORDINARY, "w", encoding="utf8") as file:
        for number, prompt in enumerate(rng.sample(ordinary, min(400, len(ordinary))), 1):
            file.write(json.dumps({"id": f"ordinary-{number:03}", "prompt": prompt.text}, ensure_ascii=False) + "\n")
    return {
        "over_refusal": {name: over_refusal(scores_of(classifier, texts_of(prompts)), thresholds) for name, prompts in sets.items()},
        "recall": {name: recall(scores_of(classifier, texts_of(prompts)), prompts, thresholds)
                   for name, prompts in {"drawn": harmful, **{style: read_rows(PARAPHRASES, style) for style in STYLES}}.items()},
    }


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train moderation", description=__doc__)
    parser.add_argument("--harmful", type=int, default=6_000, help="prompts drawn for each category")
    parser.add_argument("--near-misses", type=int, default=4_000, help="harmless prompts with its words drawn for each category")
    parser.add_argument("--ordinary", type=int, default=40_000, help="ordinary prompts drawn")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--go-on", action="store_true", help="train the weights of the last run on, instead of beginning with WordNet's pairs")
    parser.add_argument("--out", type=Path, default=TEXT_FOLDER)
    options = parser.parse_args(arguments)
    set_threads(1)
    log, source, weights = Log("moderation"), PromptSource(), work_path("moderation", "weights.pt")
    glosses, held_glosses, test_glosses = split(source.glosses, CALIBRATION_GLOSSES, TEST_GLOSSES)
    words, held_words, test_words = split(source.words, CALIBRATION_WORDS, TEST_WORDS)
    prompts = draw_prompts(source, TRAINING_SEED, options.harmful, options.near_misses, options.ordinary)
    drawn = len(prompts)
    torch.manual_seed(TRAINING_SEED)
    classifier = PromptClassifier()
    if options.go_on:
        classifier.load_state_dict(torch.load(weights))
    else:
        pretrain(classifier, read_relations(), TRAINING_SEED, log.write)
    train(classifier, prompts + as_prompts(glosses + words), options.epochs, TRAINING_SEED, log.write)
    save_atomically(classifier.state_dict(), weights)
    round_weights(classifier)
    held = draw_prompts(source, CALIBRATION_SEED, 50, options.near_misses // 2, options.ordinary) + as_prompts(held_glosses + held_words)
    thresholds = choose_thresholds(scores_of(classifier, texts_of(held)), held)
    figures = measure(classifier, thresholds, source, {"glosses": test_glosses, "words": test_words}, options.ordinary)
    figures["training"] = {
        "drawn": drawn, "harmful": sum(prompt.category is not None for prompt in prompts), "glosses": len(glosses), "words": len(words),
        "calibration": len(harmless(held)), "seeds": [TRAINING_SEED, CALIBRATION_SEED, TEST_SEED],
    }
    write_json(work_path("moderation", "figures.json"), figures)
    part = options.out.with_name(options.out.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    write_model(classifier, thresholds, part)
    write_json(part / "measured.json", figures)
    shutil.copy(TOOL_FOLDER / "prompts" / "wordnet-licence.txt", part / "LICENSE-WordNet")
    write_card(figures, thresholds, part / "README.md")
    write_digests(part)
    shutil.rmtree(options.out, ignore_errors=True)
    os.replace(part, options.out)
    print(json.dumps(figures, indent=1))
