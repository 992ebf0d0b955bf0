"""The text classifier's features, grammars and calibration."""

import json
import random
import unittest

import numpy as np
import torch

from darkroom_train.paths import REPOSITORY
from darkroom_train.prompt_calibration import choose_thresholds, recall, refused
from darkroom_train.prompt_classifier import LABELS, PromptClassifier, PromptClassifierGraph, scores_of, targets_of, train
from darkroom_train.prompt_data import CATEGORIES, PARAPHRASES, Prompt, read_rows
from darkroom_train.prompt_features import STRIDE, WINDOW, bucket, fnv1a, fold, window_features, windows_of, words_of
from darkroom_train.prompt_grammar import PROMPTS_FOLDER, Grammar, read_sections

GOLDEN = REPOSITORY / "libs" / "onnx-pipeline" / "src" / "text" / "golden" / "hashed-ngrams.json"


class FeaturesTest(unittest.TestCase):
    def test_the_hash_is_fnv1a(self):
        # Landon Curt Noll's test vectors, http://www.isthe.com/chongo/src/fnv/test_fnv.c
        for text, value in (("", 0x811C9DC5), ("a", 0xE40C292C), ("b", 0xE70C2DE5), ("foobar", 0xBF9CF968), ("foo", 0xA9F37ED7)):
            self.assertEqual(fnv1a(text.encode()), value, text)

    def test_a_window_has_its_words_ngrams_and_pairs(self):
        words = words_of(fold("A Café!"))
        self.assertEqual(words, ["a", "cafe"])
        grams = ["<a>", "=a", "<ca", "caf", "afe", "fe>", "<caf", "cafe", "afe>", "<cafe", "cafe>", "=cafe", "=a cafe"]
        self.assertEqual(sorted(window_features(words)), sorted(map(bucket, grams)))

    def test_windows_cover_all_words(self):
        for count in (1, WINDOW, WINDOW + 1, WINDOW + STRIDE, 100):
            words = [f"word{i}" for i in range(count)]
            windows = windows_of(" ".join(words))
            self.assertTrue(all(any(bucket(f"={word}") in window for window in windows) for word in words), count)
        self.assertEqual(windows_of(" ... "), [])

    def test_the_platform_computes_the_same(self):
        golden = json.loads(GOLDEN.read_text("utf8"))
        for case in golden["cases"]:
            self.assertEqual(windows_of(case["text"]), case["windows"], case["text"][:40])


class GrammarTest(unittest.TestCase):
    def test_alternatives_and_slots(self):
        grammar = Grammar({"slot colour": ["red", "blue"], "prompts": ["(a|the (old|new)) {colour} {wn.animal}"]}, {"wn.animal": ["cat"]})
        drawn = {grammar.draw("prompts", random.Random(seed)) for seed in range(200)}
        self.assertEqual(drawn, {f"{start} {colour} cat" for start in ("a", "the old", "the new") for colour in ("red", "blue")})

    def test_every_line_of_every_grammar_can_be_drawn(self):
        nouns = {f"wn.{name}": ["thing"] for name in ("act", "animal", "artifact", "body", "event", "food", "location", "object", "person", "plant")}
        for path in PROMPTS_FOLDER.rglob("*.txt"):
            if path.name == "wordnet-licence.txt":
                continue
            grammar = Grammar(read_sections(path), nouns)
            for lines in grammar.lines.values():
                for line in lines:
                    for seed in range(20):
                        self.assertNotRegex(line(random.Random(seed)), r"[(){}|]")

    def test_every_category_has_its_grammar_and_paraphrases(self):
        rows = read_rows(PARAPHRASES)
        for category in CATEGORIES:
            sections = read_sections(PROMPTS_FOLDER / "harm" / f"{category}.txt")
            self.assertTrue({"severity 0", "severity 2"} <= set(sections), category)
            self.assertGreaterEqual(sum(row.category == category for row in rows), 20)


class ClassifierTest(unittest.TestCase):
    def test_targets_are_cumulative(self):
        found = [label for label, target in zip(LABELS, targets_of(Prompt("", "hate", 2))) if target]
        self.assertEqual(found, [("hate", 1), ("hate", 2)])

    def test_it_learns_and_its_graph_computes_the_same(self):
        torch.manual_seed(0)
        prompts = [Prompt("a bad thing", "hate", 3), Prompt("a good thing")] * 2000
        classifier = PromptClassifier()
        train(classifier, prompts, 8, 0, lambda **_: None, table_rate=1e-2)
        texts = ["a bad thing", "a good thing", " ".join(["good"] * 40 + ["bad", "thing"])]
        scores = scores_of(classifier, texts)
        hate = LABELS.index(("hate", 3))
        self.assertGreater(scores[0, hate], 0.9)
        self.assertLess(scores[1, hate], 0.1)
        windows = windows_of(texts[0])
        features = torch.zeros(1, len(windows[0]) + 5, dtype=torch.long)
        features[0, :len(windows[0])] = torch.tensor(windows[0])
        with torch.no_grad():
            graph = PromptClassifierGraph(classifier)(features).numpy()
        np.testing.assert_allclose(graph[0], scores[0], atol=1e-3)

    def test_thresholds_let_almost_nothing_harmless_through(self):
        prompts = [Prompt(str(i)) for i in range(1000)] + [Prompt("x", "hate", 3)]
        scores = np.zeros((1001, len(LABELS)), np.float32)
        hate = LABELS.index(("hate", 2))
        scores[:1000, hate], scores[1000, hate] = np.linspace(0, 0.95, 1000), 0.99
        thresholds = choose_thresholds(scores, prompts)
        self.assertIsNone(thresholds[LABELS.index(("sexual", 2))])
        self.assertTrue(0.95 < thresholds[hate] < 0.96)
        self.assertEqual(refused(scores, thresholds).sum(), 1)
        self.assertEqual(recall(scores, prompts, thresholds)["hate"], {"prompts": 1, "own": 1, "any": 1})


if __name__ == "__main__":
    unittest.main()
