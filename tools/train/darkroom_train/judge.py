"""The judge: a small convolutional network that tells from a picture alone what a scene's facts are.

Features are averaged over the places of the layout it sees, so one reader of subjects serves every place.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .catalogue import COLOUR_NAMES, SUBJECTS
from .scenes import LAYOUTS, PLACES, Scene
from .vae import Downsample

INPUT_SIDE = 64
CELLS = 8
WIDTH = 256
SEEN_LAYOUTS = tuple(name for name in LAYOUTS if name != "none")
PAIR_LAYOUTS = ("horizontal", "vertical")
# What each output of the graph tells; "second" is meaningful for pair layouts alone.
JUDGED = {
    "first": SUBJECTS,
    "first_colour": COLOUR_NAMES,
    "second": SUBJECTS,
    "second_colour": COLOUR_NAMES,
    "layout": SEEN_LAYOUTS,
    "background": COLOUR_NAMES,
}
# Class of a fact that a picture doesn't show, or shows without a name: an object in its own colours, the second of a single.
UNNAMED = -100


def visible_facts(scene: Scene) -> tuple:
    """Returns the class numbers of what a picture of the scene shows, in the order of JUDGED."""
    # A tint has no name, so the judge isn't told what to call it.
    named = (
        scene.first.name, scene.first.visible_colour, scene.second and scene.second.name, scene.second and scene.second.visible_colour,
        scene.layout, scene.background or ("white" if scene.tint == "white" else None),
    )
    return tuple(UNNAMED if name is None else classes.index(name) for name, classes in zip(named, JUDGED.values()))


def _overlap(centre: float, side: float) -> Tensor:
    """Returns the share [CELLS] of each cell along an axis that an interval covers."""
    edges = torch.arange(CELLS + 1) / CELLS
    return ((edges[1:]).clamp(max=centre + side / 2) - edges[:-1].clamp(min=centre - side / 2)).clamp(min=0) * CELLS


def _window(centres: list, side: float) -> Tensor:
    """Returns weights [CELLS * CELLS], summing to one, of the cells that squares around centres cover."""
    cover = sum(torch.outer(_overlap(y, side), _overlap(x, side)) for x, y in centres)
    return (cover / cover.sum()).flatten()


def place_windows() -> Tensor:
    """Returns weights [layouts, 2, cells] of the first and second subject; those of a kind count as one subject."""
    windows = []
    for name in SEEN_LAYOUTS:
        centres, side = PLACES[name]
        places = [centres[:1], centres[1:]] if name in PAIR_LAYOUTS else [centres, centres]
        windows.append(torch.stack([_window(place, side) for place in places]))
    return torch.stack(windows)


def border_window() -> Tensor:
    """Returns weights [cells] of the outermost cells, where every scene shows its background."""
    ring = torch.ones(CELLS, CELLS)
    ring[1:-1, 1:-1] = 0
    return (ring / ring.sum()).flatten()


def _normalisation(channels: int) -> nn.Module:
    norm = nn.BatchNorm2d(channels)
    # The average of weights takes in every buffer, and a whole number has none.
    norm.num_batches_tracked = norm.num_batches_tracked.float()
    return norm


class JudgeBlock(nn.Module):
    """Two 3x3 convolutions with batch normalisation, added to their input (arXiv 1512.03385)."""

    def __init__(self, channels: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), _normalisation(channels), nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), _normalisation(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.layers(x))


class Judge(nn.Module):
    """Pixels [batch, 3, 64, 64] in [-1, 1] to one row of logits per fact, in the order of JUDGED."""

    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(12, 32, 3, padding=1, bias=False), _normalisation(32), nn.ReLU(),
            Downsample(32, 64), JudgeBlock(64), JudgeBlock(64),
            Downsample(64, 128), JudgeBlock(128), JudgeBlock(128),
            nn.Conv2d(128, WIDTH, 1, bias=False), _normalisation(WIDTH), nn.ReLU(),
        )
        self.survey = nn.Conv2d(WIDTH, 16, 1)
        self.layout = nn.Sequential(nn.Linear(16 * CELLS * CELLS, 96), nn.ReLU(), nn.Linear(96, len(SEEN_LAYOUTS)))
        self.subject = nn.Linear(WIDTH, len(SUBJECTS))
        self.colour = nn.Linear(WIDTH, len(COLOUR_NAMES))
        self.background = nn.Linear(WIDTH, len(COLOUR_NAMES))
        self.register_buffer("places", place_windows(), persistent=False)
        self.register_buffer("border", border_window(), persistent=False)

    def forward(self, pixels: Tensor, layouts: Tensor | None = None) -> tuple:
        """Reads subjects at the places of the given layouts [batch] (training), else of those that it sees itself."""
        cells = self.trunk(pixels)
        layout = self.layout(F.relu(self.survey(cells)).flatten(1))
        cells = cells.flatten(2)
        seen = layout.softmax(1) if layouts is None else F.one_hot(layouts, len(SEEN_LAYOUTS)).float()
        windows = torch.matmul(seen, self.places.flatten(1)).reshape(-1, 2, CELLS * CELLS)
        places = torch.matmul(windows, cells.transpose(1, 2))
        subjects, colours = self.subject(places), self.colour(places)
        background = self.background(torch.matmul(cells, self.border))
        return subjects[:, 0], colours[:, 0], subjects[:, 1], colours[:, 1], layout, background


class JudgeGraph(nn.Module):
    """What is exported: the judge with probabilities instead of logits."""

    def __init__(self, judge: Judge):
        super().__init__()
        self.judge = judge

    def forward(self, pixels: Tensor) -> tuple:
        return tuple(logits.softmax(1) for logits in self.judge(pixels))


def judge_loss(logits: tuple, facts: Tensor) -> Tensor:
    """Returns the summed cross-entropy of all facts [batch, facts] that have a name."""
    losses = []
    for place, row in enumerate(logits):
        if (facts[:, place] != UNNAMED).any():
            losses.append(F.cross_entropy(row, facts[:, place], ignore_index=UNNAMED, label_smoothing=0.02))
    return torch.stack(losses).sum()


def blur(pixels: Tensor, sigma: float) -> Tensor:
    """Blurs pixels [batch, 3, height, width] with a Gaussian of a standard deviation in pixels; edges are repeated."""
    offsets = torch.arange(-3, 4).float()
    kernel = torch.exp(-offsets.square() / (2 * sigma * sigma))
    kernel = kernel / kernel.sum()
    padded = F.pad(pixels, (3, 3, 3, 3), mode="replicate")
    across = F.conv2d(padded, kernel.reshape(1, 1, 1, 7).expand(3, 1, 1, 7), groups=3)
    return F.conv2d(across, kernel.reshape(1, 1, 7, 1).expand(3, 1, 7, 1), groups=3)


def augment(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Moves, scales, bends, blurs, tints and roughens pixels [batch, 3, 64, 64], as a generated picture may be off."""
    batch = len(pixels)

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator) * 2 - 1

    scale, stretch, shift = 1 + 0.08 * uniform(batch), 1 + 0.04 * uniform(batch), 0.08 * uniform(batch, 2)
    theta = torch.zeros(batch, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1], theta[:, :, 2] = scale * stretch, scale / stretch, shift
    bend = F.interpolate(0.03 * torch.randn(batch, 2, 5, 5, generator=generator), (INPUT_SIDE, INPUT_SIDE), mode="bicubic")
    grid = F.affine_grid(theta, list(pixels.shape), align_corners=False) + bend.permute(0, 2, 3, 1)
    moved = F.grid_sample(pixels, grid, padding_mode="border", align_corners=False)
    half = batch // 2
    sigma = 0.4 + 0.8 * torch.rand(1, generator=generator).item()
    moved = torch.cat((blur(moved[:half], sigma), moved[half:]))
    tint = 0.05 * uniform(batch, 3, 1, 1) + 0.05 * uniform(batch, 1, 1, 1)
    moved = moved * (1 + 0.08 * uniform(batch, 1, 1, 1)) + tint
    moved = moved + 0.06 * torch.rand(batch, 1, 1, 1, generator=generator) * torch.randn(pixels.shape, generator=generator)
    return moved.clamp(-1, 1)
