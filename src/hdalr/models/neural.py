"""The paper's nets: an estimator around a torch module and a training loop as Keras has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Self

import torch
from torch import nn

from hdalr.errors import NotApplicableError
from hdalr.images.batch import Images, Labels
from hdalr.models._optimizers import KerasAdam, KerasRMSprop, _KerasOptimizer
from hdalr.models._training import Examples, Progress, Training, train
from hdalr.models.augmentation import Augmentation
from hdalr.models.base import (
    check_choice,
    check_integer,
    check_not_negative,
    check_positive,
)
from hdalr.models.torch_classifier import DEVICES, TorchClassifier, choose_device, to_tensor

OPTIMIZERS: dict[str, type[_KerasOptimizer]] = {"rmsprop": KerasRMSprop, "adam": KerasAdam}


class NeuralClassifier(TorchClassifier):
    """Base of the paper's nets, trained as Keras trains. A subclass writes `build`.

    Parameters
    ----------
    epochs, batch_size
        Passes over the training pictures, and pictures a step.
    optimizer
        ``"rmsprop"`` or ``"adam"``, computed as Keras does.
    learning_rate, epsilon, decay
        Step size; what keeps the root from zero; the rate is divided by 1 + decay * steps.
    n_outputs
        Width of the last layer; None for one output a class. More outputs than classes are
        trained as classes that never occur, and left out of the probabilities.
    augmentation
        Distortion of the training pictures, or None.
    l2
        Factor of the sum of squared kernel weights that is added to the loss.
    patience
        Stop after so many epochs without a lower validation loss (training loss without a
        validation part) and keep the best weights; None to train all epochs.
    device
        ``"auto"`` takes a CUDA device where there is one.
    random_state
        Seed of the weights, the order of the pictures, dropout and augmentation.
    """

    def __init__(
        self,
        *,
        epochs: int = 10,
        batch_size: int = 128,
        optimizer: str = "adam",
        learning_rate: float = 1e-3,
        epsilon: float = 1e-7,
        decay: float = 0.0,
        n_outputs: int | None = None,
        augmentation: Augmentation | None = None,
        l2: float = 0.0,
        patience: int | None = None,
        device: str = "auto",
        random_state: int = 0,
    ) -> None:
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.epsilon = epsilon
        self.decay = decay
        self.n_outputs = n_outputs
        self.augmentation = augmentation
        self.l2 = l2
        self.patience = patience
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
            Pictures and labels that the net does not learn from; for the learning curve and
            for `patience`.
        checkpoint
            File that is written after each epoch, and from which a killed run goes on.
        key
            Names what the checkpoint belongs to; one with another key is not used.
        on_progress
            Called after each step.

        Raises
        ------
        DataError
            If pictures or labels are not of the right type and shape.
        NotApplicableError
            If there are more classes than outputs.
        ParameterError
            If a parameter is out of its range, or there is no CUDA device.
        """
        self._check_parameters()
        indices = self._begin_fit(images, labels)
        device = choose_device(self.device)
        torch_validation = None if validation is None else self._examples(*validation, device)
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            torch.manual_seed(self.random_state)
            self.net_ = self.build(self.image_shape_, self._count_outputs()).to(device)
        plan = Training(
            OPTIMIZERS[self.optimizer](
                self.net_.parameters(),
                learning_rate=self.learning_rate,
                epsilon=self.epsilon,
                decay=self.decay,
            ),
            self.epochs,
            self.batch_size,
            self.random_state,
            augment=self.augmentation,
            l2=self.l2,
            patience=self.patience,
            checkpoint=checkpoint,
            key=key,
            on_progress=on_progress,
        )
        examples = Examples(to_tensor(images, device), torch.from_numpy(indices).to(device))
        self.learning_curve_ = train(self.net_, examples, torch_validation, plan)
        self.resumed_seconds_ = plan.resumed_seconds
        return self

    def _check_parameters(self) -> None:
        check_integer("epochs", self.epochs, at_least=1)
        check_integer("batch_size", self.batch_size, at_least=1)
        check_choice("optimizer", self.optimizer, tuple(OPTIMIZERS))
        check_choice("device", self.device, DEVICES)
        check_positive("learning_rate", self.learning_rate)
        check_positive("epsilon", self.epsilon)
        check_not_negative("decay", self.decay)
        check_not_negative("l2", self.l2)
        check_integer("random_state", self.random_state, at_least=0)
        if self.patience is not None:
            check_integer("patience", self.patience, at_least=1)

    def _count_outputs(self) -> int:
        n_classes = len(self.classes_)
        if self.n_outputs is not None and self.n_outputs < n_classes:
            raise NotApplicableError(
                f"this net has {self.n_outputs} outputs and the data set {n_classes} classes; "
                f"it runs on sets of at most {self.n_outputs} classes"
            )
        return self.n_outputs or n_classes


def keras_initial_weights(net: nn.Module) -> nn.Module:
    """Set Keras's initial weights: Glorot's uniform kernels, biases of zero.

    Source: Glorot and Bengio (2010), equation 16.
    """
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return net
