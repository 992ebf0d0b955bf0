"""Measures the alignment of each snapshot of the transformer on held-out captions, and plots it with the loss.

The judge and the captions are those of tools/evaluate; pictures come from torch, so figures differ from those of `npm run evaluate` by
other noise and by fewer captions. Snapshots that were measured before in the same way are not measured again.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from .judge import JUDGED, Judge
from .make_captions import EVALUATE_FOLDER
from .models import PocketModel, load_average
from .paths import WORK_FOLDER, work_path
from .sample import draw
from .snapshots import load_snapshot, snapshot_paths
from .train_judge import shrink
from .vae import image_to_tensor

# What captions of tools/evaluate name in their facts, and the judge's word for it.
ASKED = {"first": "first", "first_colour": "firstColour", "second": "second", "second_colour": "secondColour",
         "layout": "layout", "background": "background"}


def chosen_captions(per_kind: int) -> dict:
    """Returns the first held-out captions of each kind."""
    captions = json.loads((EVALUATE_FOLDER / "captions.json").read_text("utf8"))["captions"]
    kinds = {}
    for caption in captions:
        kinds.setdefault(caption["kind"], []).append(caption)
    return {kind: entries[:per_kind] for kind, entries in kinds.items()}


@torch.no_grad()
def alignment(model: PocketModel, judge: Judge, captions: dict, steps: int) -> dict:
    """Returns for each kind of caption the share of pictures in which the judge sees everything that was asked for."""
    shares = {}
    for kind, entries in captions.items():
        pictures = draw(model, [entry["caption"] for entry in entries], steps=steps)
        seen = [logits.argmax(1).tolist() for logits in judge(shrink(image_to_tensor(pictures)))]
        told = [{fact: classes[row[place]] for (fact, classes), row in zip(JUDGED.items(), seen)} for place in range(len(entries))]
        right = [
            all(told[place][fact] == entry["facts"][name] for fact, name in ASKED.items() if entry["facts"][name] is not None)
            for place, entry in enumerate(entries)
        ]
        shares[kind] = round(float(np.mean(right)), 4)
    return shares


def read_lines(path: Path) -> list:
    """Returns the entries of a file of JSON lines, or none when there is no such file."""
    return [json.loads(line) for line in path.read_text("utf8").splitlines()] if path.exists() else []


def measure_snapshots(name: str, per_kind: int, steps: int) -> list:
    """Measures the snapshots that logs/NAME-alignment.jsonl lacks and returns its entries of this measure, by samples seen."""
    log, measure = WORK_FOLDER / "logs" / f"{name}-alignment.jsonl", {"per_kind": per_kind, "sampled_steps": steps}

    def entries() -> list:
        return [entry for entry in read_lines(log) if measure.items() <= entry.items()]

    measured = {entry["samples"] for entry in entries()}
    captions, judge = chosen_captions(per_kind), Judge()
    load_average(judge, "judge")
    for path in snapshot_paths(name):
        if int(path.stem.rsplit("-", 1)[1]) in measured:
            continue
        model, facts = load_snapshot(path)
        entry = {**facts, **measure, **alignment(model, judge, captions, steps)}
        with open(log, "a", encoding="utf8") as file:
            file.write(json.dumps(entry) + "\n")
        print(json.dumps(entry), flush=True)
    return sorted(entries(), key=lambda entry: entry["samples"])


def plot(entries: list, name: str, per_kind: int, out: Path) -> None:
    """Draws loss and alignment over the samples seen, with the hours of training along the top."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    losses = [(line["samples"] / 1000, line["loss"]) for line in read_lines(WORK_FOLDER / "logs" / f"{name}.jsonl") if "lr" in line]
    figure, left = pyplot.subplots(figsize=(8, 4.2), dpi=100)
    left.plot(*zip(*losses), color="0.72", linewidth=1)
    left.set_xlabel("samples seen, thousands")
    left.set_ylabel("training loss (grey)")
    left.set_ylim(0.15, 0.6)
    right = left.twinx()
    samples = [entry["samples"] / 1000 for entry in entries]
    for kind in ("object", "background", "shape", "pair", "count"):
        right.plot(samples, [100 * entry[kind] for entry in entries], marker="o", markersize=3, label=kind)
    right.set_ylim(0, 103)
    right.set_ylabel(f"everything asked is right, % of {per_kind} captions a kind")
    right.legend(loc="lower right", fontsize=8)
    top = left.secondary_xaxis("top")
    top.set_xticks(samples, [f"{entry['hours']:.1f} h" for entry in entries], fontsize=7)
    figure.tight_layout()
    figure.savefig(out)


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train curve", description=__doc__)
    parser.add_argument("--name", default="transformer", help="whose snapshots and log")
    parser.add_argument("--per-kind", type=int, default=24, help="held-out captions of each kind")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--out", type=Path, default=work_path("samples", "training.png"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    entries = measure_snapshots(options.name, options.per_kind, options.steps)
    if not entries:
        raise SystemExit(f"{WORK_FOLDER / 'snapshots'} holds no snapshot of {options.name}: train.py transformer makes them")
    plot(entries, options.name, options.per_kind, options.out)
    print(f"{options.out}: {len(entries)} snapshots")
