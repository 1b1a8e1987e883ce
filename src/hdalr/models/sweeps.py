"""LSTM sweeps over the rows and the columns of a picture."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hdalr.models.annealed import AnnealedClassifier
from hdalr.models.annealing import Annealing
from hdalr.models.base import check_fraction, check_integer


class _SweepsNet(nn.Module):
    """One stack of LSTMs reads the rows, another the columns; both directions of each."""

    def __init__(
        self, image_shape: tuple[int, int], n_units: int, n_layers: int, n_outputs: int, drop: float
    ) -> None:
        super().__init__()
        height, width = image_shape
        between = drop if n_layers > 1 else 0.0
        self.rows, self.columns = (
            nn.LSTM(n, n_units, n_layers, batch_first=True, bidirectional=True, dropout=between)
            for n in (width, height)
        )
        self.head = nn.Sequential(nn.Dropout(drop), nn.Linear(12 * n_units, n_outputs))

    def forward(self, images: Tensor) -> Tensor:
        picture = images.squeeze(1)
        summaries = []
        for lstm, sequence in ((self.rows, picture), (self.columns, picture.transpose(1, 2))):
            outputs, (last, _) = lstm(sequence)
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

    def build(self, image_shape: tuple[int, int], n_outputs: int) -> nn.Module:
        """Two stacks of LSTMs, then the output layer."""
        check_integer("n_units", self.n_units, at_least=1)
        check_integer("n_layers", self.n_layers, at_least=1)
        check_fraction("dropout", self.dropout)
        return _SweepsNet(image_shape, self.n_units, self.n_layers, n_outputs, self.dropout)
