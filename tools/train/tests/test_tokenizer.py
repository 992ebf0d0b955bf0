"""The tokenizer keeps every byte, ignores case and survives its file format."""

import json
import tempfile
import unittest
from collections import Counter
from pathlib import Path

from darkroom_train.tokenizer import Tokenizer, load_tokenizer, split_words
from darkroom_train.train_tokenizer import learn_merges

TEXTS = ("a slice of pizza", "two  spaces", "it's a dog's life", "naïve café 12½ 🍕!", "日本語", "tabs\tand\nlines ")


def make_tokenizer() -> Tokenizer:
    words = Counter()
    for _ in range(3):
        for text in TEXTS:
            words.update(split_words(text))
    return Tokenizer(learn_merges(words, 60))


class TokenizerTest(unittest.TestCase):
    def test_round_trip(self):
        tokenizer = make_tokenizer()
        for text in TEXTS:
            self.assertEqual(tokenizer.decode(tokenizer.encode(text)), text)

    def test_case_does_not_matter(self):
        tokenizer = make_tokenizer()
        self.assertEqual(tokenizer.encode("A SLICE of Pizza"), tokenizer.encode("a slice of pizza"))

    def test_the_empty_prompt_is_its_frame(self):
        self.assertEqual(make_tokenizer().encode(""), [1, 2])

    def test_frequent_words_become_single_tokens(self):
        self.assertEqual(len(make_tokenizer().encode("pizza")), 3)

    def test_its_file_gives_the_same_tokens(self):
        tokenizer = make_tokenizer()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tokenizer.json"
            path.write_text(json.dumps(tokenizer.to_json()), "utf8")
            again = load_tokenizer(path)
        self.assertEqual(again.vocabulary, tokenizer.vocabulary)
        for text in TEXTS:
            self.assertEqual(again.encode(text), tokenizer.encode(text))


if __name__ == "__main__":
    unittest.main()
