"""The transformer: a single-stream diffusion transformer that predicts the velocity of latents.

Image patches and text tokens share one self-attention (SD3, arXiv 2403.03206); the timestep and the pooled text modulate
each block by adaLN-zero (DiT, arXiv 2212.09748); image tokens carry 2-D rotary positions scaled to the image, so that a
layout learned at one size holds at others; queries and keys are normalised for stability (arXiv 2302.05442).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .flow import NUM_TRAIN_TIMESTEPS
from .text_encoder import HIDDEN as TEXT_HIDDEN
from .text_encoder import NUM_QUERIES, RmsNorm, attention, rotate
from .vae import LATENT_CHANNELS

HIDDEN = 256
HEADS = 4
HEAD_DIM = HIDDEN // HEADS
LAYERS = 8
PATCH = 2
PATCH_CHANNELS = LATENT_CHANNELS * PATCH * PATCH
SAMPLE_SIZE = 16


def timestep_embedding(timestep: Tensor) -> Tensor:
    """Returns sinusoids [batch, 256] of timesteps [batch] in 0..1000."""
    frequencies = torch.exp(-math.log(10000.0) * torch.arange(HIDDEN // 2).float() / (HIDDEN // 2))
    angles = timestep[:, None] * frequencies
    return torch.cat((angles.cos(), angles.sin()), dim=-1)


def preconditioning(sigmas: Tensor) -> tuple:
    """Returns the factors [batch, 1, 1] of noisy latents and network output that make up the velocity.

    The best linear guess of the velocity is left to the first factor, and the second scales the rest to unit variance
    (as EDM does, arXiv 2206.00364, here for rectified flow and data of unit variance). So at high noise the network
    has only to tell the picture and need not carry the noise through its layers.
    """
    sigmas = sigmas[:, None, None]
    variance = (1 - sigmas) ** 2 + sigmas ** 2
    return (2 * sigmas - 1) / variance, torch.rsqrt(variance)


def image_positions(tokens: Tensor) -> tuple:
    """Returns patch-centre coordinates, down and across, of [batch, channels, rows, columns]: each [rows * columns].

    They run from -1 to 1 along the shorter side of a square-like image, times the trained number of patches.
    A cumulative sum stands for arange, so that an exported graph follows any size.
    """
    ones = torch.ones_like(tokens[0, 0])
    rows, columns = ones.cumsum(0) - 0.5, ones.cumsum(1) - 0.5
    height, width = ones[:, :1].sum(), ones[:1].sum()
    scale = SAMPLE_SIZE / PATCH / torch.minimum(height, width)
    return ((rows - height / 2) * scale).flatten(), ((columns - width / 2) * scale).flatten()


def rotary_2d(down: Tensor, across: Tensor) -> tuple:
    """Returns cosines and sines [text + image tokens, head_dim / 2]; text tokens stay unrotated."""
    count = HEAD_DIM // 4
    frequencies = 2 * math.pi / torch.logspace(math.log2(2.5), math.log2(64), count, base=2.0)
    angles = torch.cat((down[:, None] * frequencies, across[:, None] * frequencies), dim=-1)
    angles = torch.cat((torch.zeros(NUM_QUERIES, HEAD_DIM // 2), angles), dim=0)
    return angles.cos(), angles.sin()


class Block(nn.Module):
    """Self-attention and a perceptron, each modulated by shift, scale and gate."""

    def __init__(self):
        super().__init__()
        self.modulation = nn.Linear(HIDDEN, HIDDEN * 6)
        self.qkv = nn.Linear(HIDDEN, HIDDEN * 3)
        self.out = nn.Linear(HIDDEN, HIDDEN)
        self.norm_q, self.norm_k = RmsNorm(HEAD_DIM), RmsNorm(HEAD_DIM)
        self.up, self.down = nn.Linear(HIDDEN, HIDDEN * 4), nn.Linear(HIDDEN * 4, HIDDEN)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: Tensor, condition: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        """x [batch, tokens, hidden], condition [batch, hidden]."""
        batch = x.shape[0]
        shift1, scale1, gate1, shift2, scale2, gate2 = self.modulation(condition)[:, None].chunk(6, dim=-1)
        triple = self.qkv(normalise(x) * (1 + scale1) + shift1)
        query, key, value = triple.reshape(batch, -1, 3, HEADS, HEAD_DIM).permute(2, 0, 3, 1, 4).unbind(0)
        mixed = attention(rotate(self.norm_q(query), cosine, sine), rotate(self.norm_k(key), cosine, sine), value)
        x = x + gate1 * self.out(mixed.transpose(1, 2).reshape(batch, -1, HIDDEN))
        hidden = F.gelu(self.up(normalise(x) * (1 + scale2) + shift2))
        return x + gate2 * self.down(hidden)


def normalise(x: Tensor) -> Tensor:
    """Root-mean-square normalisation without weights; the modulation supplies them."""
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)


def patchify(x: Tensor) -> Tensor:
    """Folds 2x2 latents into channels: [batch, c, h, w] to [batch, 4c, h/2, w/2]."""
    return F.pixel_unshuffle(x, PATCH)


class Transformer(nn.Module):
    """Noisy latents and conditioning to the velocity (noise - data)."""

    def __init__(self):
        super().__init__()
        self.patch_in = nn.Linear(PATCH_CHANNELS, HIDDEN)
        self.text_in = nn.Linear(TEXT_HIDDEN, HIDDEN)
        self.text_position = nn.Parameter(0.02 * torch.randn(1, NUM_QUERIES, HIDDEN))
        self.place_in = nn.Linear(HEAD_DIM, HIDDEN)
        self.time_in = nn.Sequential(nn.Linear(HIDDEN, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, HIDDEN))
        self.pooled_in = nn.Linear(TEXT_HIDDEN, HIDDEN)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.modulation_out = nn.Linear(HIDDEN, HIDDEN * 2)
        self.patch_out = nn.Linear(HIDDEN, PATCH_CHANNELS)
        for layer in (self.modulation_out, self.patch_out):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, hidden_states: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, pooled_projections: Tensor) -> Tensor:
        """hidden_states [batch, 16, h, w], timestep [batch] in 0..1000, encoder_hidden_states [batch, K, 256], pooled [batch, 256]."""
        patches = patchify(hidden_states)
        velocity = self.velocity_of_patches(patches, timestep, encoder_hidden_states, pooled_projections)
        return F.pixel_shuffle(velocity.transpose(1, 2).reshape(patches.shape), PATCH)

    def velocity_of_patches(self, patches: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, pooled_projections: Tensor,
                            kept: Tensor | None = None) -> Tensor:
        """Returns the velocity [batch, tokens, 64] of patches [batch, 64, rows, columns], or of the kept tokens alone.

        Training on a random part of the tokens costs less, and text and places still tell each token what to become
        (masked training, arXiv 2306.09305).
        """
        cosine, sine = rotary_2d(*image_positions(patches))
        tokens = patches.flatten(2).transpose(1, 2)
        if kept is not None:
            tokens = tokens[:, kept]
            rows = torch.cat((torch.arange(NUM_QUERIES), kept + NUM_QUERIES))
            cosine, sine = cosine[rows], sine[rows]
        # Absolute places as well: where a subject goes follows from the text, not from other patches.
        place = torch.cat((cosine[NUM_QUERIES:], sine[NUM_QUERIES:]), dim=-1)
        image = self.patch_in(tokens) + self.place_in(place)
        x = torch.cat((self.text_in(encoder_hidden_states) + self.text_position, image), dim=1)
        condition = F.silu(self.time_in(timestep_embedding(timestep)) + self.pooled_in(pooled_projections))
        for block in self.blocks:
            x = block(x, condition, cosine, sine)
        shift, scale = self.modulation_out(condition)[:, None].chunk(2, dim=-1)
        output = self.patch_out(normalise(x[:, NUM_QUERIES:]) * (1 + scale) + shift)
        skip, gain = preconditioning(timestep / NUM_TRAIN_TIMESTEPS)
        return skip * tokens + gain * output
