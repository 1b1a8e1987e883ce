from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import NotFittedError

from hdalr.datasets import fetch_dataset
from hdalr.errors import ParameterError
from hdalr.images.features import to_vectors
from hdalr.images.hog import Hog
from hdalr.models import discriminant_tree
from hdalr.models.decision_tree import DecisionTree
from hdalr.models.discriminant_tree import DiscriminantTree

DIGITS = fetch_dataset("digits")
TRAIN, LABELS = DIGITS.train_images[:900], DIGITS.train_labels[:900]
TEST, ANSWERS = DIGITS.test_images, DIGITS.test_labels


@pytest.mark.parametrize("classes", [(3, 8), (1, 4, 7)])
def test_the_odds_are_those_of_the_discriminant_analysis(classes: tuple[int, ...]) -> None:
    rows = np.isin(LABELS, classes)
    model = DiscriminantTree().fit(TRAIN[rows], LABELS[rows])
    theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    theirs.fit(to_vectors(TRAIN[rows]), LABELS[rows])
    logs = theirs.predict_log_proba(to_vectors(TEST))
    odds = model._log_odds(to_vectors(TEST))
    for column, (first, second) in enumerate(model.pairs_):
        expected = logs[:, first] - logs[:, second]
        within = np.abs(expected) < 8  # beyond, their logarithms of probabilities lose digits
        np.testing.assert_allclose(odds[within, column], expected[within], atol=0.02)
        assert within.any()


def test_a_slanted_border_takes_one_split() -> None:
    rng = np.random.default_rng(0)
    dots = rng.integers(0, 200, (400, 1, 2), dtype=np.uint8)
    labels = (dots[:, 0, 0] > dots[:, 0, 1]).astype(np.int64)
    apart = np.abs(np.diff(dots.astype(int), axis=2)).ravel() > 15
    oblique = DiscriminantTree().fit(dots[apart], labels[apart])
    straight = DecisionTree(random_state=0).fit(dots[apart], labels[apart])
    assert oblique.cart_.get_n_leaves() == 2
    assert len(straight.tree_.feature) > 10


def test_digits_are_read_better_than_by_a_tree_on_pixels() -> None:
    model = DiscriminantTree(features=Hog(), min_samples_leaf=3, random_state=0)
    assert model.fit(TRAIN, LABELS).score(TEST, ANSWERS) >= 0.9
    plain = DecisionTree(random_state=0).fit(TRAIN, LABELS)
    assert model.score(TEST, ANSWERS) > plain.score(TEST, ANSWERS) + 0.05


def follow(node: dict[str, Any], odds: np.ndarray, pairs: list[tuple[int, int]]) -> dict[str, Any]:
    while node["children"]:
        value = odds[pairs.index(node["pair"])]
        node = node["children"][int(value > node["threshold"])]
    return node


def test_the_drawn_tree_tells_where_pictures_go() -> None:
    model = DiscriminantTree(features=Hog(), max_depth=4, random_state=0).fit(TRAIN, LABELS)
    drawn = model.drawn_tree(depth=4)
    pairs = [(int(first), int(second)) for first, second in model.pairs_]
    odds = model._log_odds(Hog()(TEST))
    leaves = [follow(drawn, row, pairs) for row in odds]
    np.testing.assert_array_equal([leaf["label_index"] for leaf in leaves], model.predict(TEST))
    assert drawn["n_images"] == len(TRAIN)
    assert drawn["row"] is drawn["column"] is None
    assert leaves[0]["pair"] is None


def test_the_drawn_tree_is_cut_at_its_depth() -> None:
    drawn = DiscriminantTree(random_state=0).fit(TRAIN, LABELS).drawn_tree(1)
    assert [child["children"] for child in drawn["children"]] == [[], []]
    with pytest.raises(NotFittedError):
        DiscriminantTree().drawn_tree()


def test_discriminants_splits_and_leaves_are_counted() -> None:
    dots = np.array([0, 9, 200, 201], np.uint8).reshape(4, 1, 1)
    model = DiscriminantTree().fit(dots, np.array([0, 0, 1, 1]))
    # A weight and an offset for each of two classes; one split; two leaves of two classes.
    assert model.n_parameters_ == 2 * (1 + 1) + 2 + 2 * 2


def test_probabilities_do_not_hang_on_the_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    model = DiscriminantTree(min_samples_leaf=9, random_state=0).fit(TRAIN, LABELS)
    whole = model.predict_proba(TEST[:50])
    monkeypatch.setattr(discriminant_tree, "CHUNK", 7)
    np.testing.assert_array_equal(model.predict_proba(TEST[:50]), whole)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(TEST[:50]), whole)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"max_depth": 0}, "max_depth=0 is not allowed; choose an integer from 1 up"),
        ({"min_samples_leaf": 0}, "min_samples_leaf=0 is not allowed; choose an integer from 1 up"),
    ],
)
def test_wrong_parameters_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        DiscriminantTree(**parameters).fit(TRAIN, LABELS)
