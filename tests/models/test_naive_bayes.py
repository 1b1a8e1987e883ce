from __future__ import annotations

import numpy as np
import pytest

from hdalr.datasets import fetch_dataset
from hdalr.errors import ParameterError
from hdalr.images.features import Pixels
from hdalr.images.hog import Hog
from hdalr.models.naive_bayes import GaussianNaiveBayes

# One pixel, in class 0 at 0 and 102 (0.0 and 0.4), in class 1 at 153 and 255 (0.6 and 1.0).
IMAGES = np.array([0, 102, 153, 255], np.uint8).reshape(4, 1, 1)
LABELS = np.array([0, 0, 1, 1])


def test_means_variances_and_priors_are_those_worked_by_hand() -> None:
    model = GaussianNaiveBayes(var_smoothing=0).fit(IMAGES, LABELS).model_
    np.testing.assert_allclose(model.theta_.ravel(), [0.2, 0.8], atol=1e-7)
    np.testing.assert_allclose(model.var_.ravel(), [0.04, 0.04], atol=1e-7)
    np.testing.assert_allclose(model.class_prior_, [0.5, 0.5])


def test_the_posterior_is_bayes_rule_on_normal_densities() -> None:
    model = GaussianNaiveBayes(var_smoothing=0).fit(IMAGES, LABELS)
    # 127.5 would be the middle; at 0.5 - 0.1 = 0.4 the log odds are
    # ((0.4 - 0.8)^2 - (0.4 - 0.2)^2) / (2 * 0.04) = 1.5.
    probability = model.predict_proba(np.full((1, 1, 1), 102, np.uint8))[0, 0]
    assert probability == pytest.approx(1 / (1 + np.exp(-1.5)), abs=1e-6)


def test_smoothing_is_a_fraction_of_the_largest_variance() -> None:
    model = GaussianNaiveBayes(var_smoothing=0.5).fit(IMAGES, LABELS).model_
    pixel_variance = np.var([0, 0.4, 0.6, 1.0])
    np.testing.assert_allclose(model.var_.ravel(), 0.04 + 0.5 * pixel_variance, atol=1e-7)


def test_a_pixel_that_never_changes_keeps_its_variance_of_0() -> None:
    images = np.full((4000, 1, 2), 77, np.uint8)
    images[:, 0, 0] = np.random.default_rng(0).integers(0, 256, 4000)
    labels = np.arange(4000) % 2
    variances = GaussianNaiveBayes(var_smoothing=0).fit(images, labels).model_.var_
    assert (variances[:, 1] < 1e-25).all()


def test_parameters_are_means_variances_and_priors() -> None:
    model = GaussianNaiveBayes().fit(np.zeros((4, 3, 2), np.uint8) + 9, LABELS)
    assert model.n_parameters_ == 2 * 6 + 2 * 6 + 2


def test_negative_smoothing_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"var_smoothing=-1 is not allowed; choose a number"):
        GaussianNaiveBayes(var_smoothing=-1).fit(IMAGES, LABELS)


def test_features_stand_in_the_pixels_place() -> None:
    digits = fetch_dataset("digits")
    train, labels = digits.train_images[:600], digits.train_labels[:600]
    plain, pixels, hog = (
        GaussianNaiveBayes(0.01, features=features).fit(train, labels)
        for features in (None, Pixels(), Hog())
    )
    np.testing.assert_allclose(plain.model_.theta_, pixels.model_.theta_, atol=1e-6)
    assert hog.n_parameters_ == 2 * 828 * 10 + 10
    test, answers = digits.test_images, digits.test_labels
    assert hog.score(test, answers) > plain.score(test, answers) + 0.02
