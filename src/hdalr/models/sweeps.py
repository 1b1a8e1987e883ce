"""LSTM sweeps over the rows and the columns of a picture."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from hdalr.models.annealed import AnnealedClassifier
from hdalr.models.annealing import Annealing
from hdalr.models.base import check_fraction, check_integer


def join_lines(lines: Tensor, n_joined: int) -> Tensor:
    """Put some lines side by side: (n, n_lines, length) to (n, n_steps, n_joined * length).

    What is lacking to the last step is background.

    Examples
    --------
    >>> join_lines(torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]]), 2).tolist()
    [[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 0.0, 0.0]]]
    """
    n, n_lines, length = lines.shape
    filled = pad(lines, (0, 0, 0, -n_lines % n_joined))
    return filled.reshape(n, -1, n_joined * length)


class _SweepsNet(nn.Module):
    """One stack of LSTMs reads the rows, another the columns; both directions of each."""

    def __init__(
        self,
        image_shape: tuple[int, int],
        n_units: int,
        n_layers: int,
        lines_a_step: int,
        n_outputs: int,
        drop: float,
    ) -> None:
        super().__init__()
        height, width = image_shape
        self.lines_a_step = lines_a_step
        between = drop if n_layers > 1 else 0.0
        self.rows, self.columns = (
            nn.LSTM(
                n * lines_a_step,
                n_units,
                n_layers,
                batch_first=True,
                bidirectional=True,
                dropout=between,
            )
            for n in (width, height)
        )
        self.head = nn.Sequential(nn.Dropout(drop), nn.Linear(12 * n_units, n_outputs))

    def forward(self, images: Tensor) -> Tensor:
        picture = images.squeeze(1)
        summaries = []
        for lstm, lines in ((self.rows, picture), (self.columns, picture.transpose(1, 2))):
            outputs, (last, _) = lstm(join_lines(lines, self.lines_a_step))
            summaries += [outputs.amax(1), outputs.mean(1), last[-2], last[-1]]
        logits: Tensor = self.head(torch.cat(summaries, dim=1))
        return logits


class SweepNetwork(AnnealedClassifier):
    """LSTM layers over the rows and, beside them, over the columns, in both directions.

    The largest, the mean and the last output of each sweep go into one dense output layer.

    Parameters
    ----------
    n_units
        Units of each LSTM layer and direction.
    n_layers
        LSTM layers on top of each other.
    lines_a_step
        Rows, or columns, that a time step sees, from 1 up; two halve the steps.
    dropout
        Share of the outputs dropped in training, between the layers and before the output.
    training, shifted_views, device, random_state
        See `AnnealedClassifier`.

    References
    ----------
    Hochreiter and Schmidhuber 1997; Schuster and Paliwal 1997 (both directions); sweeps over rows
    and columns: Visin et al. 2015, *ReNet*, who sweep over patches and stack the two.
    """

    def __init__(
        self,
        n_units: int = 128,
        n_layers: int = 2,
        dropout: float = 0.3,
        lines_a_step: int = 1,
        *,
        training: Annealing | None = None,
        shifted_views: bool = False,
        device: str = "auto",
        random_state: int = 0,
    ) -> None:
        super().__init__(
            training=training,
            shifted_views=shifted_views,
            device=device,
            random_state=random_state,
        )
        self.n_units = n_units
        self.n_layers = n_layers
        self.dropout = dropout
        self.lines_a_step = lines_a_step

    def build(self, image_shape: tuple[int, int], n_outputs: int) -> nn.Module:
        """Two stacks of LSTMs, then the output layer."""
        check_integer("n_units", self.n_units, at_least=1)
        check_integer("n_layers", self.n_layers, at_least=1)
        check_integer("lines_a_step", self.lines_a_step, at_least=1)
        check_fraction("dropout", self.dropout)
        return _SweepsNet(
            image_shape, self.n_units, self.n_layers, self.lines_a_step, n_outputs, self.dropout
        )
