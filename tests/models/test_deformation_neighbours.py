from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV

from hdalr.datasets import fetch_dataset
from hdalr.errors import DataError, ParameterError
from hdalr.models import deformation_neighbours
from hdalr.models.deformation_neighbours import DeformationNeighbours, weigh_votes
from hdalr.models.nearest_neighbours import NearestNeighbours

RNG = np.random.default_rng(0)
DIGITS = fetch_dataset("digits")
TRAIN, TRAIN_LABELS = DIGITS.train_images[:600], DIGITS.train_labels[:600]
PROBES, PROBE_LABELS = DIGITS.train_images[600:1000], DIGITS.train_labels[600:1000]


def small(**parameters: Any) -> DeformationNeighbours:
    return DeformationNeighbours(**({"n_neighbors": 5, "n_candidates": 40} | parameters))


def test_digits_are_read_better_than_by_their_grey_values() -> None:
    plain = NearestNeighbours(3).fit(TRAIN, TRAIN_LABELS).score(PROBES, PROBE_LABELS)
    assert small(warp_px=1).fit(TRAIN, TRAIN_LABELS).score(PROBES, PROBE_LABELS) > plain


def test_votes_fall_with_the_distance() -> None:
    distances = np.array([[50, 60, 75], [0, 0, 9]], np.float32)
    expected = [[1, np.exp(-1), np.exp(-2.5)], [1, 1, 0]]
    np.testing.assert_allclose(weigh_votes(distances, temperature=0.2), expected)


def test_probabilities_are_shares_of_the_votes(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(pictures: Any, *_: Any) -> tuple[Any, Any]:
        return np.array([[10, 12, 12]], np.float32), np.array([[0, 1, 2]])

    monkeypatch.setattr(deformation_neighbours, "find_nearest", find)
    model = DeformationNeighbours(3, 3, temperature=0.2).fit(TRAIN[:3], np.array([7, -1, 7]))
    one = np.exp(-1)
    expected = np.array([[one + 0.001, 1 + one + 0.001]]) / (1 + 2 * one + 0.002)
    np.testing.assert_allclose(model.predict_proba(TRAIN[:1]), expected, rtol=1e-6)


def test_a_picture_off_the_shortlist_has_no_vote() -> None:
    # One row lower is nothing to the distortion model, but the Euclidean distance is large.
    images = np.zeros((3, 8, 8), np.uint8)
    images[0, 2, 2:6], images[1, 3, 2:6], images[2, 2, 2:5] = 200, 200, 90
    for n_candidates, expected in ((2, [5]), (1, [9])):
        model = DeformationNeighbours(1, n_candidates, blur_px=0)
        assert model.fit(images[1:], np.array([5, 9])).predict(images[:1]).tolist() == expected


def test_slanted_writing_is_set_upright_unless_told_otherwise() -> None:
    slanted = np.stack([np.eye(9, dtype=np.uint8) * 200, np.full((9, 9), 50, np.uint8)])
    labels = np.array([0, 1])
    upright = small(n_neighbors=1).fit(slanted, labels)
    assert (upright.pictures_[0, :, 4] == 200).all()
    np.testing.assert_array_equal(
        small(n_neighbors=1, upright=False).fit(slanted, labels).pictures_, slanted
    )


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_pictures_are_answered_in_chunks(
    monkeypatch: pytest.MonkeyPatch, n_jobs: int | None
) -> None:
    model = small(n_jobs=n_jobs).fit(TRAIN, TRAIN_LABELS)
    whole = model.predict_proba(PROBES[:50])
    monkeypatch.setattr(deformation_neighbours, "CHUNK_IMAGES", 7)
    np.testing.assert_allclose(model.predict_proba(PROBES[:50]), whole, rtol=1e-5)


def test_labels_may_be_any_integers_and_columns_follow_classes() -> None:
    model = small().fit(TRAIN, 10 * TRAIN_LABELS - 7)
    probabilities = model.predict_proba(PROBES[:60])
    assert model.classes_.tolist() == list(range(-7, 93, 10))
    assert (probabilities > 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(
        model.classes_[probabilities.argmax(axis=1)], model.predict(PROBES[:60])
    )


def test_a_shortlist_longer_than_the_training_set_holds_all_of_it() -> None:
    model = small(n_candidates=10_000).fit(TRAIN[:20], TRAIN_LABELS[:20])
    assert model.predict(TRAIN[:20]).tolist() == TRAIN_LABELS[:20].tolist()


def test_a_training_picture_is_sure_of_its_label() -> None:
    model = small().fit(TRAIN, TRAIN_LABELS)
    assert (model.predict_proba(TRAIN[:50])[np.arange(50), TRAIN_LABELS[:50]] > 0.95).all()


def test_it_is_an_estimator() -> None:
    model = small().fit(TRAIN[:100], TRAIN_LABELS[:100])
    kept = pickle.loads(pickle.dumps(model)).predict_proba(PROBES[:20])
    np.testing.assert_array_equal(kept, model.predict_proba(PROBES[:20]))
    with pytest.raises(NotFittedError):
        clone(model).predict(PROBES[:1])
    search = GridSearchCV(small(), {"warp_px": [1, 2]}, cv=2)
    assert search.fit(TRAIN[:200], TRAIN_LABELS[:200]).best_score_ > 0.8


def test_inputs_stay_as_they_are_and_may_be_read_only() -> None:
    images = TRAIN[:60].copy()
    images.flags.writeable = False
    for upright in (True, False):
        model = small(upright=upright).fit(images, TRAIN_LABELS[:60])
        model.predict(images[:2])
        assert not np.shares_memory(model.pictures_, images)
    np.testing.assert_array_equal(images, TRAIN[:60])


def test_parameters_are_all_pixels_twice_and_the_labels() -> None:
    assert small().fit(TRAIN[:30], TRAIN_LABELS[:30]).n_parameters_ == 30 * (2 * 28 * 28 + 1)


def test_fewer_images_than_neighbours_are_refused() -> None:
    with pytest.raises(DataError, match=r"found 4; expected at least n_neighbors=5"):
        small().fit(TRAIN[:4], np.arange(4))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_neighbors": 0}, "n_neighbors=0 is not allowed; choose an integer from 1 up"),
        ({"n_candidates": 4}, "n_candidates=4 is not allowed; choose an integer from 5 up"),
        ({"warp_px": -1}, "warp_px=-1 is not allowed; choose an integer from 0 up"),
        ({"context_px": 0.5}, "context_px=0.5 is not allowed"),
        ({"temperature": 0}, "temperature=0 is not allowed; choose a number above 0"),
        ({"blur_px": -1}, "blur_px=-1 is not allowed; choose a number from 0 up"),
    ],
)
def test_wrong_parameters_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        small(**parameters).fit(TRAIN, TRAIN_LABELS)
