"""Distils the transformer into one that needs four steps and no guidance: models/pocket-turbo.

The student learns to make in one step of TURBO_STEPS what the teacher makes with guidance in several: from a point of the path the
teacher goes on by substeps of guided Euler, and the student's velocity must lead straight to where it arrives (progressive distillation,
arXiv 2202.00512, with guidance distilled as in arXiv 2210.03142). The points lie on paths that student and teacher go together, so
that the student learns to mend its own errors. The teacher's path is deterministic, so plain regression has an answer to find.
"""

import argparse
import time

import torch
from torch import Tensor

from .flow import NUM_TRAIN_TIMESTEPS, turbo_schedule
from .models import load_average
from .paths import work_path
from .shards import Shards, epoch_rows
from .snapshots import Snapshots
from .training import CHECKPOINT_SECONDS, Log, StopSignal, decay_factor, parse_until, save_atomically, set_threads
from .train_transformer import WARM_UP_STEPS, Trainer
from .train_transformer import parse_options as transformer_options
from .transformer import Transformer

# Guided Euler steps of the teacher for one step of the student.
SUBSTEPS = 3
# Share of the points at which the student itself, not the teacher, has led the path there.
STUDENT_SHARE = 0.5


class Teacher:
    """The trained transformer with classifier-free guidance."""

    def __init__(self, transformer: Transformer, empty_states: Tensor, empty_pooled: Tensor, guidance: float):
        self.transformer, self.guidance = transformer.eval(), guidance
        self.empty_states, self.empty_pooled = empty_states.float(), empty_pooled.float()

    @torch.no_grad()
    def advance(self, x: Tensor, states: Tensor, pooled: Tensor, sigma: float, following: float) -> Tensor:
        """Returns where SUBSTEPS guided steps lead from latents x [batch, 16, h, w] at one sigma to the following one."""
        batch = len(x)
        states = torch.cat((states, self.empty_states.expand(batch, -1, -1)))
        pooled = torch.cat((pooled, self.empty_pooled.expand(batch, -1)))
        points = torch.linspace(sigma, following, SUBSTEPS + 1).tolist()
        for here, there in zip(points[:-1], points[1:]):
            timestep = torch.full((2 * batch,), here * NUM_TRAIN_TIMESTEPS)
            with_text, without_text = self.transformer(torch.cat((x, x)), timestep, states, pooled).chunk(2)
            x = x + (there - here) * (without_text + self.guidance * (with_text - without_text))
        return x


class Distiller(Trainer):
    """A student that starts as its teacher, with the optimisers and average of any training of the transformer."""

    def __init__(self, options: argparse.Namespace, teacher: Teacher):
        super().__init__(options)
        self.teacher = teacher
        self.model.load_state_dict(teacher.transformer.state_dict())
        self.average.weights = {name: value.clone() for name, value in teacher.transformer.state_dict().items()}

    def train_path(self, states: Tensor, pooled: Tensor, noise: Tensor, factor: float) -> list:
        """Follows a batch of paths from noise to data, with an optimiser step at each of the student's steps; returns their losses."""
        sigmas, x, losses = turbo_schedule().tolist(), noise, []
        for sigma, following in zip(sigmas[:-1], sigmas[1:]):
            arrival = self.teacher.advance(x, states, pooled, sigma, following)
            timestep = torch.full((len(x),), sigma * NUM_TRAIN_TIMESTEPS)
            velocity = self.model(x, timestep, states, pooled)
            loss = (velocity - (arrival - x) / (following - sigma)).pow(2).mean()
            self.descend(loss, factor, len(x))
            losses.append(loss.item())
            led = (torch.rand(len(x)) < STUDENT_SHARE).reshape(-1, 1, 1, 1)
            x = torch.where(led, x + (following - sigma) * velocity.detach(), arrival)
        return losses


def parse_options(arguments: list) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="train distill", description=__doc__)
    parser.add_argument("--until", required=True, help="end, HH:MM or +MINUTES")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--guidance", type=float, default=4.0, help="the teacher's guidance scale")
    parser.add_argument("--unmirrored", action="store_true", help="leave mirrored scenes out, as the teacher's training did")
    parser.add_argument("--muon-lr", type=float, default=0.01)
    parser.add_argument("--adamw-lr", type=float, default=5e-4)
    parser.add_argument("--decay-share", type=float, default=0.5)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args(arguments)


def main(arguments: list) -> None:
    """Runs the command."""
    options = parse_options(arguments)
    set_threads(options.threads)
    shards, transformer = Shards(unmirrored=options.unmirrored), Transformer()
    load_average(transformer, "transformer")
    teacher = Teacher(transformer, shards.empty_states, shards.empty_pooled, options.guidance)
    flags = ["--until", "+0", "--muon-lr", str(options.muon_lr), "--adamw-lr", str(options.adamw_lr), "--average-decay", "0.99", "--seed", "1"]
    student, path = Distiller(transformer_options(flags), teacher), work_path("checkpoints", "turbo.pt")
    if path.exists():
        student.load(torch.load(path))

    stop, log, snapshots = StopSignal(), Log("turbo"), Snapshots("turbo", 0)
    started, until = time.time(), parse_until(options.until)
    saved = ticked = started
    while time.time() < until and not stop:
        factor = min(1.0, (student.step + 1) / WARM_UP_STEPS) * decay_factor(time.time(), started, until, options.decay_share)
        rows = epoch_rows(len(shards), student.seed, student.samples, options.batch)
        latents, states, pooled = shards.batch(rows, empty_share=0.0)
        losses = student.train_path(states, pooled, torch.randn_like(latents), factor)
        now = time.time()
        student.seconds, ticked = student.seconds + now - ticked, now
        log.write(until - now, step=student.step, samples=student.samples, lr=factor, **{f"loss_{k}": loss for k, loss in enumerate(losses)})
        if now - saved > CHECKPOINT_SECONDS:
            save_atomically(student.state(), path)
            saved = now
    save_atomically(student.state(), path)
    snapshots.take(student.average.weights, **student.facts())
