"""Teaches the text classifier's embeddings what words mean, before it sees a label, so that it knows synonyms of what it is shown.

Two texts with the same meaning shall have means of embeddings that point the same way, and others not: InfoNCE within a batch
(arXiv 1807.03748), on pairs from WordNet.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .prompt_classifier import PromptClassifier
from .prompt_features import WINDOW, fold, window_features, words_of

BATCH, TEMPERATURE, RATE = 512, 0.1, 5e-3


def pretrain(classifier: PromptClassifier, pairs: list, seed: int, report) -> None:
    """Trains the table alone, once over all pairs."""
    torch.manual_seed(seed)
    optimizer = torch.optim.Adam([classifier.table.weight], lr=RATE)
    order = np.random.default_rng(seed).permutation(len(pairs))
    batches = [order[start:start + BATCH] for start in range(0, len(pairs) - BATCH + 1, BATCH)]
    losses = []
    for number, chosen in enumerate(batches):
        optimizer.param_groups[0]["lr"] = RATE * max(0.02, 1 - number / len(batches))
        left, right = (directions(classifier, [pairs[i][side] for i in chosen]) for side in (0, 1))
        similarity, own = left @ right.T / TEMPERATURE, torch.arange(len(chosen))
        loss = (F.cross_entropy(similarity, own) + F.cross_entropy(similarity.T, own)) / 2
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if (number + 1) % 200 == 0:
            report(pretraining=(number + 1) / len(batches), loss=float(np.mean(losses[-200:])))


def directions(classifier: PromptClassifier, texts: list) -> Tensor:
    """Returns means of embeddings [texts, WIDTH] of length 1, with a tenth of the features left out."""
    windows = [window_features(words_of(fold(text))[:WINDOW]) or [0] for text in texts]
    offsets = torch.from_numpy(np.cumsum([0, *(len(window) for window in windows[:-1])]))
    features = torch.from_numpy(np.concatenate([np.array(window, dtype=np.int64) for window in windows]))
    features = features * (torch.rand(len(features)) >= 0.1)
    return F.normalize(F.embedding_bag(features, classifier.table.weight, offsets, mode="mean", padding_idx=0), dim=1)
