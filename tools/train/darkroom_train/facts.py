"""The facts that a caption tells of its scene, as class numbers; class 0 always means "not said"."""

import torch
from torch import Tensor, nn

from .catalogue import COLOUR_NAMES, SUBJECTS
from .scenes import LAYOUTS, Scene
from .text_encoder import HIDDEN, NUM_QUERIES

SUBJECT_CLASSES = ("none", *SUBJECTS)
COLOUR_CLASSES = ("none", *COLOUR_NAMES)
# Facts follow the places of the picture, not the order of words: "first" is the left or upper subject.
FACTS = {
    "first": SUBJECT_CLASSES,
    "first_colour": COLOUR_CLASSES,
    "second": SUBJECT_CLASSES,
    "second_colour": COLOUR_CLASSES,
    "layout": LAYOUTS,
    "background": COLOUR_CLASSES,
}
EMPTY = (0,) * len(FACTS)


def scene_facts(scene: Scene) -> tuple:
    """Returns the class numbers of a scene as its caption mentions it, in the order of FACTS."""
    names = (
        scene.first.name, scene.first.colour, scene.second and scene.second.name, scene.second and scene.second.colour,
        scene.layout, scene.background,
    )
    return tuple(classes.index(name or "none") for name, classes in zip(names, FACTS.values()))


class FactHeads(nn.Module):
    """Linear readers: each fact from a query token of its own, and all facts from the spare tokens and the pooled vector."""

    def __init__(self):
        super().__init__()
        sizes = [len(c) for c in FACTS.values()]
        self.own = nn.ModuleList(nn.Linear(HIDDEN, size) for size in sizes)
        self.spare = nn.ModuleList(nn.Linear(HIDDEN * (NUM_QUERIES - len(FACTS)), size) for size in sizes)
        self.pooled = nn.ModuleList(nn.Linear(HIDDEN, size) for size in sizes)

    def forward(self, states: Tensor, pooled: Tensor) -> list:
        """Returns for each fact the logits [batch, classes] of its own token, the spare tokens and the pooled vector."""
        spare = states[:, len(FACTS):].flatten(1)
        return [
            (own(states[:, place]), from_spare(spare), from_pooled(pooled))
            for place, (own, from_spare, from_pooled) in enumerate(zip(self.own, self.spare, self.pooled))
        ]


def facts_loss(logits: list, facts: Tensor) -> Tensor:
    """Returns the mean cross-entropy of all readers; facts [batch, number of facts]."""
    losses = [nn.functional.cross_entropy(reader, facts[:, place]) for place, readers in enumerate(logits) for reader in readers]
    return torch.stack(losses).mean()


def facts_accuracy(logits: list, facts: Tensor) -> dict:
    """Returns for each fact the share of samples that its own token and the pooled vector both tell rightly."""
    return {
        name: ((own.argmax(1) == facts[:, place]) & (pooled.argmax(1) == facts[:, place])).float().mean().item()
        for place, (name, (own, _, pooled)) in enumerate(zip(FACTS, logits))
    }
