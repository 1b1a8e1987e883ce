from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis

from hdalr.datasets import fetch_dataset
from hdalr.errors import ParameterError
from hdalr.images.features import Pixels
from hdalr.images.hog import Hog
from hdalr.models import gaussian
from hdalr.models.gaussian import GaussianClasses

DIGITS = fetch_dataset("digits")
TRAIN, LABELS = DIGITS.train_images[:900], DIGITS.train_labels[:900]
TEST, ANSWERS = DIGITS.test_images, DIGITS.test_labels

# Two classes of two pixels: the first one round about (60, 60), the second about (160, 160).
RNG = np.random.default_rng(0)
CLOUDS = np.concatenate([RNG.normal(60, 15, (400, 2)), RNG.normal(160, 30, (400, 2))])
DOTS = np.clip(np.rint(CLOUDS), 0, 255).astype(np.uint8).reshape(800, 1, 2)
SIDES = np.repeat([4, 9], 400)


def test_one_unshrunk_gaussian_a_class_is_the_quadratic_discriminant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gaussian, "FLOOR", 1e-9)
    ours = GaussianClasses(shrinkage=0.0, n_components=2).fit(DOTS, SIDES)
    theirs = QuadraticDiscriminantAnalysis().fit(DOTS.reshape(800, 2) / 255, SIDES)
    np.testing.assert_allclose(
        ours.predict_proba(DOTS), theirs.predict_proba(DOTS.reshape(800, 2) / 255), atol=0.01
    )


def test_the_posterior_is_bayes_rule_on_normal_densities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaussian, "FLOOR", 1e-9)
    model = GaussianClasses(shrinkage=0.3, n_components=2).fit(DOTS[:700], SIDES[:700])
    flat = DOTS.reshape(800, 2) / 255
    own = [np.cov(part.T, bias=True) for part in (flat[:400], flat[400:700])]
    mean = (4 * own[0] + 3 * own[1]) / 7
    joint = np.stack(
        [
            share * multivariate_normal(part.mean(axis=0), 0.7 * cov + 0.3 * mean).pdf(flat)
            for share, part, cov in zip(
                (4 / 7, 3 / 7), (flat[:400], flat[400:700]), own, strict=True
            )
        ],
        axis=1,
    )
    expected = joint / joint.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(DOTS), expected, atol=1e-4)


def test_a_class_of_two_clouds_needs_two_gaussians() -> None:
    """Bright left or bright right against bright in both or in none."""
    ends = np.array([[40, 200], [200, 40], [40, 40], [200, 200]])
    clouds = np.repeat(ends, 100, axis=0) + RNG.normal(0, 12, (400, 2))
    images = np.clip(clouds, 0, 255).astype(np.uint8).reshape(400, 1, 2)
    labels = np.repeat([0, 0, 1, 1], 100)
    two = GaussianClasses(n_gaussians=2, random_state=0).fit(images, labels)
    assert two.score(images, labels) == 1
    np.testing.assert_array_equal(two.owners_, [0, 0, 1, 1])
    np.testing.assert_allclose(np.exp(two.log_weights_), 0.25)
    # One Gaussian a class has the same mean and nearly the same spread, but for its slant.
    assert (
        abs(np.diff(GaussianClasses(shrinkage=0.9).fit(images, labels).means_, axis=0)).max() < 0.5
    )


@pytest.mark.parametrize(("n_gaussians", "least"), [(1, 0.95), (4, 0.95)])
def test_digits_are_read_by_their_gradients(n_gaussians: int, least: float) -> None:
    model = GaussianClasses(
        features=Hog(), n_components=40, n_gaussians=n_gaussians, random_state=0
    ).fit(TRAIN, LABELS)
    assert model.score(TEST, ANSWERS) >= least
    assert len(model.owners_) == 10 * n_gaussians


def test_no_features_are_the_pixels() -> None:
    plain, pixels = (
        GaussianClasses(features=features, n_components=20, random_state=0).fit(TRAIN, LABELS)
        for features in (None, Pixels())
    )
    np.testing.assert_array_equal(plain.predict_proba(TEST), pixels.predict_proba(TEST))


def test_few_pictures_have_fewer_gaussians_and_components() -> None:
    few = np.concatenate([np.flatnonzero(digit == LABELS)[: 5 + digit] for digit in range(10)])
    model = GaussianClasses(n_gaussians=3, n_components=500).fit(TRAIN[few], LABELS[few])
    assert len(model.owners_) == 10
    assert model.means_.shape[1] == len(few)
    assert np.isfinite(model.predict_proba(TEST)).all()


def test_probabilities_do_not_hang_on_the_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    model = GaussianClasses(n_components=20).fit(TRAIN, LABELS)
    whole = model.predict_proba(TEST[:50])
    monkeypatch.setattr(gaussian, "CHUNK", 7)
    # Products in single precision: a processor adds up otherwise for another number of rows.
    np.testing.assert_allclose(model.predict_proba(TEST[:50]), whole, atol=1e-5)


def test_all_that_is_learned_is_counted() -> None:
    model = GaussianClasses(n_components=2).fit(DOTS, SIDES)
    # Two components of two pixels, their centre, the scale; a weight, a mean, a covariance each.
    assert model.n_parameters_ == 4 + 2 + 3 + 2 * (1 + 2 + 3)


def test_a_fitted_model_is_pickled() -> None:
    model = GaussianClasses(features=Hog(), n_components=10).fit(TRAIN, LABELS)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_allclose(again.predict_proba(TEST), model.predict_proba(TEST), atol=1e-9)


def test_answers_do_not_depend_on_how_many_are_asked_at_once() -> None:
    model = GaussianClasses(features=Hog(), n_components=10).fit(TRAIN, LABELS)
    sevens = [model.predict_proba(TEST[start : start + 7]) for start in range(0, len(TEST), 7)]
    np.testing.assert_allclose(np.concatenate(sevens), model.predict_proba(TEST), atol=1e-9)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_components": 0}, "n_components=0 is not allowed; choose an integer from 1 up"),
        ({"n_gaussians": 0}, "n_gaussians=0 is not allowed; choose an integer from 1 up"),
        ({"shrinkage": 1.0}, r"shrinkage=1.0 is not allowed; choose a number from 0 to below 1"),
    ],
)
def test_wrong_parameters_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        GaussianClasses(**parameters).fit(DOTS, SIDES)
