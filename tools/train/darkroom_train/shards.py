"""Reads the shards of latents and text states that train the transformer."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .catalogue import OBJECTS
from .make_latents import SEED, SHARD_SCENES
from .models import load_statistics
from .paths import WORK_FOLDER
from .scenes import Scene, make_scene

EMPTY_CAPTION_SHARE = 0.1


def is_core(scene: Scene) -> bool:
    """Tells whether all subjects of a scene are shapes or core objects."""
    return all(s is None or s.is_shape or OBJECTS[s.name].core for s in (scene.first, scene.second))


class Shards:
    """All complete shards in memory, half precision; batches come as single-precision tensors."""

    def __init__(self, folder: Path | None = None, focus: int = 1, unmirrored: bool = False):
        """With focus n, of the scenes that show an object outside the core only one in n takes part; unmirrored leaves out the mirrored."""
        folder = folder or WORK_FOLDER / "latents"
        names = [p.name.split("-")[1] for p in sorted(folder.glob("latents-*.npy")) if (folder / p.name.replace("latents", "pooled")).exists()]
        self.latents = np.concatenate([np.load(folder / f"latents-{n}") for n in names])
        self.states = np.concatenate([np.load(folder / f"states-{n}") for n in names], axis=1)
        self.pooled = np.concatenate([np.load(folder / f"pooled-{n}") for n in names], axis=1)
        first_scenes = [int(name.removesuffix(".npy")) * SHARD_SCENES for name in names]
        scenes = [first + place for first in first_scenes for place in range(SHARD_SCENES)]
        self.rows = torch.tensor([
            row for row, (index, scene) in enumerate((index, make_scene(SEED, index)) for index in scenes)
            if (index % focus == 0 or is_core(scene)) and not (unmirrored and scene.mirrored)
        ])
        statistics = load_statistics()
        self.mean, self.std = (torch.tensor(statistics[k]).reshape(1, -1, 1, 1) for k in ("latents_mean", "latents_std"))
        empty = torch.load(folder / "empty.pt")
        self.empty_states, self.empty_pooled = empty["states"][0], empty["pooled"][0]

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, rows: Tensor, empty_share: float = EMPTY_CAPTION_SHARE) -> tuple:
        """Returns normalised latents [batch, 16, 16, 16], states [batch, K, 256] and pooled [batch, 256] of scene rows.

        Each scene takes one of its captions; a share takes the empty one, for classifier-free guidance.
        """
        index = self.rows[rows].numpy()
        variants = torch.randint(len(self.states), rows.shape).numpy()
        latents = (torch.from_numpy(self.latents[index]).float() - self.mean) / self.std
        states = torch.from_numpy(self.states[variants, index]).float()
        pooled = torch.from_numpy(self.pooled[variants, index]).float()
        empty = torch.rand(len(rows)) < empty_share
        states[empty], pooled[empty] = self.empty_states, self.empty_pooled
        return latents, states, pooled


def epoch_rows(count: int, seed: int, position: int, batch: int) -> Tensor:
    """Returns the rows [batch] at a position of an endless, shuffled sequence; a pure function of its arguments."""
    rows = []
    while batch > 0:
        epoch, offset = divmod(position, count)
        order = torch.randperm(count, generator=torch.Generator().manual_seed(seed * 100_003 + epoch))
        taken = order[offset:offset + batch]
        rows.append(taken)
        position, batch = position + len(taken), batch - len(taken)
    return torch.cat(rows)
