"""What the text classifier sees of a prompt: hashed n-grams. `libs/onnx-pipeline` computes the same; `golden` files keep both in step.

A text is folded (NFKD, lower case, no marks) and split into words, which are runs of letters and digits of at most WORD_LENGTH characters.
Each word gives the n-grams of 3 to 5 characters of `<word>` and `=word`; each two neighbours give `=first second`. A feature's number is
1 + its 32-bit FNV-1a hash, folded to the table's size by exclusive or (http://www.isthe.com/chongo/tech/comp/fnv, "xor-folding").
"""

import functools
import unicodedata

import regex

BUCKET_BITS = 15
CHARACTERS = (3, 5)
WORD_LENGTH = 24
# Words in one window, and words from one window's begin to the next one's.
WINDOW, STRIDE = 24, 8
_WORDS = regex.compile(r"[\p{L}\p{N}]+")
_UNSEEN = regex.compile(r"[\p{Mn}\p{Me}\p{C}]+")
_GAPS = regex.compile(r"[\s\p{Cc}]+")


def fold(text: str) -> str:
    """Returns a text without case, accents and characters that can't be seen, as the moderator's `normalise` does."""
    return _UNSEEN.sub("", _GAPS.sub(" ", unicodedata.normalize("NFKD", text))).lower()


def fnv1a(data: bytes) -> int:
    """Returns the 32-bit FNV-1a hash."""
    value = 0x811C9DC5
    for byte in data:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def bucket(feature: str) -> int:
    """Returns a feature's number, from 1; 0 is padding."""
    value = fnv1a(feature.encode("utf8"))
    return 1 + (((value >> BUCKET_BITS) ^ value) & ((1 << BUCKET_BITS) - 1))


def words_of(folded: str) -> list:
    """Splits a folded text into words."""
    return [word[start:start + WORD_LENGTH] for word in _WORDS.findall(folded) for start in range(0, len(word), WORD_LENGTH)]


@functools.lru_cache(maxsize=1 << 18)
def word_features(word: str) -> tuple:
    """Returns the numbers of a word's own features."""
    framed = f"<{word}>"
    low, high = CHARACTERS
    grams = (framed[i:i + n] for n in range(low, high + 1) for i in range(len(framed) - n + 1))
    return (*map(bucket, grams), bucket(f"={word}"))


def window_features(words: list) -> list:
    """Returns the numbers of all features of one window: those of each word, then those of each two neighbours."""
    return [
        *(number for word in words for number in word_features(word)),
        *(bucket(f"={first} {second}") for first, second in zip(words, words[1:])),
    ]


def windows_of(text: str) -> list:
    """Returns the features of each window of a text; a text without words has none."""
    words = words_of(fold(text))
    starts = range(0, max(1, len(words) - WINDOW + STRIDE), STRIDE)
    return [window_features(words[start:start + WINDOW]) for start in starts] if words else []
