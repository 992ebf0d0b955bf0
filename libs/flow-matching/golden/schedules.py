"""Computes golden sigmas and timesteps of diffusers' flow-matching schedules, independently of the TypeScript.

Follows the published formulas with NumPy and SciPy, in diffusers' order and rounding:

- FlowMatchEulerDiscreteScheduler: levels linspace(max, min, n) between the (statically shifted, float32) training levels; shifted by
  s*x / (1 + (s-1)*x), or under a dynamic shift by k / (k + 1/x - 1) with k = e^mu or mu, mu on a straight line over image tokens;
  stretched to shift_terminal; respaced between their ends: Karras et al. 2022 (eq. 5, rho 7), exponential (even in ln sigma), or beta
  (SciPy's Beta(0.6, 0.6) quantiles). Timesteps are sigma * N in float32.
- DPMSolverMultistepScheduler with use_flow_sigmas: 1 - linspace(1, 1/N, n+1), reversed, without the last, shifted; timesteps are
  sigma * N as integers.

Run from anywhere: python3 schedules.py > schedules.json
"""

import json

import numpy as np
from scipy.stats import beta

N = 1000


def static(x, shift):
    return shift * x / (1 + (shift - 1) * x)


def dynamic(x, tokens, config):
    base, most = config["base_image_seq_len"], config["max_image_seq_len"]
    mu = np.interp(tokens, [base, most], [config["base_shift"], config["max_shift"]])
    if tokens > most:  # the line goes on
        mu = config["max_shift"] + (tokens - most) * (config["max_shift"] - config["base_shift"]) / (most - base)
    k = np.exp(mu) if config["time_shift_type"] == "exponential" else mu
    return k / (k + 1 / x - 1)


def karras(high, low, n):
    return (np.linspace(high ** (1 / 7), low ** (1 / 7), n)) ** 7


def exponential(high, low, n):
    return np.geomspace(high, low, n)


def beta_quantiles(high, low, n):
    return low + beta.ppf(1 - np.linspace(0, 1, n), 0.6, 0.6) * (high - low)


SPACINGS = {"use_karras_sigmas": karras, "use_exponential_sigmas": exponential, "use_beta_sigmas": beta_quantiles}


def euler(config, n, tokens):
    ends = np.array([1, 1 / N], dtype=np.float32)
    if config.get("use_dynamic_shifting"):
        x = dynamic(np.linspace(float(ends[0]), float(ends[1]), n), tokens, config)
    else:
        ends = static(ends, np.float32(config["shift"]))
        x = static(np.linspace(float(ends[0]), float(ends[1]), n), config["shift"])
    if "shift_terminal" in config:
        x = 1 - (1 - x) * (1 - config["shift_terminal"]) / (1 - x[-1])
    for field, space in SPACINGS.items():
        if config.get(field):
            x = space(x[0], x[-1], n)
    sigmas = x.astype(np.float32)
    return sigmas, sigmas * np.float32(N)


def multistep(config, n, tokens):
    x = static(1.0 - np.linspace(1, 1 / N, n + 1), config["flow_shift"])[::-1][:-1]
    return x.astype(np.float32), (x * N).astype(np.int64)


def case(schedule, name, config, n, tokens=256):
    sigmas, timesteps = schedule(config, n, tokens)
    return {
        "config": {"_class_name": name, **config}, "steps": n, "imageTokens": tokens,
        "sigmas": [float(x) for x in sigmas] + [0.0], "timesteps": [float(t) for t in timesteps],
    }


FLUX = {"use_dynamic_shifting": True, "base_shift": 0.5, "max_shift": 1.15, "base_image_seq_len": 256, "max_image_seq_len": 4096}
FLOW = {"prediction_type": "flow_prediction", "use_flow_sigmas": True}
EULER = [
    *[({"shift": s, field: True}, n, 256) for field in SPACINGS for s, n in [(1.0, 4), (2.5, 1), (2.5, 2), (2.5, 20), (3.0, 7)]],
    *[({**FLUX, "time_shift_type": kind}, 4, tokens) for kind in ("exponential", "linear") for tokens in (256, 1024, 4096, 16384)],
    *[({"shift": 2.5, "shift_terminal": terminal}, n, 256) for terminal, n in [(0.2, 4), (0.1, 2), (0.02, 10)]],
    ({**FLUX, "time_shift_type": "exponential", "shift_terminal": 0.02}, 8, 3072),
    ({**FLUX, "time_shift_type": "exponential", "use_karras_sigmas": True}, 8, 1024),
    ({"shift": 2.5, "shift_terminal": 0.2, "use_beta_sigmas": True}, 6, 256),
]

print(json.dumps([
    *[case(euler, "FlowMatchEulerDiscreteScheduler", config, n, tokens) for config, n, tokens in EULER],
    *[case(multistep, "DPMSolverMultistepScheduler", {**FLOW, "flow_shift": s}, n)
      for s in (1.0, 3.0) for n in (1, 2, 14, 20, 50)],
]))
