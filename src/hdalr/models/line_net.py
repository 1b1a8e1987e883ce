"""The string net: a small convolutional net over a line of writing, trained with CTC.

Source: Graves et al. (2006) for the loss; Zhan et al. (2018) for strings of handwritten digits
read by convolutions alone, without recurrence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from hdalr.images.line import HEIGHT_PX
from hdalr.images.picture import Picture
from hdalr.models.blocks import convolution, residual

FRAME_PX = 4  # columns of the picture to one frame of the output
N_DIGITS = 10  # the labels begin with the digits


@dataclass(frozen=True)
class LineBatch:
    """Lines of one step.

    Attributes
    ----------
    pictures
        uint8, shape (n, 1, 32, width), padded with paper on the right.
    n_frames
        Frames of each line that are not padding, shape (n,).
    targets, n_targets
        Labels 1 to n_labels of all lines end to end, and how many each has.
    """

    pictures: Tensor
    n_frames: Tensor
    targets: Tensor
    n_targets: Tensor

    @classmethod
    def of(cls, lines: Sequence[Picture], texts: Sequence[Sequence[int]]) -> LineBatch:
        """Pad lines (32, width) to one width; ``texts`` are label numbers from 1."""
        width = max(line.shape[1] for line in lines)
        width += -width % FRAME_PX
        pictures = np.zeros((len(lines), 1, HEIGHT_PX, width), np.uint8)
        for row, line in zip(pictures, lines, strict=True):
            row[0, :, : line.shape[1]] = line
        return cls(
            torch.from_numpy(pictures),
            torch.tensor([-(-line.shape[1] // FRAME_PX) for line in lines]),
            torch.tensor([label for text in texts for label in text], dtype=torch.long),
            torch.tensor([len(text) for text in texts]),
        )


def build_line_net(n_labels: int, width: int = 32, dropout: float = 0.1) -> nn.Sequential:
    """Make the untrained net.

    Parameters
    ----------
    n_labels
        Characters; there is one output more, the first: CTC's blank.
    width
        Channels of the second layer; the others grow with it.
    dropout
        Of the last features.

    Returns
    -------
    net
        Floats (n, 1, 32, width) to logits (n, 1 + n_labels, 1, ceil(width / 4)).
    """
    c = width
    return nn.Sequential(
        *convolution(1, c * 3 // 4), nn.ReLU(),
        *convolution(c * 3 // 4, c, stride=2), nn.ReLU(),
        *convolution(c, c), nn.ReLU(),
        *convolution(c, 2 * c, stride=2), nn.ReLU(),
        residual(2 * c),
        *convolution(2 * c, 3 * c, stride=(2, 1)), nn.ReLU(),
        residual(3 * c),
        *convolution(3 * c, 6 * c, (HEIGHT_PX // 8, 3), padding=(0, 1)), nn.ReLU(),
        residual(6 * c, (1, 5)),
        residual(6 * c, (1, 5)),
        nn.Dropout(dropout),
        nn.Conv2d(6 * c, 1 + n_labels, 1),
    )  # fmt: skip


def line_loss(net: nn.Module, batch: LineBatch) -> Tensor:
    """CTC loss a character over all labels; for lines of digits alone, also among the digits.

    The second part teaches the net to tell digits apart when it is said that there are no
    letters: what a pattern or an alphabet does at reading time.
    """
    device = next(net.parameters()).device
    pictures = batch.pictures.to(device, torch.float32) / 255
    if device.type == "cpu":
        pictures = pictures.contiguous(memory_format=torch.channels_last)
    logits = net(pictures).squeeze(2).permute(2, 0, 1).float()
    starts = torch.cumsum(batch.n_targets, 0) - batch.n_targets
    digits = torch.tensor(
        [
            bool((batch.targets[s : s + n] <= N_DIGITS).all())
            for s, n in zip(starts.tolist(), batch.n_targets.tolist(), strict=True)
        ]
    )
    loss = _ctc(logits.log_softmax(2), batch)
    if digits.any():
        kept = torch.cat(
            [
                batch.targets[s : s + n]
                for s, n, d in zip(starts, batch.n_targets, digits, strict=True)
                if d
            ]
        )
        part = LineBatch(batch.pictures, batch.n_frames[digits], kept, batch.n_targets[digits])
        among = logits[:, digits.to(device), : 1 + N_DIGITS].log_softmax(2)
        loss = (loss + _ctc(among, part)) / 2
    return loss


def _ctc(log_probs: Tensor, batch: LineBatch) -> Tensor:
    frames = batch.n_frames.clamp(max=log_probs.shape[0])
    return (
        functional.ctc_loss(
            log_probs,
            batch.targets.to(log_probs.device),
            frames,
            batch.n_targets,
            reduction="sum",
            zero_infinity=True,
        )
        / batch.n_targets.sum()
    )
