"""Soft decision tree: every split is a gate that opens by degrees, learned by gradient."""

from __future__ import annotations

import math
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from hdalr.images.batch import Floats, Images, Labels
from hdalr.images.distortions import AS_HANDS_DIFFER, ArrayDistortion
from hdalr.images.features import Features, Pixels
from hdalr.models._stream import StreamPlan, train_on_stream
from hdalr.models.base import (
    ImageClassifier,
    Probabilities,
    check_integer,
    check_positive,
)
from hdalr.models.copies import describe_copies

AVERAGE = 0.999  # decay of the running mean of the weights, a step


class SoftTree(ImageClassifier):
    """One binary tree whose inner nodes weigh all features and whose leaves hold probabilities.

    A picture goes right at a node with probability sigmoid(w . features + b). The tree learns
    all of its paths at once; it answers with the one leaf of highest probability, so that each
    answer comes from a single path of ``depth`` linear decisions.

    Parameters
    ----------
    depth
        Splits from the root to each leaf, from 1 up: 2^depth - 1 gates, 2^depth leaves.
    epochs, batch_size
        Passes over the training pictures, and pictures a step.
    learning_rate
        Highest step size of Adam; it rises for a twentieth of the steps and falls along a cosine.
    features
        What the gates weigh; None for the pixels.
    n_copies
        Distorted copies of each picture, from 0 up: in each epoch a picture is seen as it is or
        as one of them.
    distortion
        How they are distorted.
    random_state
        Seed of the distortions, of the first weights, and of the order of the pictures.

    Attributes
    ----------
    gates_, biases_
        The gates, level by level: shapes (n_features, n_gates) and (n_gates,).
    leaves_
        Probability of each class, shape (n_leaves, n_classes).

    References
    ----------
    Frosst and Hinton 2017, *Distilling a neural network into a soft decision tree*. They learn
    from a net's answers, here the labels are learned from. They also fine gates that send all
    pictures one way, which gained nothing here.

    Examples
    --------
    >>> images = np.repeat(np.array([[[0, 9]], [[200, 210]]], np.uint8), 20, axis=0)
    >>> labels = np.repeat([3, 8], 20)
    >>> tree = SoftTree(depth=1, batch_size=8, learning_rate=0.1).fit(images, labels)
    >>> tree.predict(images[::20])
    array([3, 8])
    """

    gates_: Floats
    biases_: Floats
    leaves_: NDArray[np.float64]

    def __init__(
        self,
        depth: int = 8,
        *,
        epochs: int = 20,
        batch_size: int = 256,
        learning_rate: float = 0.002,
        features: Features | None = None,
        n_copies: int = 0,
        distortion: ArrayDistortion = AS_HANDS_DIFFER,
        random_state: int = 0,
    ) -> None:
        self.depth = depth
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.features = features
        self.n_copies = n_copies
        self.distortion = distortion
        self.random_state = random_state

    def fit(self, images: Images, labels: Labels) -> Self:
        """Learn gates and leaves.

        Parameters
        ----------
        images
            uint8, shape (n_images, height, width).
        labels
            Integers, shape (n_images,).

        Raises
        ------
        DataError
            If images and labels are not of these shapes and types.
        ParameterError
            If a parameter is not allowed.
        """
        self._check_parameters()
        indices = self._begin_fit(images, labels)
        vectors = describe_copies(
            images, self._features(), self.n_copies, self.distortion, self.random_state
        )
        centre, scale = vectors[0].mean(axis=0), _spread(vectors[0])
        vectors -= centre  # in place: with copies, the vectors are most of the memory
        vectors /= scale
        net = self._train(vectors, indices)
        gates: Floats = net.gates.weight.detach().numpy().T
        self.gates_ = gates / scale
        self.biases_ = net.gates.bias.detach().numpy() - centre @ self.gates_
        self.leaves_ = net.leaves.detach().double().softmax(1).numpy()
        return self

    def _train(self, vectors: Floats, indices: Labels) -> _Net:
        """Train on vectors (1 + n_copies, n_images, n_features) of the same labels (n_images,)."""
        x, y = torch.from_numpy(vectors), torch.from_numpy(indices)
        with torch.random.fork_rng([]):
            torch.manual_seed(self.random_state)
            net = _Net(x.shape[2], self.depth, len(self.classes_))
            order = torch.cat([torch.randperm(len(y)) for _ in range(self.epochs)])
            copies = torch.randint(len(x), order.shape)
        seen = [torch.split(drawn, self.batch_size) for drawn in (copies, order)]
        plan: StreamPlan[tuple[Tensor, Tensor]] = StreamPlan(
            batch_of=lambda step: (x[seen[0][step], seen[1][step]], y[seen[1][step]]),
            loss_of=_expected_loss,
            steps=len(seen[0]),
            learning_rate=self.learning_rate,
            weight_decay=0.0,
            average=AVERAGE,
        )
        train_on_stream(net, plan)
        return net

    def predict_proba(self, images: Images) -> Probabilities:
        """What the most probable leaf holds: shape (n_images, n_classes)."""
        reached = self.find_leaves(images)
        return self.leaves_[reached]

    def find_leaves(self, images: Images) -> NDArray[np.int64]:
        """Number of the most probable leaf of each picture, from the left: shape (n_images,).

        Its bits, the highest first, are the path: 1 is right.

        Raises
        ------
        DataError
            If the pictures are of another size than those seen in `fit`.
        sklearn.exceptions.NotFittedError
            If `fit` has not been called.
        """
        vectors = self._features()(self._check_pictures(images))
        gates = torch.from_numpy(vectors @ self.gates_ + self.biases_)
        leaves: NDArray[np.int64] = log_paths(gates).argmax(dim=1).numpy()
        return leaves

    @property
    def n_parameters_(self) -> int:
        """One weight a feature and a bias in every gate, one number a class in every leaf."""
        return self.gates_.size + self.biases_.size + self.leaves_.size

    def _features(self) -> Features:
        return self.features or Pixels()

    def _check_parameters(self) -> None:
        check_integer("depth", self.depth, at_least=1)
        check_integer("epochs", self.epochs, at_least=1)
        check_integer("batch_size", self.batch_size, at_least=1)
        check_positive("learning_rate", self.learning_rate)
        check_integer("n_copies", self.n_copies, at_least=0)
        check_integer("random_state", self.random_state, at_least=0)


