"""Trains the byte-level BPE tokenizer on captions and, so that other words tokenise well, on English texts."""

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path

from .captions import make_caption
from .paths import work_path
from .scenes import make_scene
from .tokenizer import SPECIAL_TOKENS, Tokenizer, split_words

TOKENIZER_PATH_PARTS = ("tokenizer", "tokenizer.json")


def learn_merges(words: Counter, count: int) -> list:
    """Returns the `count` most useful merges of a word count, most frequent first (ties in alphabetical order)."""
    spelled = [(list(word), n) for word, n in sorted(words.items())]
    pairs, places = Counter(), defaultdict(set)
    for at, (parts, n) in enumerate(spelled):
        for pair in zip(parts, parts[1:]):
            pairs[pair] += n
            places[pair].add(at)
    merges = []
    while len(merges) < count and pairs:
        best = max(pairs, key=lambda p: (pairs[p], p))
        if pairs[best] < 2:
            break
        merges.append(best)
        for at in places.pop(best):
            parts, n = spelled[at]
            for pair in zip(parts, parts[1:]):
                pairs[pair] -= n
            i = 0
            while i < len(parts) - 1:
                if (parts[i], parts[i + 1]) == best:
                    parts[i:i + 2] = [parts[i] + parts[i + 1]]
                i += 1
            for pair in zip(parts, parts[1:]):
                pairs[pair] += n
                places[pair].add(at)
        pairs = +pairs
    return merges


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train tokenizer", description=__doc__)
    parser.add_argument("--captions", type=int, default=20000)
    parser.add_argument("--vocabulary", type=int, default=4096)
    parser.add_argument("--english", type=Path, help="folder whose Markdown files serve as English text")
    options = parser.parse_args(arguments)
    words = Counter()
    for index in range(options.captions):
        words.update(split_words(make_caption(make_scene(1, index), 1, index)))
    # Every word of the captions' grammar is worth a token, however rare.
    words = Counter({word: n * 100 for word, n in words.items()})
    if options.english:
        for file in sorted(options.english.rglob("*.md"))[:400]:
            words.update(w for w in split_words(file.read_text("utf8", "ignore")[:50_000]) if w.isascii() and len(w) < 24)
    merges = learn_merges(words, options.vocabulary - len(SPECIAL_TOKENS) - 256)
    tokenizer = Tokenizer(merges)
    path = work_path(*TOKENIZER_PATH_PARTS)
    path.write_text(json.dumps(tokenizer.to_json(), ensure_ascii=False), "utf8")
    print(f"{len(tokenizer.vocabulary)} tokens written to {path}")
