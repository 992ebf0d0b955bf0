"""Computes golden sigmas and trajectories of the flow-matching Euler scheduler, independently of the TypeScript.

Follows the published formulas in exact rational arithmetic: training levels t/N (t = 1..N) shifted by s*x / (1 + (s-1)*x)
(Esser et al. 2024, eq. 23), n levels evenly spaced between the largest and the smallest of those, shifted, and 0 appended, as
diffusers' FlowMatchEulerDiscreteScheduler.set_timesteps does; steps x + (sigma_next - sigma) * v.

The trajectory's velocity field is v(x, sigma) = a*x + b*sigma + c per element: simple enough to be exact, and different at each
step. The guided one mixes two such fields, uncond + scale * (cond - uncond).

Run from anywhere: python3 euler.py > euler.json
"""

import json
from fractions import Fraction as F

N = 1000


def shifted(x, shift):
    return shift * x / (1 + (shift - 1) * x)


def sigmas(steps, shift):
    largest, smallest = shifted(F(1), shift), shifted(F(1, N), shift)
    spaced = [largest if steps == 1 else largest + (smallest - largest) * i / (steps - 1) for i in range(steps)]
    return [shifted(x, shift) for x in spaced] + [F(0)]


def field(a, b, c):
    return lambda x, sigma: a * x + b * sigma + c


def trajectory(start, levels, velocity):
    samples, points = list(start), []
    for sigma, following in zip(levels, levels[1:]):
        samples = [x + (following - sigma) * velocity(x, sigma) for x in samples]
        points.append([float(x) for x in samples])
    return points


SHIFTS = [F(1), F(5, 2), F(3)]
START = [F(1, 2), F(-5, 4), F(0), F(2)]
COND, UNCOND, SCALE = field(F(3, 4), F(1, 2), F(-1, 4)), field(F(1, 4), F(-1), F(1, 8)), F(4)


def guided(x, sigma):
    return UNCOND(x, sigma) + SCALE * (COND(x, sigma) - UNCOND(x, sigma))


print(json.dumps({
    "sigmas": [
        {"steps": n, "shift": float(s), "sigmas": [float(x) for x in sigmas(n, s)],
         "timesteps": [float(x * N) for x in sigmas(n, s)[:-1]]}
        for s in SHIFTS for n in (1, 2, 3, 20, 50)
    ],
    "trajectories": [
        {"shift": float(s), "start": [float(x) for x in START], "scale": float(SCALE),
         "cond": [0.75, 0.5, -0.25], "uncond": [0.25, -1, 0.125],
         "plain": trajectory(START, sigmas(3, s), COND), "guided": trajectory(START, sigmas(3, s), guided)}
        for s in SHIFTS
    ],
}))
