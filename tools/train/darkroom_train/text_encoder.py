"""The text encoder: windowed attention over up to 32,768 tokens, resampled to a few query tokens.

Cost grows linearly with the length: each window of 64 tokens attends to itself and its two neighbours, and the
learned queries attend to all tokens once per resampling layer (Perceiver, arXiv 2103.03206).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HIDDEN = 256
HEADS = 4
WINDOW = 64
NUM_QUERIES = 8
TOKEN_LAYERS = 2
QUERY_LAYERS = 2
MASKED = -1e4


class RmsNorm(nn.Module):
    """Root-mean-square normalisation of the last axis."""

    def __init__(self, size: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight


def attention(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None) -> Tensor:
    """Explicit attention of [..., tokens, head_dim] tensors; an additive bias masks keys."""
    scores = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
    if bias is not None:
        scores = scores + bias
    return torch.softmax(scores, dim=-1) @ value


def rotary_table(positions: Tensor, head_dim: int, base: float = 1000.0) -> tuple:
    """Returns cosines and sines [positions, head_dim / 2] for 1-D rotary positions (arXiv 2104.09864)."""
    frequencies = base ** (-torch.arange(0, head_dim, 2).float() / head_dim)
    angles = positions.float()[:, None] * frequencies
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Rotates the two halves of the last axis of x by the given angles."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cosine - b * sine, a * sine + b * cosine), dim=-1)


def feed_forward(size: int) -> nn.Sequential:
    """Returns a two-layer perceptron, four times wider inside."""
    return nn.Sequential(nn.Linear(size, size * 4), nn.GELU(), nn.Linear(size * 4, size))


class WindowLayer(nn.Module):
    """A transformer layer whose attention reaches the token's own window and both neighbours."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = RmsNorm(HIDDEN), RmsNorm(HIDDEN)
        self.qkv = nn.Linear(HIDDEN, HIDDEN * 3)
        self.out = nn.Linear(HIDDEN, HIDDEN)
        self.mlp = feed_forward(HIDDEN)

    def forward(self, x: Tensor, bias: Tensor, window: int) -> Tensor:
        """x [batch, sequence, hidden], bias [batch, windows, 1, 1, 3 window] of the keys."""
        batch = x.shape[0]
        head = HIDDEN // HEADS
        windows = self.qkv(self.norm1(x)).reshape(batch, -1, window, 3, HEADS, head).permute(3, 0, 1, 4, 2, 5)
        query, key, value = windows[0], windows[1], windows[2]
        cosine, sine = rotary_table(torch.arange(3 * window), head)
        query = rotate(query, cosine[window:2 * window], sine[window:2 * window])
        key = rotate(with_neighbours(key), cosine, sine)
        mixed = attention(query, key, with_neighbours(value), bias)
        x = x + self.out(mixed.permute(0, 1, 3, 2, 4).reshape(batch, -1, HIDDEN))
        return x + self.mlp(self.norm2(x))


def with_neighbours(windows: Tensor) -> Tensor:
    """Joins each window [batch, windows, heads, window, dim] with its neighbours: [..., 3 window, dim]."""
    edge = torch.zeros_like(windows[:, :1])
    before = torch.cat((edge, windows[:, :-1]), dim=1)
    after = torch.cat((windows[:, 1:], edge), dim=1)
    return torch.cat((before, windows, after), dim=-2)


class ResampleLayer(nn.Module):
    """Queries attend to all tokens, then to each other."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2, self.norm3 = RmsNorm(HIDDEN), RmsNorm(HIDDEN), RmsNorm(HIDDEN)
        self.norm_tokens = RmsNorm(HIDDEN)
        self.cross_q, self.cross_kv = nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, HIDDEN * 2)
        self.cross_out = nn.Linear(HIDDEN, HIDDEN)
        self.self_qkv, self.self_out = nn.Linear(HIDDEN, HIDDEN * 3), nn.Linear(HIDDEN, HIDDEN)
        self.mlp = feed_forward(HIDDEN)

    def forward(self, queries: Tensor, tokens: Tensor, bias: Tensor) -> Tensor:
        """queries [batch, K, hidden], tokens [batch, sequence, hidden], bias [batch, 1, 1, sequence]."""
        batch, head = queries.shape[0], HIDDEN // HEADS
        query = self.cross_q(self.norm1(queries)).reshape(batch, -1, HEADS, head).transpose(1, 2)
        pair = self.cross_kv(self.norm_tokens(tokens)).reshape(batch, -1, 2, HEADS, head).permute(2, 0, 3, 1, 4)
        mixed = attention(query, pair[0], pair[1], bias).transpose(1, 2).reshape(batch, -1, HIDDEN)
        queries = queries + self.cross_out(mixed)
        triple = self.self_qkv(self.norm2(queries)).reshape(batch, -1, 3, HEADS, head).permute(2, 0, 3, 1, 4)
        mixed = attention(triple[0], triple[1], triple[2]).transpose(1, 2).reshape(batch, -1, HIDDEN)
        queries = queries + self.self_out(mixed)
        return queries + self.mlp(self.norm3(queries))


class TextEncoder(nn.Module):
    """Token ids [batch, sequence] to encoder_hidden_states [batch, K, 256] and pooled_projections [batch, 256]."""

    def __init__(self, vocabulary: int):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, HIDDEN)
        nn.init.normal_(self.embedding.weight, std=1.0)
        self.queries = nn.Parameter(torch.randn(1, NUM_QUERIES, HIDDEN))
        self.token_layers = nn.ModuleList(WindowLayer() for _ in range(TOKEN_LAYERS))
        self.query_layers = nn.ModuleList(ResampleLayer() for _ in range(QUERY_LAYERS))
        self.norm, self.norm_pooled = RmsNorm(HIDDEN), RmsNorm(HIDDEN)
        self.pool = nn.Linear(NUM_QUERIES * HIDDEN, HIDDEN)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple:
        """The sequence is at most 64 tokens, or a multiple of 64, padded with mask 0."""
        batch, sequence = input_ids.shape
        window = min(WINDOW, int(sequence))
        bias = (1.0 - attention_mask.float()) * MASKED
        masked = torch.full_like(bias[:, :window], MASKED)
        before = torch.cat((masked, bias[:, :-window]), dim=1) if sequence > window else masked
        after = torch.cat((bias[:, window:], masked), dim=1)
        parts = [part.reshape(batch, -1, 1, 1, window) for part in (before, bias, after)]
        window_bias = torch.cat(parts, dim=-1)
        x = self.embedding(input_ids)
        for layer in self.token_layers:
            x = layer(x, window_bias, window)
        queries = self.queries.expand(batch, -1, -1)
        for layer in self.query_layers:
            queries = layer(queries, x, bias[:, None, None, :])
        states = self.norm(queries)
        return states, self.norm_pooled(self.pool(states.flatten(1)))


def pad_tokens(token_lists: list, multiple: int = WINDOW) -> tuple:
    """Pads lists of token ids to one length, a multiple of `multiple`: input_ids, attention_mask [batch, sequence]."""
    longest = max(map(len, token_lists))
    length = -(-longest // multiple) * multiple
    input_ids = torch.zeros(len(token_lists), length, dtype=torch.long)
    attention_mask = torch.zeros_like(input_ids)
    for row, tokens in enumerate(token_lists):
        input_ids[row, :len(tokens)] = torch.tensor(tokens)
        attention_mask[row, :len(tokens)] = 1
    return input_ids, attention_mask
