from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import log_loss

from hdalr.datasets import fetch_dataset
from hdalr.errors import ParameterError
from hdalr.images.batch import to_vectors
from hdalr.images.distortions import ArrayDistortion
from hdalr.images.features import Pixels
from hdalr.images.hog import Hog
from hdalr.images.random_units import RandomUnits
from hdalr.models import linear_machine
from hdalr.models.hyperplanes import squared_hinge
from hdalr.models.linear_machine import LinearMachine, between_pairs, leave_out

DIGITS = fetch_dataset("digits")
SMALL = DIGITS.train_images[:, 1::3, 1::3]  # 9 x 9 pixels
TRAIN, TRAIN_LABELS = SMALL[:700], DIGITS.train_labels[:700]
TEST, TEST_LABELS = DIGITS.test_images[:, 1::3, 1::3], DIGITS.test_labels
EDGES = Hog(cells_px=(3,), n_orientations=8)


def machine(**parameters: Any) -> LinearMachine:
    return LinearMachine(**{"random_state": 0} | parameters)


def test_the_class_with_the_largest_margin_is_the_answer() -> None:
    model = machine().fit(TRAIN, TRAIN_LABELS)
    pixels = TEST.reshape(len(TEST), -1) / np.float32(255)
    margins = pixels @ model.planes_[:-1] + model.planes_[-1]
    np.testing.assert_array_equal(model.predict(TEST), model.classes_[margins.argmax(axis=1)])
    assert model.score(TEST, TEST_LABELS) > 0.85


def test_features_are_what_the_planes_divide() -> None:
    model = machine(features=EDGES).fit(TRAIN, TRAIN_LABELS)
    assert model.planes_.shape == (EDGES(TRAIN[:1]).shape[1] + 1, 10)
    assert model.score(TEST, TEST_LABELS) > 0.85


def test_random_units_bend_the_boundary() -> None:
    """Alike or not: of two pixels, no plane tells it."""
    images = np.random.default_rng(0).integers(0, 256, (400, 1, 2), dtype=np.uint8)
    labels = ((images[:, 0, 0] > 127) == (images[:, 0, 1] > 127)).astype(np.int64)
    assert machine().fit(images, labels).score(images, labels) < 0.7
    bent = RandomUnits(of=Pixels(), n_units=200, gamma=5)
    assert machine(features=bent, C=100).fit(images, labels).score(images, labels) > 0.95


def test_the_planes_learn_from_all_pictures_in_the_end() -> None:
    planes = machine(tolerance=1e-9).fit(TRAIN, TRAIN_LABELS).planes_
    vectors = np.pad(to_vectors(TRAIN), ((0, 0), (0, 1)), constant_values=1)
    _, slope = squared_hinge(vectors, TRAIN_LABELS, planes, C=1)
    _, steepest = squared_hinge(vectors, TRAIN_LABELS, np.zeros_like(planes), C=1)
    assert np.abs(slope).max() < 1e-3 * np.abs(steepest).max()


def test_the_temperature_is_fitted_on_pictures_and_not_on_copies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def record(pairs: np.ndarray, indices: np.ndarray) -> float:
        asked.append((len(pairs), len(indices)))
        return 1.0

    monkeypatch.setattr(linear_machine, "fit_temperature", record)
    machine(n_copies=2).fit(TRAIN[:300], TRAIN_LABELS[:300])
    ((n_margins, n_labels),) = asked
    assert n_margins == n_labels == pytest.approx(100, abs=5)


def test_copies_that_are_no_different_count_as_a_higher_price() -> None:
    still = ArrayDistortion()
    copied = machine(C=0.25, n_copies=3, distortion=still, tolerance=1e-9).fit(TRAIN, TRAIN_LABELS)
    priced = machine(C=1.0, tolerance=1e-9).fit(TRAIN, TRAIN_LABELS)
    np.testing.assert_allclose(copied.planes_, priced.planes_, atol=0.02)
    assert copied.temperature_ == pytest.approx(priced.temperature_, rel=0.02)


def test_distorted_copies_are_learned_from() -> None:
    """A bar that only ever stood in one column is known in the next one."""
    bars = np.zeros((40, 6, 6), np.uint8)
    bars[:20, 1:5, 2] = bars[20:, 2, 1:5] = 200
    noise = np.random.default_rng(0).integers(0, 40, bars.shape, dtype=np.uint8)
    labels = np.repeat([0, 1], 20)
    moved = np.roll(bars, 2, axis=(1, 2)) + noise
    shifts = ArrayDistortion(shift_px=2)
    plain = machine().fit(bars + noise, labels)
    copied = machine(n_copies=6, distortion=shifts).fit(bars + noise, labels)
    likely = [m.predict_proba(moved)[np.arange(40), labels].mean() for m in (plain, copied)]
    assert likely[1] > likely[0] + 0.1


def test_the_fitted_temperature_is_better_than_others_on_new_pictures() -> None:
    model = machine().fit(TRAIN, TRAIN_LABELS)
    others, labels = SMALL[700:], DIGITS.train_labels[700:]
    fitted = log_loss(labels, model.predict_proba(others))
    temperature = model.temperature_
    for factor in (0.3, 3.0):
        model.temperature_ = temperature * factor
        assert log_loss(labels, model.predict_proba(others)) > fitted


def test_of_each_class_a_share_is_left_out_and_nothing_lost() -> None:
    indices = np.repeat([0, 1, 2], [30, 9, 1])
    left_out, kept = leave_out(indices, 1 / 3, np.random.default_rng(0))
    assert np.bincount(indices[left_out]).tolist() == [10, 3, 1]
    np.testing.assert_array_equal(np.sort(np.concatenate([left_out, kept])), np.arange(40))


def test_leads_stand_in_the_order_of_the_pairs() -> None:
    assert between_pairs(np.array([[5, 3, -1]], np.float32)).tolist() == [[2, 6, 4]]


def test_parameters_are_planes_and_temperature() -> None:
    model = machine().fit(TRAIN, TRAIN_LABELS)
    assert model.n_parameters_ == 10 * (81 + 1) + 1


def test_a_pickled_machine_answers_the_same() -> None:
    model = machine(features=RandomUnits(EDGES, n_units=30), n_copies=1).fit(TRAIN, TRAIN_LABELS)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(TEST), model.predict_proba(TEST))


@pytest.mark.parametrize("name", ["C", "n_copies", "tolerance"])
def test_parameters_out_of_range_are_refused(name: str) -> None:
    with pytest.raises(ParameterError, match=f"{name}=-1 is not allowed"):
        machine(**{name: -1}).fit(TRAIN, TRAIN_LABELS)
