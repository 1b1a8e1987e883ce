"""A committee: nets that learn one after the other, and answer with their mean."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from torch import nn

from hdalr.errors import ParameterError
from hdalr.images.batch import Images, Labels
from hdalr.models._training import Progress
from hdalr.models.annealing import Annealing
from hdalr.models.base import Probabilities
from hdalr.models.convolution_stack import ConvolutionStack
from hdalr.models.torch_classifier import TorchClassifier


class ConvolutionCommittee(TorchClassifier):
    """Several `ConvolutionStack` nets; the probabilities are their mean.

    Parameters
    ----------
    layers
        One entry a member, see `ConvolutionStack`.
    training, shifted_views, device
        Of every member, see `AnnealedClassifier`.
    random_state
        Members have seeds of their own; those of two committees differ.

    Attributes
    ----------
    members_
        The fitted nets.
    learning_curve_
        Of the first member.

    References
    ----------
    Hansen and Salamon 1990, *Neural Network Ensembles*; Ciresan, Meier and Schmidhuber 2012,
    *Multi-column Deep Neural Networks for Image Classification*.
    """

    members_: list[ConvolutionStack]

    def __init__(
        self,
        layers: Sequence[str] = ("32c5-p2-64c3-p2-128c3",) * 3,
        *,
        training: Annealing | None = None,
        shifted_views: bool = False,
        device: str = "auto",
        random_state: int = 0,
    ) -> None:
        self.layers = layers
        self.training = training
        self.shifted_views = shifted_views
        self.device = device
        self.random_state = random_state

    def fit(
        self,
        images: Images,
        labels: Labels,
        *,
        validation: tuple[Images, Labels] | None = None,
        checkpoint: Path | None = None,
        key: str = "",
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Self:
        """Train the members, see `AnnealedClassifier.fit`; each has a checkpoint of its own.

        Raises
        ------
        ParameterError
            If there is no member, or one of its settings is out of its range.
        """
        if not self.layers:
            raise ParameterError("layers=() is not allowed; choose the layers of at least one net")
        self._begin_fit(images, labels)
        self.members_ = [
            self._build_member(number).fit(
                images,
                labels,
                validation=validation,
                checkpoint=checkpoint and checkpoint.with_stem(f"{checkpoint.stem}-member{number}"),
                key=key,
                on_progress=self._share(number, on_progress),
            )
            for number in range(len(self.layers))
        ]
        self.net_ = nn.ModuleList(member.net_ for member in self.members_)
        self.learning_curve_ = self.members_[0].learning_curve_
        self.resumed_seconds_ = sum(member.resumed_seconds_ for member in self.members_)
        return self

    def predict_proba(self, images: Images) -> Probabilities:
        """Mean of the members' probabilities: shape (n_images, n_classes)."""
        self._check_pictures(images)
        return np.mean([member.predict_proba(images) for member in self.members_], axis=0)

    def _build_member(self, number: int) -> ConvolutionStack:
        return ConvolutionStack(
            self.layers[number],
            training=self.training,
            shifted_views=self.shifted_views,
            device=self.device,
            random_state=self.random_state * len(self.layers) + number,
        )

    def _share(
        self, number: int, on_progress: Callable[[Progress], None] | None
    ) -> Callable[[Progress], None] | None:
        """The progress of one member as a share of all."""
        if on_progress is None:
            return None
        n = len(self.layers)

        def report(now: Progress) -> None:
            each = now.seconds_left / (1 - now.fraction) if now.fraction < 1 else 0.0
            on_progress(
                dataclasses.replace(
                    now,
                    epoch=number * now.epochs + now.epoch,
                    epochs=n * now.epochs,
                    fraction=(number + now.fraction) / n,
                    seconds_left=now.seconds_left + each * (n - 1 - number),
                )
            )

        return report
