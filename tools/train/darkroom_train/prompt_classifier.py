"""The text classifier: an embedding for each hashed feature, their mean, and a small perceptron."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .prompt_data import CATEGORIES, SEVERITIES, Prompt
from .prompt_features import BUCKET_BITS, windows_of

WIDTH, HIDDEN = 48, 64
LABELS = tuple((category, severity) for category in CATEGORIES for severity in SEVERITIES)


class PromptClassifier(nn.Module):
    """Features to logits [batch, labels]: for each category that a window is at least of severity 1, of 2, and of 3."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding((1 << BUCKET_BITS) + 1, WIDTH, padding_idx=0)
        self.norm = nn.LayerNorm(WIDTH)
        self.hidden = nn.Linear(WIDTH, HIDDEN)
        self.out = nn.Linear(HIDDEN, len(LABELS))
        nn.init.normal_(self.table.weight, std=0.1)
        with torch.no_grad():
            self.table.weight[0] = 0
            self.out.bias.fill_(-4.0)

    def head(self, mean: Tensor) -> Tensor:
        """Turns means of embeddings [batch, WIDTH] into logits."""
        return self.out(F.relu(self.hidden(self.norm(mean))))

    def forward(self, features: Tensor, offsets: Tensor) -> Tensor:
        """Features int64 [all], the first of each window's at `offsets` [batch]; 0 is no feature."""
        return self.head(F.embedding_bag(features, self.table.weight, offsets, mode="mean", padding_idx=0))


class PromptClassifierGraph(nn.Module):
    """What is exported: features int64 [batch, length], padded with 0, to probabilities [batch, labels].

    Rows are looked up in half precision and become floats afterwards, so that the whole table never has to.
    """

    def __init__(self, classifier: PromptClassifier):
        super().__init__()
        self.classifier = classifier
        self.register_buffer("rows", classifier.table.weight.detach().half())

    def forward(self, features: Tensor) -> Tensor:
        mask = (features > 0).to(torch.float32).unsqueeze(2)
        total = (F.embedding(features, self.rows).float() * mask).sum(1)
        return torch.sigmoid(self.classifier.head(total / mask.sum(1).clamp(min=1)))


def targets_of(prompt: Prompt) -> list:
    """Returns the target of each label: 1 where the prompt is of that category and at least that grave."""
    return [float(prompt.category == category and prompt.severity >= severity) for category, severity in LABELS]


class Windows:
    """Windows of many texts, as flat arrays: a training example each, or what a text's scores are the maximum of."""

    def __init__(self, texts: list, first_only: bool = False):
        windows = [(index, window) for index, text in enumerate(texts) for window in windows_of(text)[:1 if first_only else None]]
        self.text = np.array([index for index, _ in windows], dtype=np.int64)
        self.offsets = np.cumsum([0, *(len(window) for _, window in windows)])
        self.features = np.fromiter((number for _, window in windows for number in window), np.int64, self.offsets[-1])

    def __len__(self) -> int:
        return len(self.text)

    def batch(self, chosen: np.ndarray) -> tuple:
        """Returns features and offsets of some windows."""
        parts = [self.features[self.offsets[i]:self.offsets[i + 1]] for i in chosen]
        offsets = np.cumsum([0, *(len(part) for part in parts[:-1])])
        return torch.from_numpy(np.concatenate(parts)), torch.from_numpy(offsets)


@torch.no_grad()
def scores_of(classifier: PromptClassifier, texts: list) -> np.ndarray:
    """Returns for each text [labels] the highest probability over its windows; 0 for a text without words."""
    classifier.eval()
    windows = Windows(texts)
    scores = np.zeros((len(texts), len(LABELS)), dtype=np.float32)
    for start in range(0, len(windows), 1024):
        chosen = np.arange(start, min(start + 1024, len(windows)))
        probabilities = torch.sigmoid(classifier(*windows.batch(chosen))).numpy()
        np.maximum.at(scores, windows.text[chosen], probabilities)
    classifier.train()
    return scores


def train(classifier: PromptClassifier, prompts: list, epochs: int, seed: int, report, table_rate: float = 1e-3) -> None:
    """Trains on each prompt's first window; a share of features is left out each time, as unknown words are later."""
    torch.manual_seed(seed)
    order = np.random.default_rng(seed)
    windows = Windows([prompt.text for prompt in prompts], first_only=True)
    targets = torch.tensor([targets_of(prompts[index]) for index in windows.text])
    batch, step = 256, 0
    steps = epochs * (len(windows) // batch)
    optimizer = torch.optim.Adam([{"params": [classifier.table.weight], "lr": table_rate}, {"params": [
        parameter for name, parameter in classifier.named_parameters() if not name.startswith("table")], "lr": 2e-3}])
    rates = [group["lr"] for group in optimizer.param_groups]
    for epoch in range(epochs):
        losses = []
        for chosen in np.array_split(order.permutation(len(windows)), len(windows) // batch):
            features, offsets = windows.batch(chosen)
            features = features * (torch.rand(len(features)) >= torch.rand(()) * 0.5)
            for group, rate in zip(optimizer.param_groups, rates):
                group["lr"] = rate * max(0.02, 1 - step / steps)
            loss = F.binary_cross_entropy_with_logits(classifier(features, offsets), targets[chosen] * 0.98 + 0.0002)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            step += 1
        report(epoch=epoch + 1, loss=float(np.mean(losses)))
