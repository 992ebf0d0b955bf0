"""The VAE: images to 16x smaller latents of 16 channels and back.

Residual space-to-depth shortcuts let such a high compression converge fast (DC-AE, arXiv 2410.10733).
All normalisation runs over channels at one position, so an output never depends on the size of the image.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

LATENT_CHANNELS = 16
COMPRESSION = 16


class ChannelNorm(nn.Module):
    """Root-mean-square normalisation over the channels of [batch, channels, height, width]."""

    def __init__(self, channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(1, keepdim=True) + 1e-5) * self.weight


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a SiLU, added to their input."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = ChannelNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.norm(self.conv2(F.silu(self.conv1(x))))


class Downsample(nn.Module):
    """Halves the sides: [batch, c, h, w] to [batch, out, h/2, w/2], with a space-to-depth shortcut."""

    def __init__(self, channels: int, out_channels: int):
        super().__init__()
        self.out_channels = out_channels
        self.conv = nn.Conv2d(channels * 4, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        folded = F.pixel_unshuffle(x, 2)
        batch, channels, height, width = folded.shape
        shortcut = folded.reshape(batch, self.out_channels, channels // self.out_channels, height, width).mean(2)
        return self.conv(folded) + shortcut


class Upsample(nn.Module):
    """Doubles the sides: [batch, c, h, w] to [batch, out, 2h, 2w], with a depth-to-space shortcut."""

    def __init__(self, channels: int, out_channels: int):
        super().__init__()
        self.repeats = out_channels * 4 // channels
        self.conv = nn.Conv2d(channels, out_channels * 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x[:, :, None].expand(-1, -1, self.repeats, -1, -1).flatten(1, 2)
        return F.pixel_shuffle(self.conv(x) + shortcut, 2)


class VaeEncoder(nn.Module):
    """Images [batch, 3, 16h, 16w] in [-1, 1] to latent means [batch, 16, h, w]."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(48, 48, 3, padding=1),
            ResidualBlock(48),
            Downsample(48, 96),
            ResidualBlock(96),
            Downsample(96, 192),
            ResidualBlock(192),
            nn.Conv2d(192, LATENT_CHANNELS, 1),
        )

    def forward(self, sample: Tensor) -> Tensor:
        return self.layers(sample)


class VaeDecoder(nn.Module):
    """Latents [batch, 16, h, w] to images [batch, 3, 16h, 16w], about in [-1, 1]."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(LATENT_CHANNELS, 256, 3, padding=1),
            ResidualBlock(256),
            ResidualBlock(256),
            Upsample(256, 128),
            ResidualBlock(128),
            ResidualBlock(128),
            Upsample(128, 64),
            ResidualBlock(64),
            ResidualBlock(64),
            Upsample(64, 32),
            ResidualBlock(32),
            nn.Conv2d(32, 12, 3, padding=1),
            nn.PixelShuffle(2),
        )

    def forward(self, latent_sample: Tensor) -> Tensor:
        return self.layers(latent_sample)


class Vae(nn.Module):
    """The encoder and the decoder, as trained together."""

    def __init__(self):
        super().__init__()
        self.encoder = VaeEncoder()
        self.decoder = VaeDecoder()


def image_to_tensor(pixels) -> Tensor:
    """Turns uint8 pixels [batch, height, width, 3] into float images [batch, 3, height, width] in [-1, 1]."""
    return torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)


def tensor_to_image(images: Tensor):
    """Turns float images [batch, 3, height, width] in [-1, 1] into uint8 pixels [batch, height, width, 3]."""
    return images.clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
