"""The character net: one picture of 28 x 28 pixels to a label, or to "not a character"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hdalr.images.batch import Images
from hdalr.images.glyph import SIDE_PX
from hdalr.models.blocks import convolution, residual

SMOOTHING = 0.05  # share of the target that is spread over all outputs (Szegedy et al. 2016)


@dataclass(frozen=True)
class CharacterBatch:
    """Characters of one step.

    Attributes
    ----------
    pictures
        uint8, shape (n, 1, 28, 28).
    allowed
        bool, shape (n, n_outputs): the outputs that are right; several where the label is known
        in part.
    """

    pictures: Tensor
    allowed: Tensor

    @classmethod
    def of(cls, pictures: Images, allowed: NDArray[np.bool_]) -> CharacterBatch:
        """Wrap pictures (n, 28, 28) and allowed outputs (n, n_outputs)."""
        return cls(torch.from_numpy(pictures).unsqueeze(1), torch.from_numpy(allowed))


def build_character_net(n_labels: int, width: int = 48, dropout: float = 0.3) -> nn.Sequential:
    """Make the untrained net.

    Parameters
    ----------
    n_labels
        Characters; there is one output more, the last: not a character.
    width
        Channels of the middle layers; the others grow with it.
    dropout
        Of the last features.

    Returns
    -------
    net
        Floats (n, 1, 28, 28) to logits (n, n_labels + 1).
    """
    c, last = width, width * 10 // 3
    return nn.Sequential(
        *convolution(1, c // 3), nn.ReLU(),
        *convolution(c // 3, c // 3), nn.ReLU(),
        *convolution(c // 3, c, stride=2), nn.ReLU(),
        residual(c),
        *convolution(c, 2 * c, stride=2), nn.ReLU(),
        residual(2 * c),
        *convolution(2 * c, last, stride=2), nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(last * (SIDE_PX // 8 + 1) ** 2, n_labels + 1),
    )  # fmt: skip


def character_loss(net: nn.Module, batch: CharacterBatch) -> Tensor:
    """Mean of -log of the probability of all allowed outputs together, with label smoothing."""
    device = next(net.parameters()).device
    pictures = batch.pictures.to(device, torch.float32) / 255
    if device.type == "cpu":
        pictures = pictures.contiguous(memory_format=torch.channels_last)
    log_probs = net(pictures).float().log_softmax(1)
    outside = torch.where(batch.allowed.to(device), 0.0, -torch.inf)
    right = torch.logsumexp(log_probs + outside, dim=1)
    return -((1 - SMOOTHING) * right + SMOOTHING * log_probs.mean(dim=1)).mean()
