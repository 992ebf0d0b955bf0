"""Computes golden trajectories of Heun's method and DPM-Solver++(2M), independently of the TypeScript.

The velocity field is v(x, sigma) = 3/4 x + 1/2 sigma - 1/4, and the levels are short binary fractions, so that no rounding of them
stands between this and float32. Points are the samples after each step.

- Heun, in exact rational arithmetic: x + (s' - s) (v(x, s) + v(x + (s' - s) v(x, s), s')) / 2, and Euler's step to 0.
- DPM-Solver++(2M), with 50 digits, in the paper's own form (Lu et al. 2022, algorithm 2): lambda = ln((1 - s) / s), h = lambda' -
  lambda, r = h_before / h, D = m + (m - m_before) / (2 r), x' = s'/s x - (1 - s') (e^-h - 1) D; D = m in the first and last step. At
  s = 1 lambda is minus infinity, which as a limit gives e^-h = 0 and, in the step after, 1/r = 0.

Run from anywhere: python3 solvers.py > solvers.json
"""

import json
from fractions import Fraction as F

from mpmath import exp, inf, log, mp, mpf

mp.dps = 50

LEVELS = {
    "from pure noise": [F(1), F(3, 4), F(1, 2), F(3, 16), F(1, 16), F(0)],
    "from below pure noise": [F(31, 32), F(7, 8), F(1, 2), F(1, 4), F(0)],
}
START = [F(1, 2), F(-5, 4), F(0), F(2)]


def velocity(x, s):
    return F(3, 4) * x + F(1, 2) * s - F(1, 4) if isinstance(x, F) else mpf(3) / 4 * x + s / 2 - mpf(1) / 4


def heun(x, levels):
    points = []
    for s, following in zip(levels, levels[1:]):
        first = velocity(x, s)
        ahead = x + (following - s) * first
        x = ahead if following == 0 else x + (following - s) * (first + velocity(ahead, following)) / 2
        points.append(x)
    return points


def multistep(x, levels):
    x, levels = mpf(x.numerator) / x.denominator, [mpf(s.numerator) / s.denominator for s in levels]
    half_log_snr = [-inf if s == 1 else inf if s == 0 else log((1 - s) / s) for s in levels]
    points, before = [], None
    for i, (s, following) in enumerate(zip(levels, levels[1:])):
        m = x - s * velocity(x, s)
        h = half_log_snr[i + 1] - half_log_snr[i]
        direction = m
        if before is not None and following != 0:
            h_before = half_log_snr[i] - half_log_snr[i - 1]
            direction = m if h_before == inf else m + (m - before) / (2 * h_before / h)
        x = following / s * x - (1 - following) * ((0 if h == inf else exp(-h)) - 1) * direction
        before = m
        points.append(x)
    return points


print(json.dumps([
    {"solver": name, "levels": title, "sigmas": [float(s) for s in levels], "start": [float(x) for x in START],
     "points": [[float(x) for x in step] for step in zip(*[solve(x, levels) for x in START])]}
    for title, levels in LEVELS.items() for name, solve in [("heun", heun), ("dpmpp_2m", multistep)]
]))
