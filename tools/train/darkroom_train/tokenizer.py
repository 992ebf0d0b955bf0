"""A byte-level BPE tokenizer that reads and writes the tokenizer.json format of Hugging Face.

Text is lower-cased, so that the case of a prompt never matters; unseen words fall apart into pieces, at worst bytes.
"""

import json
from functools import lru_cache
from pathlib import Path
from unicodedata import normalize

import regex

PAD, BOS, EOS = "<pad>", "<bos>", "<eos>"
SPECIAL_TOKENS = (PAD, BOS, EOS)
# GPT-2's splitting, which tokenizer.json names ByteLevel with use_regex.
SPLIT = regex.compile(r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+""")


def byte_alphabet() -> dict:
    """Returns GPT-2's map of each byte to a printable character."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    alphabet = {b: chr(b) for b in printable}
    for extra, byte in enumerate(b for b in range(256) if b not in alphabet):
        alphabet[byte] = chr(256 + extra)
    return alphabet


ALPHABET = byte_alphabet()


def split_words(text: str) -> list:
    """Normalises a text and splits it into words in the byte alphabet, each with its leading space."""
    text = normalize("NFC", text).lower()
    if not text:
        return []
    if not text.startswith(" "):
        text = " " + text
    return ["".join(ALPHABET[b] for b in word.encode("utf8")) for word in SPLIT.findall(text)]


class Tokenizer:
    """Turns texts into token ids framed by <bos> and <eos>."""

    def __init__(self, merges: list):
        self.merges = [tuple(m) for m in merges]
        self.ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        tokens = [*SPECIAL_TOKENS, *(ALPHABET[b] for b in range(256)), *(a + b for a, b in self.merges)]
        self.vocabulary = {}
        for token in tokens:
            self.vocabulary.setdefault(token, len(self.vocabulary))
        self._word_ids = lru_cache(maxsize=65536)(self._encode_word)

    def _encode_word(self, word: str) -> tuple:
        parts = list(word)
        while len(parts) > 1:
            rank, at = min((self.ranks.get(pair, 1 << 30), i) for i, pair in enumerate(zip(parts, parts[1:])))
            if rank == 1 << 30:
                break
            parts[at:at + 2] = [parts[at] + parts[at + 1]]
        return tuple(self.vocabulary[p] for p in parts)

    def encode(self, text: str) -> list:
        """Returns the token ids of a text, with <bos> first and <eos> last."""
        ids = [self.vocabulary[BOS]]
        for word in split_words(text):
            ids.extend(self._word_ids(word))
        return [*ids, self.vocabulary[EOS]]

    def decode(self, ids: list) -> str:
        """Returns the (lower-case) text of token ids."""
        names = {i: t for t, i in self.vocabulary.items()}
        to_byte = {c: b for b, c in ALPHABET.items()}
        characters = "".join(names[i] for i in ids if names[i] not in SPECIAL_TOKENS)
        return bytes(to_byte[c] for c in characters).decode("utf8", "replace").removeprefix(" ")

    def to_json(self) -> dict:
        """Returns the content of tokenizer.json."""
        special = {t: self.vocabulary[t] for t in SPECIAL_TOKENS}
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [
                {"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
                for t, i in special.items()
            ],
            "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}]},
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": BOS, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                           {"SpecialToken": {"id": EOS, "type_id": 0}}],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                "special_tokens": {t: {"id": t, "ids": [special[t]], "tokens": [t]} for t in (BOS, EOS)},
            },
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {
                "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                "fuse_unk": False, "byte_fallback": False, "vocab": self.vocabulary, "merges": [" ".join(m) for m in self.merges],
            },
        }


def load_tokenizer(path: Path) -> Tokenizer:
    """Reads a tokenizer.json that to_json wrote."""
    merges = json.loads(path.read_text("utf8"))["model"]["merges"]
    return Tokenizer([m.split(" ") for m in merges])
