from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import torch

from hdalr.datasets import fetch_dataset
from hdalr.errors import ParameterError
from hdalr.images.distortions import ArrayDistortion
from hdalr.images.hog import Hog
from hdalr.models.soft_tree import SoftTree, _expected_loss, _Net, log_paths

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (60, 3, 3), dtype=np.uint8)
LABELS = (IMAGES[:, 0, 0] > 127).astype(np.int64)


def odds(*to_the_right: float) -> torch.Tensor:
    """Log-odds of gates that send these shares of one picture to the right."""
    shares = torch.tensor([to_the_right])
    return torch.log(shares / (1 - shares))


def test_paths_multiply_the_gates_on_the_way() -> None:
    leaves = log_paths(odds(0.75, 0.5, 0.2)).exp()
    torch.testing.assert_close(leaves, torch.tensor([[0.125, 0.125, 0.6, 0.15]]))


@pytest.mark.parametrize("depth", [1, 3, 6])
def test_paths_to_all_leaves_add_up_to_one(depth: int) -> None:
    gates = torch.from_numpy(np.random.default_rng(0).normal(0, 3, (5, 2**depth - 1)))
    leaves = log_paths(gates).exp()
    assert leaves.shape == (5, 2**depth)
    torch.testing.assert_close(leaves.sum(dim=1), torch.ones(5, dtype=torch.float64))


def test_paths_of_shut_gates_stay_finite() -> None:
    leaves = log_paths(torch.tensor([[-500.0, 500.0, 0.0]]))
    assert torch.isfinite(leaves).all()
    assert leaves.argmax() == 1


def test_each_leafs_loss_counts_as_much_as_the_path_to_it() -> None:
    net = _Net(n_features=1, depth=1, n_classes=2)
    with torch.no_grad():
        net.gates.weight.fill_(float(odds(0.75)))
        net.gates.bias.zero_()
        net.leaves.copy_(torch.tensor([[0.5, 0.5], [0.2, 0.8]]).log())
    loss = _expected_loss(net, (torch.ones(1, 1), torch.tensor([1])))
    assert float(loss.detach()) == pytest.approx(-0.25 * np.log(0.5) - 0.75 * np.log(0.8))


def test_the_answer_is_the_most_probable_leafs() -> None:
    tree = SoftTree(depth=2).fit(IMAGES, LABELS)
    tree.gates_ = np.zeros((9, 3), np.float32)
    tree.biases_ = odds(0.45, 0.5, 0.9).numpy()[0]  # greedily left, but the best leaf is right
    tree.leaves_ = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.2, 0.8]])
    assert tree.find_leaves(IMAGES[:1]).tolist() == [3]
    assert tree.predict_proba(IMAGES[:1]).tolist() == [[0.2, 0.8]]


def test_the_gates_apply_to_the_features_as_they_are() -> None:
    """What was taken off and divided by in training is inside the gates."""
    bright = np.clip(IMAGES.astype(np.int64) // 8 + 200, 0, 255).astype(np.uint8)
    tree = SoftTree(depth=1, epochs=80, batch_size=10, learning_rate=0.05).fit(bright, LABELS)
    right = bright.reshape(60, 9) / 255 @ tree.gates_ + tree.biases_ > 0
    np.testing.assert_array_equal(tree.find_leaves(bright), right[:, 0])
    assert tree.score(bright, LABELS) >= 0.9


def test_parameters_are_counted_in_gates_and_leaves() -> None:
    tree = SoftTree(depth=3, epochs=1).fit(IMAGES, LABELS)
    assert tree.n_parameters_ == 7 * (9 + 1) + 8 * 2


def test_pictures_without_any_difference_are_answered() -> None:
    same = np.zeros((10, 3, 3), np.uint8)
    tree = SoftTree(depth=2, epochs=2).fit(same, np.arange(10) % 2)
    assert np.isfinite(tree.predict_proba(same)).all()


def test_distorted_copies_are_learned_from() -> None:
    """A dot is known in places where no training picture has it."""
    dots = np.zeros((40, 5, 5), np.uint8)
    dots[:20, 1, 1], dots[20:, 3, 3] = 200, 200
    moved = np.roll(dots[[0, 20]], 1, axis=2)
    shifts = ArrayDistortion(shift_px=1.5)
    tree = SoftTree(2, batch_size=10, learning_rate=0.1, n_copies=9, distortion=shifts)
    tree.fit(dots, np.repeat([0, 1], 20))
    assert tree.predict_proba(moved)[[0, 1], [0, 1]].min() > 0.9


def test_bundled_digits_are_read_by_one_path() -> None:
    digits = fetch_dataset("digits")
    tree = SoftTree(depth=5, batch_size=32, learning_rate=0.01, features=Hog(cells_px=(7,)))
    tree.fit(digits.train_images, digits.train_labels)
    assert tree.score(digits.test_images, digits.test_labels) >= 0.93


def test_chance_outside_is_left_as_it_was() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    SoftTree(depth=1, epochs=1).fit(IMAGES, LABELS)
    torch.testing.assert_close(torch.rand(3), expected)


def test_another_seed_grows_another_tree() -> None:
    first, second = (SoftTree(3, epochs=2, random_state=s).fit(IMAGES, LABELS) for s in (0, 1))
    assert (first.gates_ != second.gates_).any()


def test_a_pickled_tree_answers_alike() -> None:
    tree = SoftTree(2, epochs=2).fit(IMAGES, LABELS)
    again = pickle.loads(pickle.dumps(tree))
    np.testing.assert_array_equal(again.predict_proba(IMAGES), tree.predict_proba(IMAGES))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"depth": 0}, "depth=0 is not allowed; choose an integer from 1 up"),
        ({"epochs": 0}, "epochs=0 is not allowed"),
        ({"batch_size": 0}, "batch_size=0 is not allowed"),
        ({"learning_rate": 0}, "learning_rate=0 is not allowed; choose a number above 0"),
        ({"n_copies": -1}, "n_copies=-1 is not allowed"),
        ({"random_state": -1}, "random_state=-1 is not allowed"),
    ],
)
def test_wrong_parameters_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        SoftTree(**parameters).fit(IMAGES, LABELS)