def log_paths(gates: Tensor) -> Tensor:
    """Log-probability that a picture ends in each leaf.

    Parameters
    ----------
    gates
        Log-odds of going right at each inner node, level by level from the root:
        shape (n_images, 2^depth - 1).

    Returns
    -------
    Tensor
        Shape (n_images, 2^depth), the leaves from left to right.

    Examples
    --------
    >>> log_paths(torch.tensor([[3.0, 1.0, 9.0]]).log()).exp()
    tensor([[0.1250, 0.1250, 0.0750, 0.6750]])
    """
    paths = gates.new_zeros(len(gates), 1)
    while paths.shape[1] <= gates.shape[1]:
        n_nodes = paths.shape[1]
        level = gates[:, n_nodes - 1 : 2 * n_nodes - 1]
        ways = torch.stack([logsigmoid(-level), logsigmoid(level)], dim=2)
        paths = (paths.unsqueeze(2) + ways).flatten(1)
    return paths


def _spread(vectors: Floats) -> np.float32:
    """Mean standard deviation of the features; 1 where none varies."""
    spread: np.float32 = vectors.std(axis=0).mean()
    return spread or np.float32(1)


class _Net(nn.Module):
    """From floats (n, n_features) to the gates' log-odds and the leaves' log-probabilities."""

    def __init__(self, n_features: int, depth: int, n_classes: int) -> None:
        super().__init__()
        self.gates = nn.Linear(n_features, 2**depth - 1)
        self.leaves = nn.Parameter(0.01 * torch.randn(2**depth, n_classes))
        nn.init.normal_(self.gates.weight, std=0.3 / math.sqrt(n_features))
        nn.init.zeros_(self.gates.bias)

    def forward(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        return self.gates(vectors).float(), self.leaves.log_softmax(1)


def _expected_loss(net: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """Cross-entropy of each leaf, weighed by the path to it: the source's loss."""
    vectors, labels = batch
    gates, answers = net(vectors)
    paths = log_paths(gates).exp()
    loss: Tensor = -(paths * answers.T[labels]).sum(dim=1).mean()
    return loss
