"""Small nets of every layer that a bundle can hold, and pictures for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from hdalr.models.blocks import convolution, residual

DIGITS = tuple("0123456789")


def settle(net: nn.Module) -> nn.Sequential:
    """Give the batch normalisations statistics that are not 0 and 1."""
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean)
            nn.init.uniform_(layer.running_var, 0.5, 2)
    assert isinstance(net, nn.Sequential)
    return net.eval()


def make_character_net(n_outputs: int = 11) -> nn.Sequential:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return settle(
            nn.Sequential(
                *convolution(1, 6, stride=2),
                nn.ReLU(),
                residual(6),
                nn.Sequential(nn.Conv2d(6, 8, (3, 5), padding="same"), nn.Dropout2d(0.2)),
                nn.MaxPool2d(3, stride=2, padding=1),
                nn.AdaptiveAvgPool2d(1),
                nn.Flatten(),
                nn.Dropout(0.5),
                nn.Linear(8, n_outputs),
            )
        )


def make_line_net(n_outputs: int = 11) -> nn.Sequential:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return settle(
            nn.Sequential(
                *convolution(1, 6, stride=(4, 2)),
                nn.ReLU(),
                nn.MaxPool2d((2, 1)),
                nn.AdaptiveAvgPool2d((1, None)),
                residual(6, (1, 3)),
                nn.Conv2d(6, n_outputs, 1, bias=False),
            )
        )


def make_pictures(n: int, height: int = 28, width: int = 28) -> NDArray[np.uint8]:
    return np.random.default_rng(n).integers(0, 256, (n, height, width), dtype=np.uint8)


def draw_logits(n: int, sharpness: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Logits that are too sure by ``sharpness``, and labels drawn from the true ones."""
    rng = np.random.default_rng(n)
    logits = rng.normal(size=(n, 5)) * 2
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (chances.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    return logits * sharpness, labels
