"""The multilayer perceptron with several hidden layers, trained on distorted pictures."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from hdalr.images.batch import Images
from hdalr.images.moments import deskew
from hdalr.models.annealed import AnnealedClassifier
from hdalr.models.annealing import Annealing
from hdalr.models.base import check_fraction, check_integer


class MultilayerPerceptron(AnnealedClassifier):
    """Dense layers with batch normalisation and ReLU on the pixels; no convolution anywhere.

    Parameters
    ----------
    hidden
        Neurons of each hidden layer.
    dropout
        Share of each hidden layer's outputs that is dropped in training.
    upright
        Whether the slant is taken out first (`hdalr.images.moments.deskew`).
    training, shifted_views, device, random_state
        See `AnnealedClassifier`.

    References
    ----------
    Ciresan, Meier, Gambardella and Schmidhuber 2010, *Deep, Big, Simple Neural Nets for
    Handwritten Digit Recognition*: the layers and the distortions. Batch normalisation (Ioffe and
    Szegedy 2015) and dropout (Srivastava et al. 2014) came later.
    """

    def __init__(
        self,
        hidden: Sequence[int] = (800,),
        dropout: float = 0.2,
        upright: bool = False,
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
        self.hidden = hidden
        self.dropout = dropout
        self.upright = upright

    def prepare(self, images: Images) -> Images:
        """The pictures, upright if asked."""
        return deskew(images) if self.upright else images

    def build(self, image_shape: tuple[int, int], n_outputs: int) -> nn.Module:
        """Flatten, hidden layers, outputs."""
        check_fraction("dropout", self.dropout)
        layers: list[nn.Module] = [nn.Flatten()]
        n_in = image_shape[0] * image_shape[1]
        for n_hidden in self.hidden:
            check_integer("hidden", n_hidden, at_least=1)
            layers += [nn.Linear(n_in, n_hidden, bias=False), nn.BatchNorm1d(n_hidden), nn.ReLU()]
            layers.append(nn.Dropout(self.dropout))
            n_in = n_hidden
        return nn.Sequential(*layers, nn.Linear(n_in, n_outputs))
