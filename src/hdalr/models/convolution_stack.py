"""A stack of convolutions, written down as the field writes it: ``32c5-p2-64c3-128c3``."""

from __future__ import annotations

import re

import torch
from torch import nn

from hdalr.errors import NotApplicableError, ParameterError
from hdalr.images.batch import Images
from hdalr.models.annealed import AnnealedClassifier
from hdalr.models.annealing import Annealing
from hdalr.models.base import Probabilities

LAYER = re.compile(r"([1-9]\d*)c([1-9]\d*)(?:s([1-9]))?|p([1-9])|d([1-9]\d?)|([1-9]\d*)f")


class ConvolutionStack(AnnealedClassifier):
    """Convolutions, pools, dense layers, as ``layers`` says; at the end an output a class.

    Parameters
    ----------
    layers
        Joined by "-": ``32c5`` is 32 kernels of 5 x 5, without padding; ``32c5s2`` the same with
        stride 2 and padding; ``p2`` the maximum of 2 x 2 pixels; ``d20`` drops 20 % of the values
        in training; ``128f`` is a dense layer of 128. Convolutions and dense layers have batch
        normalisation in the place of biases, then ReLU; a pool that follows comes before both.
    even_prior
        Answer as if every class were as frequent as any other: a class's probability is divided
        by its share of the training pictures.
    training, shifted_views, device, random_state
        See `AnnealedClassifier`.

    References
    ----------
    Notation: Ciresan, Meier and Schmidhuber 2012; batch normalisation: Ioffe and Szegedy 2015;
    another prior: Saerens, Latinne and Decaestecker 2002, equation 2.4.
    """

    def __init__(
        self,
        layers: str = "32c5-p2-64c3-p2-128c3",
        *,
        even_prior: bool = False,
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
        self.layers = layers
        self.even_prior = even_prior

    def predict_proba(self, images: Images) -> Probabilities:
        """Softmax over the classes' outputs: shape (n_images, n_classes)."""
        probabilities = super().predict_proba(images)
        if not self.even_prior:
            return probabilities
        weighed: Probabilities = probabilities / self.class_shares_
        return weighed / weighed.sum(axis=1, keepdims=True)

    def build(self, image_shape: tuple[int, int], n_outputs: int) -> nn.Module:
        """Make the untrained net.

        Raises
        ------
        NotApplicableError
            If the pictures are too small for the layers.
        ParameterError
            If `layers` is not understood.
        """
        modules: list[nn.Module] = []
        probe = torch.zeros(1, 1, *image_shape)
        for layer in self.layers.split("-"):
            added = _make(layer, probe.shape)
            try:
                probe = nn.Sequential(*added).eval()(probe)
            except RuntimeError as error:
                raise NotApplicableError(
                    f"pictures of {image_shape[0]} x {image_shape[1]} pixels are too small for "
                    f"the layers {self.layers}"
                ) from error
            late = isinstance(added[0], nn.MaxPool2d) and len(modules) > 1
            place = len(modules) - 2 if late else len(modules)  # fewer pixels to normalise
            modules[place:place] = added
        return nn.Sequential(*modules, nn.Flatten(), nn.Linear(probe.numel(), n_outputs))


def _make(layer: str, shape: torch.Size) -> list[nn.Module]:
    """The modules of one layer, for an input of shape (1, channels, height, width) or (1, n)."""
    found = LAYER.fullmatch(layer)
    if found is None:
        raise ParameterError(
            f"layers: {layer!r} is not understood; choose layers such as 32c5, 32c5s2, p2, d20 "
            "or 128f, joined by -"
        )
    kernels, side, stride, pool, drop, dense = (int(part or 0) for part in found.groups())
    if pool:
        return [nn.MaxPool2d(pool)]
    if drop:
        return [nn.Dropout(drop / 100)]
    if dense:
        flat = nn.Linear(shape.numel(), dense, bias=False)
        return [nn.Flatten(), flat, nn.BatchNorm1d(dense), nn.ReLU()]
    padding = side // 2 if stride else 0
    convolution = nn.Conv2d(
        shape[1], kernels, side, stride=max(stride, 1), padding=padding, bias=False
    )
    return [convolution, nn.BatchNorm2d(kernels), nn.ReLU()]
