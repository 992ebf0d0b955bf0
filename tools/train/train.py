#!/usr/bin/python3
"""Trains the pocket model and the classifiers, step by step: `train.py STEP --help` explains each step."""

import importlib
import os
import sys

# A waiting OpenMP thread that spins makes every other process on the machine several times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

STEPS = {
    "tokenizer": ("train_tokenizer", "train the byte-level BPE tokenizer on captions"),
    "vae": ("train_vae", "train the VAE"),
    "text": ("train_text", "train the text encoder on captions and scene facts"),
    "latents": ("make_latents", "encode scenes and captions into shards"),
    "transformer": ("train_transformer", "train the transformer on the shards"),
    "distill": ("distill", "distil the transformer into models/pocket-turbo's: four steps, no guidance"),
    "judge": ("train_judge", "train the classifier with which tools/evaluate judges pictures"),
    "captions": ("make_captions", "write the captions and scenes that tools/evaluate asks about"),
    "moderation": ("train_moderation", "train the moderator's classifier of prompts, into models/moderation-text"),
    "sample": ("sample", "draw a grid of pictures from a checkpoint"),
    "curve": ("curve", "measure the alignment of each snapshot and plot it with the loss"),
    "sheet": ("contact_sheet", "draw all objects and some scenes of the course, to look at"),
    "parity": ("make_parity", "write torch outputs for src/check-parity.ts to compare with ONNX Runtime"),
    "export": ("export", "write models/pocket or models/pocket-turbo from the checkpoints"),
    "restore": ("restore", "make checkpoints from models/pocket, to train on from what ships"),
    "all": ("run_all", "run all steps in order within given times"),
    "smoke": ("run_all", "run all steps on a tiny budget in a temporary folder"),
}


def main() -> int:
    """Dispatches to a step."""
    if len(sys.argv) < 2 or sys.argv[1] not in STEPS:
        print(f"Usage: {os.path.basename(sys.argv[0])} STEP [OPTIONS]\n")
        for name, (_, purpose) in STEPS.items():
            print(f"  {name:12} {purpose}")
        return 0 if sys.argv[1:] in ([], ["--help"], ["-h"]) else 2
    module = importlib.import_module(f"darkroom_train.{STEPS[sys.argv[1]][0]}")
    arguments = sys.argv[2:]
    module.main(["--smoke", *arguments] if sys.argv[1] == "smoke" else arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
