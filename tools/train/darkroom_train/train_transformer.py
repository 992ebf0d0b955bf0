"""Trains the transformer by rectified flow on the shards, resumable at any moment.

The learning rate warms up, stays, and decays over the last share of the time given by --until, so that a usable
model exists at that time; a later run goes on from the checkpoint.
"""

import argparse
import time

import torch
from torch import Tensor, nn

from .flow import NUM_TRAIN_TIMESTEPS, add_noise, draw_sigmas, velocity_target
from .muon import Muon
from .paths import work_path
from .shards import Shards, epoch_rows
from .snapshots import Snapshots
from .training import (
    CHECKPOINT_SECONDS, Log, StopSignal, WeightAverage, decay_factor, parse_until, random_state, restore_random_state,
    save_atomically, set_threads,
)
from .transformer import Transformer, patchify

WARM_UP_STEPS = 30


def flow_loss(model: Transformer, latents: Tensor, states: Tensor, pooled: Tensor, keep: float = 1.0) -> Tensor:
    """Returns the mean squared error of the velocity at random sigmas, over a random share of the tokens.

    latents [batch, 16, h, w], states [batch, K, 256], pooled [batch, 256].
    """
    noise = torch.randn_like(latents)
    sigmas = draw_sigmas(len(latents))
    patches = patchify(add_noise(latents, noise, sigmas))
    target = patchify(velocity_target(latents, noise)).flatten(2).transpose(1, 2)
    kept = None
    if keep < 1.0:
        kept = torch.randperm(target.shape[1])[: round(keep * target.shape[1])]
        target = target[:, kept]
    output = model.velocity_of_patches(patches, sigmas * NUM_TRAIN_TIMESTEPS, states, pooled, kept)
    return (output - target).pow(2).mean()


def make_optimizers(model: Transformer, muon_lr: float, adamw_lr: float) -> list:
    """Returns Muon for the blocks' matrices and AdamW for everything else; with muon_lr 0, AdamW for all."""
    hidden, fused, rest = [], [], []
    for name, parameter in model.named_parameters():
        in_block = muon_lr > 0 and name.startswith("blocks.") and parameter.dim() == 2 and "modulation" not in name
        (fused if in_block and "qkv" in name else hidden if in_block else rest).append(parameter)
    optimizers = [torch.optim.AdamW(rest, lr=adamw_lr, betas=(0.9, 0.95), weight_decay=0.0)]
    if hidden:
        groups = [{"params": hidden, "parts": 1}, {"params": fused, "parts": 3}]
        optimizers.append(Muon(groups, lr=muon_lr, weight_decay=0.01))
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["base"] = group["lr"]
    return optimizers


class Trainer:
    """A transformer, its optimisers and its average, and how they are saved."""

    def __init__(self, options: argparse.Namespace):
        torch.manual_seed(options.seed)
        self.seed = options.seed
        self.model = Transformer()
        self.optimizers = make_optimizers(self.model, options.muon_lr, options.adamw_lr)
        self.average = WeightAverage(self.model, options.average_decay)
        self.step, self.samples, self.seconds = 0, 0, 0.0

    def load(self, state: dict) -> None:
        """Goes on from a saved state."""
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizer"]):
            bases = [group["base"] for group in optimizer.param_groups]
            optimizer.load_state_dict(saved)
            for group, base in zip(optimizer.param_groups, bases):
                group["base"] = base
        self.average.weights = state["average"]
        self.step, self.samples, self.seconds = state["step"], state["samples"], state["seconds"]
        restore_random_state(state["random"])

    def state(self) -> dict:
        """Returns all that a later run needs."""
        return {"model": self.model.state_dict(), "average": self.average.weights,
                "optimizer": [o.state_dict() for o in self.optimizers],
                "step": self.step, "samples": self.samples, "seconds": self.seconds, "random": random_state()}

    def facts(self) -> dict:
        """Returns how long this training has gone on."""
        return {"step": self.step, "samples": self.samples, "hours": round(self.seconds / 3600, 3)}

    def train_step(self, shards: Shards, batch: int, factor: float, keep: float = 1.0) -> float:
        """Takes one step at a share of the base learning rates and returns the loss."""
        loss = flow_loss(self.model, *shards.batch(epoch_rows(len(shards), self.seed, self.samples, batch)), keep)
        self.descend(loss, factor, batch)
        return loss.item()

    def descend(self, loss: Tensor, factor: float, batch: int) -> None:
        """Follows the gradient of a loss over a batch, at a share of the base learning rates."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["base"] * factor
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.step += 1
        self.samples += batch
        self.average.update(self.model, self.step)


def parse_options(arguments: list) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="train transformer", description=__doc__)
    parser.add_argument("--until", required=True, help="end, HH:MM or +MINUTES")
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--keep", type=float, default=1.0, help="share of the image tokens that each step trains; end with 1")
    parser.add_argument("--focus", type=int, default=1, help="use one in N of the scenes with an object outside the core; 1 for all")
    parser.add_argument("--unmirrored", action="store_true", help="leave mirrored scenes out: half as many drawings to learn, a kinder course")
    parser.add_argument("--muon-lr", type=float, default=0.02, help="0 trains all weights by AdamW")
    parser.add_argument("--adamw-lr", type=float, default=1e-3)
    parser.add_argument("--decay-share", type=float, default=0.25, help="share of this run that decays; 0 for none")
    parser.add_argument("--average-decay", type=float, default=0.998)
    parser.add_argument("--snapshot-minutes", type=float, default=15, help="time between grids of samples and snapshots; 0 for none")
    parser.add_argument("--name", default="transformer", help="name of checkpoint and log")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args(arguments)


def main(arguments: list) -> None:
    """Runs the command."""
    options = parse_options(arguments)
    set_threads(options.threads)
    path = work_path("checkpoints", f"{options.name}.pt")
    trainer, shards = Trainer(options), Shards(focus=options.focus, unmirrored=options.unmirrored)
    if path.exists():
        trainer.load(torch.load(path))
    print(f"{len(shards)} scenes, from step {trainer.step}", flush=True)

    stop, log, snapshots = StopSignal(), Log(options.name), Snapshots(options.name, options.snapshot_minutes)
    started, until = time.time(), parse_until(options.until)
    saved, ticked, reported, mean_loss = started, started, (started, trainer.samples), None
    while time.time() < until and not stop:
        factor = min(1.0, (trainer.step + 1) / WARM_UP_STEPS) * decay_factor(time.time(), started, until, options.decay_share)
        loss = trainer.train_step(shards, options.batch, factor, options.keep)
        mean_loss = loss if mean_loss is None else 0.97 * mean_loss + 0.03 * loss
        now = time.time()
        trainer.seconds, ticked = trainer.seconds + now - ticked, now
        if trainer.step % 25 == 0:
            rate = (trainer.samples - reported[1]) / (now - reported[0])
            reported = (now, trainer.samples)
            log.write(until - now, step=trainer.step, samples=trainer.samples, loss=mean_loss, lr=factor, samples_per_second=rate)
        if now - saved > CHECKPOINT_SECONDS:
            save_atomically(trainer.state(), path)
            saved = now
        if snapshots.due():
            snapshots.take(trainer.average.weights, **trainer.facts())
    save_atomically(trainer.state(), path)
    if snapshots.seconds > 0:
        snapshots.take(trainer.average.weights, **trainer.facts())
    log.write(step=trainer.step, samples=trainer.samples, loss=mean_loss or 0.0, hours=trainer.seconds / 3600)
