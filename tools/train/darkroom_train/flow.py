"""Rectified flow (arXiv 2209.03003): straight paths between data and noise, and their Euler solver."""

import torch
from torch import Tensor

SHIFT = 2.5
# The distilled transformer's few steps: sigmas are stretched so that the last one before 0 is this, as LTX-Video does (shift_terminal
# in diffusers); else one of four steps would be spent on the last 0.6 % of the noise.
TURBO_STEPS, TURBO_TERMINAL = 4, 0.3
NUM_TRAIN_TIMESTEPS = 1000


def shift_sigmas(sigmas: Tensor, shift: float = SHIFT) -> Tensor:
    """Moves sigmas in 0..1 towards noise, as SD3 does for larger images (arXiv 2403.03206, section 5.3.2)."""
    return shift * sigmas / (1 + (shift - 1) * sigmas)


def draw_sigmas(count: int) -> Tensor:
    """Draws training sigmas [count]: logit-normal, shifted to noise."""
    return shift_sigmas(torch.sigmoid(torch.randn(count)))


def add_noise(data: Tensor, noise: Tensor, sigmas: Tensor) -> Tensor:
    """Returns the points [batch, ...] of the straight paths at sigmas [batch]: data at 0, noise at 1."""
    weight = sigmas.reshape(-1, *[1] * (data.dim() - 1))
    return (1 - weight) * data + weight * noise


def velocity_target(data: Tensor, noise: Tensor) -> Tensor:
    """Returns the velocity of the straight paths: noise - data."""
    return noise - data


def schedule(steps: int) -> Tensor:
    """Returns the sigmas [steps + 1] of FlowMatchEulerDiscreteScheduler, from 1 down to 0."""
    lowest = shift_sigmas(torch.tensor(1.0 / NUM_TRAIN_TIMESTEPS)).item()
    sigmas = shift_sigmas(torch.linspace(1.0, lowest, steps))
    return torch.cat((sigmas, torch.zeros(1)))


def turbo_schedule() -> Tensor:
    """Returns the sigmas [TURBO_STEPS + 1] of the distilled transformer, from 1 down to 0."""
    rest = 1 - schedule(TURBO_STEPS)[:-1]
    return torch.cat((1 - rest * (1 - TURBO_TERMINAL) / rest[-1], torch.zeros(1)))


@torch.no_grad()
def sample_turbo(transformer, noise: Tensor, states: Tensor, pooled: Tensor) -> Tensor:
    """Solves the flow from noise [batch, 16, h, w] in TURBO_STEPS steps without guidance; returns normalised latents of the same shape."""
    sigmas, x = turbo_schedule(), noise
    for sigma, following in zip(sigmas[:-1], sigmas[1:]):
        x = x + (following - sigma) * transformer(x, torch.full((len(x),), float(sigma) * NUM_TRAIN_TIMESTEPS), states, pooled)
    return x


@torch.no_grad()
def sample(transformer, noise: Tensor, states: Tensor, pooled: Tensor, empty_states: Tensor, empty_pooled: Tensor,
           steps: int = 20, guidance: float = 4.0) -> Tensor:
    """Solves the flow from noise [batch, 16, h, w] with classifier-free guidance (arXiv 2207.12598).

    states [batch, K, 256] and pooled [batch, 256] hold the prompts, empty_states [1, K, 256] and empty_pooled [1, 256]
    the empty prompt. Returns normalised latents [batch, 16, h, w].
    """
    batch = noise.shape[0]
    states = torch.cat((states, empty_states.expand(batch, -1, -1)))
    pooled = torch.cat((pooled, empty_pooled.expand(batch, -1)))
    sigmas = schedule(steps)
    x = noise
    for sigma, following in zip(sigmas[:-1], sigmas[1:]):
        timestep = torch.full((2 * batch,), float(sigma) * NUM_TRAIN_TIMESTEPS)
        with_text, without_text = transformer(torch.cat((x, x)), timestep, states, pooled).chunk(2)
        velocity = without_text + guidance * (with_text - without_text)
        x = x + (following - sigma) * velocity
    return x
