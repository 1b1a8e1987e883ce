from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from hdalr.datasets import fetch_dataset
from hdalr.errors import ParameterError
from hdalr.images.distortions import ArrayDistortion
from hdalr.images.hog import Hog
from hdalr.models.boosting import GradientBoosting

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (60, 3, 3), dtype=np.uint8)
LABELS = (IMAGES[:, 0, 0] > 127).astype(np.int64)


def boost(**parameters: Any) -> GradientBoosting:
    return GradientBoosting(**{"n_rounds": 5, "min_samples_leaf": 2} | parameters)


def test_distorted_copies_are_learned_from() -> None:
    """A pixel that is dark in all training pictures tells something only if copies ink it."""
    dots = np.zeros((40, 5, 5), np.uint8)
    dots[:20, 1, 1], dots[20:, 3, 3] = 200, 200
    labels, shifts = np.repeat([0, 1], 20), ArrayDistortion(shift_px=1.5)
    plain, copied = (
        boost(n_copies=n, distortion=shifts).fit(dots, labels).model_.feature_importance()
        for n in (0, 9)
    )
    assert set(np.flatnonzero(plain)) <= {6, 18}  # the two dots
    assert set(np.flatnonzero(copied)) > {6, 18}


def test_copies_keep_the_label_of_their_picture() -> None:
    model = boost(n_rounds=30, n_copies=2, distortion=ArrayDistortion()).fit(IMAGES, LABELS)
    assert model.score(IMAGES, LABELS) == 1


def test_no_leaf_steps_further_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hdalr.models.boosting.LARGEST_STEP", 0.01)
    model = boost(n_rounds=5, learning_rate=1).fit(IMAGES, LABELS)
    odds = model.predict_proba(IMAGES)[:, 1] / model.predict_proba(IMAGES)[:, 0]
    farthest = 2 * 5 * 0.01  # both classes' trees, five rounds
    assert np.abs(np.log(odds / (LABELS.sum() / (1 - LABELS).sum()))).max() <= farthest + 1e-6


def test_parameters_are_counted_over_all_trees() -> None:
    images = np.array([0, 200] * 20, np.uint8).reshape(40, 1, 1)
    model = boost(n_rounds=3).fit(images, np.array([0, 1] * 20))
    assert model.n_parameters_ == 3 * 2 * (2 + 2)  # rounds x classes x (one split, two leaves)


def test_more_cores_give_the_same_answers() -> None:
    one, two = (boost(n_jobs=n).fit(IMAGES, LABELS).predict_proba(IMAGES) for n in (None, 2))
    np.testing.assert_array_equal(one, two)


def test_another_seed_draws_other_features() -> None:
    first, second = (
        boost(feature_share=0.3, random_state=seed).fit(IMAGES, LABELS).predict_proba(IMAGES)
        for seed in (0, 1)
    )
    assert (first != second).any()


def test_bundled_digits_are_read() -> None:
    digits = fetch_dataset("digits")
    model = GradientBoosting(20, learning_rate=0.3, feature_share=0.2, features=Hog(cells_px=(7,)))
    model.fit(digits.train_images, digits.train_labels)
    assert model.score(digits.test_images, digits.test_labels) >= 0.95


def test_a_pickled_model_answers_alike() -> None:
    model = boost().fit(IMAGES, LABELS)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(IMAGES), model.predict_proba(IMAGES))


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    boost(min_samples_leaf=50).fit(IMAGES, LABELS)  # too few pictures for any split
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_rounds": 0}, "n_rounds=0 is not allowed; choose an integer from 1 up"),
        ({"learning_rate": 0}, "learning_rate=0 is not allowed; choose a number above 0"),
        ({"n_leaves": 1}, "n_leaves=1 is not allowed; choose an integer from 2 up"),
        ({"min_samples_leaf": 0}, "min_samples_leaf=0 is not allowed"),
        ({"feature_share": 1.5}, "feature_share=1.5 is not allowed; choose a number above 0 to 1"),
        ({"feature_share": 0}, "feature_share=0 is not allowed"),
        ({"n_copies": -1}, "n_copies=-1 is not allowed"),
        ({"random_state": -1}, "random_state=-1 is not allowed"),
    ],
)
def test_wrong_parameters_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        boost(**parameters).fit(IMAGES, LABELS)
