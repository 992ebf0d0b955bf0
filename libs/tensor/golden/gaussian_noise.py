"""Computes golden values of seeded Gaussian noise, independently of the TypeScript.

Philox4x32-10 with Python's big integers, checked against the vectors published with Random123 (kat_vectors), then Box-Muller
with 50-digit decimals. Run from anywhere: python3 gaussian_noise.py > gaussian-noise.json
"""

import hashlib
import json
import struct
from decimal import Decimal, getcontext

getcontext().prec = 50
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097")

KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def philox4x32(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def cos_sin(x):
    """Taylor series to 50 digits."""
    results = []
    for term, n in ((Decimal(1), 1), (x, 2)):
        total = Decimal(0)
        while abs(term) > Decimal(10) ** -45:
            total += term
            term = -term * x * x / (n * (n + 1))
            n += 2
        results.append(total)
    return results


def to_float32(value):
    return struct.unpack("<f", struct.pack("<f", float(value)))[0]


def gaussian_noise(seed, count):
    values = []
    for n in range((count + 3) // 4):
        words = philox4x32((n, 0, 0, 0), (seed, 0))
        u = [(Decimal(w) + Decimal("0.5")) / 2**32 for w in words]
        for a, b in ((u[0], u[1]), (u[2], u[3])):
            radius = (-2 * a.ln()).sqrt()
            values += [to_float32(radius * f) for f in cos_sin(2 * PI * b)]
    return values[:count]


def words(text):
    return [int(word, 16) for word in text.split()]


vectors = [{"counter": words(c), "key": words(k), "result": words(r)} for c, k, r in KNOWN_ANSWERS]
for vector in vectors:
    assert philox4x32(vector["counter"], vector["key"]) == vector["result"], vector

latents = gaussian_noise(7, 16 * 64 * 64)
print(json.dumps({
    "sha256_of_1_16_64_64_seed_7": hashlib.sha256(struct.pack(f"<{len(latents)}f", *latents)).hexdigest(),
    "philox4x32_10": vectors,
    "noise": [{"seed": seed, "values": gaussian_noise(seed, 24)} for seed in (0, 7, 4294967295)],
}))
