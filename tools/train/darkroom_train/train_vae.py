"""Trains the VAE on crops of scenes, resumable at any moment."""

import argparse
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .paths import work_path
from .scenes import CANVAS, make_scene, render
from .training import (
    CHECKPOINT_SECONDS, Log, StopSignal, WeightAverage, decay_factor, parse_until, save_atomically, set_threads,
)
from .vae import Vae, image_to_tensor

CROP = 128
# Noise on the latents teaches the decoder to forgive the transformer's errors and keeps latents smooth.
LATENT_NOISE = 0.1
# Keeps the latents' scale near one, so that this noise has a meaning.
SCALE_PENALTY = 1e-3


def crop_batch(seed: int, first: int, count: int) -> Tensor:
    """Returns crops of scenes first .. first+count-1 as images [count, 3, 128, 128]; mostly near the subjects."""
    crops = []
    for index in range(first, first + count):
        rng = np.random.default_rng((seed, index))
        left, top = rng.triangular(0, (CANVAS - CROP) / 2, CANVAS - CROP, 2).astype(int)
        crops.append(render(make_scene(seed, index))[top:top + CROP, left:left + CROP])
    return image_to_tensor(np.stack(crops))


def edges(images: Tensor) -> tuple:
    """Returns the differences of neighbouring pixels across and down."""
    return images[..., 1:] - images[..., :-1], images[..., 1:, :] - images[..., :-1, :]


def reconstruction_loss(output: Tensor, target: Tensor) -> Tensor:
    """L1 + MSE + L1 of the edges, so that flat drawings stay sharp; images [batch, 3, height, width]."""
    edge = sum(F.l1_loss(a, b) for a, b in zip(edges(output), edges(target)))
    return F.l1_loss(output, target) + F.mse_loss(output, target) + edge


@torch.no_grad()
def measure_psnr(vae: Vae, weights: dict, count: int = 48) -> float:
    """Returns the mean PSNR in dB of whole held-out-seed scenes, without latent noise."""
    copy = Vae()
    copy.load_state_dict(weights)
    values = []
    for index in range(count):
        image = image_to_tensor(render(make_scene(999, index))[None])
        output = copy.decoder(copy.encoder(image)).clamp(-1, 1)
        values.append(10 * torch.log10(4 / F.mse_loss(output, image)).item())
    return float(np.mean(values))


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train vae", description=__doc__)
    parser.add_argument("--until", required=True, help="end, HH:MM or +MINUTES; the learning rate decays to zero by then")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--decay-share", type=float, default=0.35, help="share of this run that decays")
    parser.add_argument("--freeze-encoder", action="store_true", help="train the decoder alone, so that existing shards stay valid")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    set_threads(options.threads)
    torch.manual_seed(0)

    path = work_path("checkpoints", "vae.pt")
    vae = Vae()
    optimizer = torch.optim.AdamW(vae.parameters(), lr=options.lr, betas=(0.9, 0.99), weight_decay=1e-3)
    average = WeightAverage(vae, 0.998)
    vae.encoder.requires_grad_(not options.freeze_encoder)
    step = 0
    if path.exists():
        state = torch.load(path)
        vae.load_state_dict(state["model"])
        if "optimizer" in state:
            optimizer.load_state_dict(state["optimizer"])
        average.weights = state["average"]
        step = state["step"]
        torch.set_rng_state(state["random"])

    def save() -> None:
        save_atomically({"model": vae.state_dict(), "average": average.weights, "optimizer": optimizer.state_dict(),
                         "step": step, "random": torch.get_rng_state()}, path)

    stop, log = StopSignal(), Log("vae")
    started, until = time.time(), parse_until(options.until)
    saved, reported, mean_loss = started, (started, step), None
    while time.time() < until and not stop:
        now = time.time()
        factor = min(1.0, (step + 1) / 100) * decay_factor(now, started, until, options.decay_share)
        for group in optimizer.param_groups:
            group["lr"] = options.lr * factor
        images = crop_batch(1, step * options.batch, options.batch)
        latents = vae.encoder(images)
        noisy = latents + LATENT_NOISE * torch.randn_like(latents)
        loss = reconstruction_loss(vae.decoder(noisy), images) + SCALE_PENALTY * latents.pow(2).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        step += 1
        average.update(vae, step)
        mean_loss = loss.item() if mean_loss is None else 0.98 * mean_loss + 0.02 * loss.item()
        if step % 50 == 0:
            rate = (step - reported[1]) * options.batch / (time.time() - reported[0])
            reported = (time.time(), step)
            log.write(until - time.time(), step=step, loss=mean_loss, latent_std=latents.std().item(), crops_per_second=rate)
        if time.time() - saved > CHECKPOINT_SECONDS:
            save()
            saved = time.time()
            log.write(step=step, psnr=measure_psnr(vae, average.weights, 12))
    save()
    log.write(step=step, psnr=measure_psnr(vae, average.weights))
