"""What all training loops share: the time limit, signals, checkpoints, the average of weights and the log."""

import datetime
import json
import os
import random
import signal
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .paths import work_path

CHECKPOINT_SECONDS = 120


def set_threads(count: int) -> None:
    """Uses `count` CPU threads and flushes denormal numbers, which slow a CPU down."""
    torch.set_num_threads(count)
    torch.set_flush_denormal(True)


def parse_until(text: str) -> float:
    """Turns a wall-clock time HH:MM of today (or tomorrow, if past), or +MINUTES from now, into seconds since the epoch."""
    if text.startswith("+"):
        return time.time() + 60 * float(text[1:])
    hour, minute = map(int, text.split(":"))
    now = datetime.datetime.now()
    moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if moment < now - datetime.timedelta(hours=12):
        moment += datetime.timedelta(days=1)
    return moment.timestamp()


class StopSignal:
    """Becomes true at SIGINT or SIGTERM, so that a loop saves its checkpoint and leaves."""

    def __init__(self):
        self.received = False
        signal.signal(signal.SIGINT, self._receive)
        signal.signal(signal.SIGTERM, self._receive)

    def _receive(self, *_: object) -> None:
        self.received = True

    def __bool__(self) -> bool:
        return self.received


def save_atomically(state: dict, path: Path) -> None:
    """Writes a state beside its path and renames it, so that a reader never meets half a file."""
    part = path.with_suffix(path.suffix + ".part")
    torch.save(state, part)
    os.replace(part, path)


def random_state() -> dict:
    """Returns the state of all random generators."""
    return {"python": random.getstate(), "numpy": np.random.get_state(), "torch": torch.get_rng_state()}


def restore_random_state(state: dict) -> None:
    """Sets all random generators to a state taken by random_state."""
    random.setstate(state["python"])
    np.random.set_state(state["numpy"])
    torch.set_rng_state(state["torch"])


class WeightAverage:
    """Exponential moving average of weights whose decay warms up with the steps taken."""

    def __init__(self, model: nn.Module, decay: float):
        self.decay = decay
        self.weights = {k: v.detach().clone() for k, v in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Moves the average towards the model's weights."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in model.state_dict().items():
            self.weights[name].lerp_(value, 1 - decay)


class Log:
    """Appends JSON lines to logs/NAME.jsonl in the work folder and prints progress with rate and time left."""

    def __init__(self, name: str):
        self.path = work_path("logs", f"{name}.jsonl")
        self.started = time.time()

    def write(self, seconds_left: float | None = None, **facts: float) -> None:
        """Records one line of facts."""
        facts = {k: round(v, 5) if isinstance(v, float) else v for k, v in facts.items()}
        with open(self.path, "a", encoding="utf8") as file:
            file.write(json.dumps({"time": round(time.time(), 1), **facts}) + "\n")
        eta = "" if seconds_left is None else f"  ETA {datetime.timedelta(seconds=round(max(0, seconds_left)))}"
        print("  ".join(f"{k} {v}" for k, v in facts.items()) + eta, flush=True)


def decay_factor(now: float, started: float, until: float, decay_share: float) -> float:
    """Returns the warm-up-stable-decay factor: 1, then linear to 0 over the last share of the time given."""
    decay_seconds = decay_share * (until - started)
    return min(1.0, max(0.0, (until - now) / max(1.0, decay_seconds)))
