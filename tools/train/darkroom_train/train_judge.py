"""Trains the judge of tools/evaluate on drawn scenes, never on generated pictures, and exports it."""

import argparse
import hashlib
import json
import time
from functools import partial
from pathlib import Path
from typing import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .export import write_json
from .judge import INPUT_SIDE, JUDGED, UNNAMED, Judge, JudgeGraph, augment, judge_loss, visible_facts
from .models import load_vae
from .onnx_files import export_onnx
from .paths import REPOSITORY, work_path
from .scenes import CANVAS, Scene, make_scene, render, stable_hash
from .training import (
    CHECKPOINT_SECONDS, Log, StopSignal, WeightAverage, decay_factor, parse_until, save_atomically, set_threads,
)
from .vae import Vae, image_to_tensor

JUDGE_FOLDER = REPOSITORY / "tools" / "evaluate" / "judge"
# Scenes of these seeds train nothing else, and none of them is shown to the judge both ways.
TRAINING_SEED, TEST_SEED = 31, 32


def shrink(images: Tensor) -> Tensor:
    """Averages images [batch, 3, side, side] over whole squares of pixels to the judge's side."""
    return F.avg_pool2d(images, images.shape[-1] // INPUT_SIDE)


def training_scene(index: int) -> Scene:
    """Returns a scene that the model may be trained on too; half the single subjects give way to pairs and counts."""
    for attempt in range(3):
        scene = make_scene(TRAINING_SEED, 3 * index + attempt)
        if scene.layout != "single" or stable_hash("keep", index, attempt) % 2 == 0:
            return scene
    return scene


def image_batch(scenes: list, size: int) -> tuple:
    """Returns images [batch, 3, size, size] in [-1, 1] and facts [batch, facts] of scenes."""
    images = image_to_tensor(np.stack([render(scene, size) for scene in scenes]))
    return images, torch.tensor([visible_facts(scene) for scene in scenes])


def through_vae(vae: Vae, images: Tensor) -> Tensor:
    """Encodes and decodes images, which blurs them as every picture of the model is blurred at least."""
    return torch.cat([vae.decoder(vae.encoder(part)).clamp(-1, 1) for part in images.split(8)])


@torch.no_grad()
def measure(judge: Judge, held_out: bool, count: int, change: Callable = lambda images: images) -> dict:
    """Returns the share of right answers per fact over scenes of another seed, by the judge's own view of the layout."""
    judge.eval()
    right, asked = np.zeros(len(JUDGED)), np.zeros(len(JUDGED))
    for start in range(0, count, 64):
        scenes = [make_scene(TEST_SEED, i, held_out) for i in range(start, min(start + 64, count))]
        images, facts = image_batch(scenes, CANVAS)
        pixels = shrink(change(images))
        for place, logits in enumerate(judge(pixels)):
            named = facts[:, place] != UNNAMED
            right[place] += (logits.argmax(1) == facts[:, place])[named].sum().item()
            asked[place] += named.sum().item()
    judge.train()
    return dict(zip(JUDGED, (right / asked.clip(min=1)).tolist()))


class JudgeTrainer:
    """The judge with its optimiser and average; its state is all that a later run needs to go on."""

    def __init__(self, lr: float):
        torch.manual_seed(0)
        self.judge, self.step = Judge(), 0
        self.lr = lr
        self.optimizer = torch.optim.AdamW(self.judge.parameters(), lr=lr, weight_decay=0.02)
        self.average = WeightAverage(self.judge, 0.99)

    def train_step(self, batch: int, factor: float) -> float:
        """Makes one step on the scenes that belong to it; returns the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr * factor * min(1.0, (self.step + 1) / 50)
        first = self.step * batch
        images, facts = image_batch([training_scene(i) for i in range(first, first + batch)], CANVAS // 2)
        pixels = augment(shrink(images), torch.Generator().manual_seed(self.step))
        loss = judge_loss(self.judge(pixels, facts[:, list(JUDGED).index("layout")]), facts)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.judge.parameters(), 5.0)
        self.optimizer.step()
        self.step += 1
        self.average.update(self.judge, self.step)
        return loss.item()

    def state(self) -> dict:
        """Returns all that a later run needs."""
        return {"model": self.judge.state_dict(), "average": self.average.weights, "optimizer": self.optimizer.state_dict(),
                "step": self.step}

    def load(self, state: dict) -> None:
        """Goes on from a state."""
        self.judge.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.weights, self.step = state["average"], state["step"]


def readme(accuracy: list, scenes: int, count: int) -> str:
    """Returns the judge's own card; accuracy holds that over seen and held-out combinations, and over the latter through the VAE."""
    percent = lambda value: f"{100 * value:.1f} %"
    rows = "\n".join(f"| {name} | {' | '.join(percent(one[name]) for one in accuracy)} |" for name in JUDGED)
    return f"""# Judge

A convolutional network that tells from a picture of 64 x 64 pixels what it shows: subjects, their colours, layout and background.
`npm run evaluate` asks it about generated pictures. It was trained by `train.py judge` on {scenes:,} drawn scenes, moved, bent, blurred,
tinted and roughened, and has never seen a generated picture. That step writes every file here.

Right answers about {count:,} scenes that it was not trained on, drawn at 256 px, by its own view of the layout:

| fact | combinations seen in training | combinations held out of training | held out, through the model's VAE |
| --- | ---: | ---: | ---: |
{rows}

The last column is the most that a model with this VAE could reach. `second` and `second_colour` were asked of pairs only, colours where a scene
names one. The judge always answers with one of its classes: what is none of them is taken for the nearest.
"""


def export_judge(judge: Judge, folder: Path, scenes: int, count: int) -> None:
    """Writes the graph, its labels, digests and card."""
    folder.mkdir(parents=True, exist_ok=True)
    judge.eval()
    vae = load_vae()
    accuracy = [measure(judge, False, count), measure(judge, True, count), measure(judge, True, count, partial(through_vae, vae))]
    judge.eval()
    batch = {0: "batch"}
    export_onnx(JudgeGraph(judge), folder / "model.onnx", {"pixels": torch.zeros(2, 3, INPUT_SIDE, INPUT_SIDE)}, list(JUDGED),
                {name: batch for name in ("pixels", *JUDGED)})
    write_json(folder / "config.json", {
        "input": {"name": "pixels", "side": INPUT_SIDE, "layout": "NCHW", "range": [-1, 1], "resize": "mean over squares"},
        "outputs": {name: list(classes) for name, classes in JUDGED.items()},
    })
    digests = {name: "sha256:" + hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("config.json", "model.onnx")}
    write_json(folder / "digests.json", {"files": digests})
    (folder / "README.md").write_text(readme(accuracy, scenes, count), "utf8")
    print(json.dumps({name: [round(one[name], 4) for one in accuracy] for name in JUDGED}, indent=2))


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train judge", description=__doc__)
    parser.add_argument("--until", required=True, help="end, HH:MM or +MINUTES; the learning rate decays to zero by then")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--decay-share", type=float, default=0.5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=JUDGE_FOLDER)
    parser.add_argument("--test-scenes", type=int, default=1024, help="scenes that measure its accuracy at the end")
    options = parser.parse_args(arguments)
    set_threads(options.threads)
    trainer, path = JudgeTrainer(options.lr), work_path("checkpoints", "judge.pt")
    if path.exists():
        trainer.load(torch.load(path))
    stop, log = StopSignal(), Log("judge")
    started, until = time.time(), parse_until(options.until)
    saved, reported = started, (started, trainer.step)
    while time.time() < until and not stop:
        loss = trainer.train_step(options.batch, decay_factor(time.time(), started, until, options.decay_share))
        if trainer.step % 50 == 0:
            rate = (trainer.step - reported[1]) * options.batch / (time.time() - reported[0])
            reported = (time.time(), trainer.step)
            log.write(until - time.time(), step=trainer.step, loss=loss, scenes_per_second=rate)
        if time.time() - saved > CHECKPOINT_SECONDS:
            save_atomically(trainer.state(), path)
            saved = time.time()
    save_atomically(trainer.state(), path)
    average = Judge()
    average.load_state_dict(trainer.average.weights)
    if not stop:
        export_judge(average, options.out, trainer.step * options.batch, options.test_scenes)
