"""Runs all steps in order within given minutes; finished shards and former checkpoints are gone on from."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .paths import TOOL_FOLDER, WORK_FOLDER


def run_step(arguments: list, environment: dict) -> None:
    """Runs one step of train.py as a process of its own and stops at its first failure."""
    print("\n== train " + " ".join(arguments), flush=True)
    subprocess.run([sys.executable, str(TOOL_FOLDER / "train.py"), *arguments], env=environment, check=True)


def plan(minutes: dict, scenes: int, captions: int, model: Path | None = None) -> list:
    """Returns the command lines of all steps; with a folder, the models go into it instead of models/."""
    out = lambda variant: ["--variant", variant, *([] if model is None else ["--out", str(model / variant)])]
    return [
        ["tokenizer", "--captions", str(captions)],
        ["vae", "--until", f"+{minutes['vae']}"],
        ["text", "--until", f"+{minutes['text']}"],
        ["latents", "--scenes", str(scenes)],
        ["transformer", "--until", f"+{minutes['transformer']}"],
        ["sample", *(["--prompt", "a dog", "--columns", "1", "--steps", "2"] if scenes < 1000 else [])],
        ["distill", "--until", f"+{minutes['distill']}"],
        ["export", *out("pocket")],
        ["export", *out("pocket-turbo")],
    ]


def main(arguments: list) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="train all", description=__doc__)
    parser.add_argument("--vae", type=float, default=60.0, metavar="MINUTES")
    parser.add_argument("--text", type=float, default=10.0, metavar="MINUTES")
    parser.add_argument("--transformer", type=float, default=240.0, metavar="MINUTES")
    parser.add_argument("--distill", type=float, default=40.0, metavar="MINUTES")
    parser.add_argument("--scenes", type=int, default=24576)
    parser.add_argument("--smoke", action="store_true", help="a tiny budget in a temporary folder, to test the whole chain")
    options = parser.parse_args(arguments)
    if not options.smoke:
        minutes = {"vae": options.vae, "text": options.text, "transformer": options.transformer, "distill": options.distill}
        for step in plan(minutes, options.scenes, 20000):
            run_step(step, dict(os.environ))
        return
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(WORK_FOLDER / "sprites", Path(folder) / "sprites")
        environment = {**os.environ, "DARKROOM_TRAIN_DIR": folder}
        tiny = {"vae": 0.1, "text": 0.1, "transformer": 0.15, "distill": 0.05}
        for step in plan(tiny, 512, 2000, Path(folder) / "models"):
            run_step(step, environment)
        written = sorted(p.relative_to(folder).as_posix() for p in (Path(folder) / "models").rglob("model.onnx"))
        if len(written) != 8:
            raise SystemExit(f"The export is incomplete: {written}")
        print("Smoke run passed.")
