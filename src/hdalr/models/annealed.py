"""Nets trained as today: annealed rate, distorted pictures, smoothed labels, mean of weights."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray

from hdalr.images.batch import Images, Labels
from hdalr.images.distortions import shift
from hdalr.models._course import Batch, Course
from hdalr.models._stream import StreamPlan, train_on_stream
from hdalr.models._training import Examples, Progress
from hdalr.models.annealing import Annealing
from hdalr.models.base import (
    Probabilities,
    check_choice,
    check_fraction,
    check_integer,
    check_not_negative,
    check_positive,
)
from hdalr.models.torch_classifier import DEVICES, TorchClassifier, choose_device, to_tensor

VIEW_WEIGHTS = {(0, 0): 2.0, (1, 0): 1.0, (-1, 0): 1.0, (0, 1): 1.0, (0, -1): 1.0}


class AnnealedClassifier(TorchClassifier):
    """Base of the better nets. A subclass writes `build`.

    All pictures lie on the device and a batch is distorted there; half precision where the
    hardware has it.

    Parameters
    ----------
    training
        How it learns; None for the defaults of `Annealing`.
    shifted_views
        Answer with the mean over a picture and the picture moved by one pixel up, down, left and
        right, itself twice; five times the cost.
    device
        ``"auto"`` takes a CUDA device where there is one.
    random_state
        Seed of the weights, the order of the pictures, dropout and distortion.

    Attributes
    ----------
    class_shares_
        Share of each class in the training pictures, shape (n_classes,).
    """

    captured: ClassVar[bool] = True  # see `CapturedStep`
    class_shares_: NDArray[np.float64]

    def __init__(
        self,
        *,
        training: Annealing | None = None,
        shifted_views: bool = False,
        device: str = "auto",
        random_state: int = 0,
    ) -> None:
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
        """Train on pictures of shape (n_images, height, width) and labels (n_images,).

        Parameters
        ----------
        images, labels
            uint8 pictures and integer labels.
        validation
            Pictures and labels that the net does not learn from, for the learning curve.
        checkpoint
            File that is written after each epoch, and from which a killed run goes on.
        key
            Names what the checkpoint belongs to; one with another key is not used.
        on_progress
            Called after each epoch.

        Raises
        ------
        DataError
            If pictures or labels are not of the right type and shape.
        NotApplicableError
            If the pictures are too small for the net.
        ParameterError
            If a parameter is out of its range, or there is no CUDA device.
        """
        training = self.training or Annealing()
        check_training(training)
        check_choice("device", self.device, DEVICES)
        check_integer("random_state", self.random_state, at_least=0)
        indices = self._begin_fit(images, labels)
        self.class_shares_ = np.bincount(indices) / len(indices)
        images = self.prepare(images)
        device = choose_device(self.device)
        began = time.perf_counter()
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            torch.manual_seed(self.random_state)
            net = self.build(self.image_shape_, len(self.classes_))
            net = net.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            examples = Examples(to_tensor(images, device), torch.from_numpy(indices).to(device))
            course = Course(
                examples,
                None if validation is None else self._held(*validation, device),
                training.batch_size,
                self.random_state,
                training.label_smoothing,
                training.distortion,
            )
            plan: StreamPlan[Batch] = StreamPlan(
                batch_of=course.batch_of,
                loss_of=course.loss_of,
                steps=training.epochs * course.steps_an_epoch,
                learning_rate=training.learning_rate,
                warmup=training.warmup,
                weight_decay=training.weight_decay,
                average=training.average,
                capture=self.captured,
                checkpoint=checkpoint,
                key=key,
                checkpoint_steps=course.steps_an_epoch,
                report_steps=course.steps_an_epoch,
                judge=course.judge,
                on_progress=course.tell(training.epochs, on_progress),
            )
            curve = train_on_stream(net, plan)
        self.net_ = net
        self.learning_curve_ = course.by_epoch(curve)
        self.resumed_seconds_ = max(0.0, curve[-1]["seconds"] - (time.perf_counter() - began))
        return self

    def prepare(self, images: Images) -> Images:
        """What the net is shown of pictures (n_images, height, width): all of them, as they are."""
        return images

    def _held(self, images: Images, labels: Labels, device: torch.device) -> Examples:
        return self._examples(self.prepare(self._check_pictures(images)), labels, device)

    def predict_proba(self, images: Images) -> Probabilities:
        """Softmax over the classes' outputs: shape (n_images, n_classes)."""
        images = self.prepare(self._check_pictures(images))
        if not self.shifted_views:
            return super().predict_proba(images)
        answer_to = super().predict_proba
        views = [answer_to(shift(images, *by_px)) for by_px in VIEW_WEIGHTS]
        return np.average(views, axis=0, weights=list(VIEW_WEIGHTS.values()))


def check_training(training: Annealing) -> None:
    """Raise ParameterError unless every setting is in its range."""
    check_integer("epochs", training.epochs, at_least=1)
    check_integer("batch_size", training.batch_size, at_least=2)
    check_positive("learning_rate", training.learning_rate)
    check_not_negative("weight_decay", training.weight_decay)
    for name in ("warmup", "label_smoothing", "average"):
        check_fraction(name, getattr(training, name))
