from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.metrics import log_loss
from sklearn.svm import SVC

from hdalr.datasets import fetch_dataset
from hdalr.errors import DataError, ParameterError
from hdalr.images.batch import Images
from hdalr.images.distortions import ArrayDistortion
from hdalr.images.hog import Hog
from hdalr.models.virtual_support import VirtualSupportMachine

DIGITS = fetch_dataset("digits")
SMALL = DIGITS.train_images[:, 1::3, 1::3]  # 9 x 9 pixels
TRAIN, TRAIN_LABELS = SMALL[:500], DIGITS.train_labels[:500]
TEST, TEST_LABELS = DIGITS.test_images[:, 1::3, 1::3], DIGITS.test_labels
SLIGHT = ArrayDistortion(rotation_degrees=5, shift_px=0.5)


SETTINGS: dict[str, Any] = {
    "n_components": 20,
    "n_copies": 2,
    "distortion": SLIGHT,
    "random_state": 0,
}


def machine(**parameters: Any) -> VirtualSupportMachine:
    return VirtualSupportMachine(**SETTINGS | parameters)


@dataclass(frozen=True)
class Recorder(ArrayDistortion):
    """Keeps what it is given; changes nothing."""

    seen: list[Images] = field(default_factory=list)

    def __call__(self, images: Images, random_state: int | None = None) -> Images:
        self.seen.append(images)
        return images


def stock(C: float, gamma: float) -> tuple[SVC, np.ndarray]:
    """scikit-learn's machine on the same components, and its answers."""
    pca = PCA(20, svd_solver="covariance_eigh").fit(TRAIN.reshape(500, -1) / np.float32(255))
    vectors = pca.transform(TRAIN.reshape(500, -1) / np.float32(255))
    svc = SVC(C=C, gamma=gamma / vectors.var(axis=0).sum()).fit(vectors, TRAIN_LABELS)
    return svc, svc.predict(pca.transform(TEST.reshape(len(TEST), -1) / np.float32(255)))


def test_without_copies_it_is_the_svc_on_components() -> None:
    model = machine(C=5, gamma=2, n_copies=0).fit(TRAIN, TRAIN_LABELS)
    assert (model.predict(TEST) == stock(5, 2)[1]).mean() > 0.98
    assert model.score(TEST, TEST_LABELS) > 0.9


def test_only_support_vectors_are_copied() -> None:
    recorder = Recorder()
    machine(C=5, gamma=2, distortion=recorder).fit(TRAIN, TRAIN_LABELS)
    support = {image.tobytes() for image in TRAIN[stock(5, 2)[0].support_]}
    *_, before_last, last = recorder.seen  # those before are the smaller machine's
    for copied in (before_last, last):
        assert len({image.tobytes() for image in copied} ^ support) <= 0.02 * len(support)


def test_copies_help_on_pictures_that_are_distorted_alike() -> None:
    shifts = ArrayDistortion(shift_px=1.5)
    moved = shifts(TEST, random_state=1)
    plain, virtual = (
        machine(n_copies=n, distortion=shifts, n_components=81).fit(TRAIN, TRAIN_LABELS)
        for n in (0, 8)
    )
    assert virtual.score(moved, TEST_LABELS) > plain.score(moved, TEST_LABELS) + 0.05


def test_features_are_what_the_components_are_taken_of() -> None:
    edges = Hog(cells_px=(3,), n_orientations=8)
    model = machine(features=edges, n_components=40).fit(TRAIN, TRAIN_LABELS)
    assert model.machine_["components"].components_.shape == (40, edges(TEST[:1]).shape[1])
    assert model.score(TEST, TEST_LABELS) > 0.85


def test_there_are_at_most_as_many_components_as_features() -> None:
    model = machine(n_components=1000).fit(TRAIN, TRAIN_LABELS)
    assert model.machine_["components"].n_components_ == 81


def test_the_fitted_temperature_is_better_than_others_on_new_pictures() -> None:
    model = machine().fit(TRAIN, TRAIN_LABELS)
    others, labels = SMALL[500:], DIGITS.train_labels[500:]
    fitted = log_loss(labels, model.predict_proba(others))
    temperature = model.temperature_
    for factor in (0.2, 5.0):
        model.temperature_ = temperature * factor
        assert log_loss(labels, model.predict_proba(others)) > fitted


def test_parameters_are_those_that_the_machine_holds() -> None:
    model = machine().fit(TRAIN, TRAIN_LABELS)
    n_support = len(model.machine_["svc"].support_vectors_)
    # 20 components a vector, 9 weights; 45 pairs; 21 rows of 81 pixels; the temperature.
    assert model.n_parameters_ == n_support * (20 + 9) + 45 + 21 * 81 + 1


def test_a_pickled_machine_answers_the_same() -> None:
    model = machine(features=Hog(cells_px=(4,)), n_copies=1).fit(TRAIN, TRAIN_LABELS)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(TEST), model.predict_proba(TEST))


def test_a_class_with_one_picture_is_too_small() -> None:
    labels = np.r_[7, np.arange(499) % 2]
    with pytest.raises(DataError, match="class 7 has 1 images; expected at least 2"):
        machine().fit(TRAIN, labels)


@pytest.mark.parametrize("name", ["C", "gamma", "n_components", "n_copies"])
def test_parameters_out_of_range_are_refused(name: str) -> None:
    with pytest.raises(ParameterError, match=f"{name}=-1 is not allowed"):
        machine(**{name: -1}).fit(TRAIN, TRAIN_LABELS)
