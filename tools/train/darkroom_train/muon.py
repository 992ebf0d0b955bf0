"""The Muon optimiser: momentum whose matrices are orthogonalised by a Newton-Schulz iteration (Jordan et al., 2024).

https://kellerjordan.github.io/posts/muon/
"""

import torch
from torch import Tensor

COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalise(matrix: Tensor, steps: int = 5) -> Tensor:
    """Returns about the nearest semi-orthogonal matrix [rows, columns]."""
    a, b, c = COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.t() if tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.t()
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.t() if tall else x


class Muon(torch.optim.Optimizer):
    """Muon for hidden matrices; embeddings, heads and vectors belong to AdamW.

    Fused projections (such as qkv) are orthogonalised in square parts, for each part is a matrix of its own.
    """

    def __init__(self, parameters, lr: float = 0.02, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "parts": 1})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        """Takes one step."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if not state:
                    state["momentum"] = torch.zeros_like(parameter)
                velocity = state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                direction = parameter.grad.lerp(velocity, group["momentum"])
                parts = direction.chunk(group["parts"], dim=0)
                update = torch.cat([orthogonalise(p) * max(1, p.shape[0] / p.shape[1]) ** 0.5 for p in parts])
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(update, alpha=-group["lr"])
