"""What all nets share: a torch module behind the face of an image classifier."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hdalr.errors import ParameterError
from hdalr.images.batch import Images, Labels
from hdalr.models._training import Examples, predict_logits
from hdalr.models.base import ImageClassifier, Probabilities

DEVICES = ("auto", "cpu", "cuda")


class TorchClassifier(ImageClassifier):
    """Base of the nets. A subclass writes `build` and `fit`, which sets the attributes.

    Attributes
    ----------
    net_
        The trained `torch.nn.Module`: floats (n, 1, height, width) to logits (n, n_outputs).
    learning_curve_
        One dict an epoch: epoch, loss, accuracy, validation_loss, validation_accuracy, seconds.
    resumed_seconds_
        What the epochs of a checkpoint had taken before this `fit` went on from it.
    """

    trains_in_epochs: ClassVar[bool] = True
    net_: nn.Module
    learning_curve_: list[dict[str, Any]]
    resumed_seconds_: float

    def build(self, image_shape: tuple[int, int], n_outputs: int) -> nn.Module:
        """Make the untrained net for pictures of (height, width) pixels."""
        raise NotImplementedError

    def predict_proba(self, images: Images) -> Probabilities:
        """Softmax over the classes' outputs: shape (n_images, n_classes)."""
        self._check_pictures(images)
        device = next(self.net_.parameters()).device
        logits = predict_logits(self.net_, to_tensor(images, device))
        probabilities: NDArray[np.float64] = (
            logits[:, : len(self.classes_)].double().softmax(1).cpu().numpy()
        )
        return probabilities

    @property
    def n_parameters_(self) -> int:
        """Number of trained weights and biases."""
        return sum(parameter.numel() for parameter in self.net_.parameters())

    def _examples(self, images: Images, labels: Labels, device: torch.device) -> Examples:
        indices = np.searchsorted(self.classes_, labels)
        return Examples(
            to_tensor(self._check_pictures(images), device), torch.from_numpy(indices).to(device)
        )


def choose_device(name: str) -> torch.device:
    """Turn ``"auto"``, ``"cpu"`` or ``"cuda"`` into the device to train on.

    Raises
    ------
    ParameterError
        If CUDA is asked for and there is none.
    """
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise ParameterError("device='cuda': torch sees no CUDA device here; choose cpu or auto")
    return torch.device("cuda" if available and name != "cpu" else "cpu")


def to_tensor(images: Images, device: torch.device) -> Tensor:
    """The pictures on the device: uint8 (n, 1, height, width)."""
    return torch.from_numpy(np.ascontiguousarray(images)).unsqueeze(1).to(device)
