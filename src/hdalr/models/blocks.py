"""Building blocks of the reading nets; a bundle's exporter knows each of them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

Pair = int | tuple[int, int]


class Residual(nn.Module):
    """Add a branch to its input, then ReLU (He et al. 2016, figure 2).

    Parameters
    ----------
    branch
        A module whose output has its input's shape.
    """

    def __init__(self, branch: nn.Module) -> None:
        super().__init__()
        self.branch = branch

    def forward(self, pictures: Tensor) -> Tensor:
        """Same shape as the input."""
        return torch.relu(pictures + self.branch(pictures))


def convolution(
    n_in: int, n_out: int, kernel: Pair = 3, *, stride: Pair = 1, padding: Pair | None = None
) -> list[nn.Module]:
    """Convolution without bias, batch normalisation; "same" padding unless said."""
    if padding is None:
        padding = kernel // 2 if isinstance(kernel, int) else (kernel[0] // 2, kernel[1] // 2)
    return [
        nn.Conv2d(n_in, n_out, kernel, stride=stride, padding=padding, bias=False),
        nn.BatchNorm2d(n_out),
    ]


def residual(n_channels: int, kernel: Pair = 3) -> Residual:
    """Two convolutions with a ReLU between them, around which the input is added."""
    first, second = (convolution(n_channels, n_channels, kernel) for _ in range(2))
    return Residual(nn.Sequential(*first, nn.ReLU(), *second))
