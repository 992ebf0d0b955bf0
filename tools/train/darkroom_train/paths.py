"""Where the training reads and writes its files."""

import os
from pathlib import Path

TOOL_FOLDER = Path(__file__).resolve().parent.parent
REPOSITORY = TOOL_FOLDER.parent.parent
WORK_FOLDER = Path(os.environ.get("DARKROOM_TRAIN_DIR", REPOSITORY / ".darkroom" / "train"))
MODEL_FOLDER = Path(os.environ.get("DARKROOM_MODEL_DIR", REPOSITORY / "models" / "pocket"))


def work_path(*parts: str) -> Path:
    """Returns a path inside the work folder and makes its parent folder."""
    path = WORK_FOLDER.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
