"""What every estimator keeps to: the contract between models and the rest of the package."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from hdalr.errors import DataError
from hdalr.images.distortions import ArrayDistortion
from hdalr.images.hog import Hog
from hdalr.models.ann import NeuralNetwork
from hdalr.models.annealing import Annealing
from hdalr.models.base import ImageClassifier
from hdalr.models.boosting import GradientBoosting
from hdalr.models.committee import ConvolutionCommittee
from hdalr.models.convolution_stack import ConvolutionStack
from hdalr.models.convolutional import ConvolutionalNetwork
from hdalr.models.decision_tree import DecisionTree
from hdalr.models.deformation_neighbours import DeformationNeighbours
from hdalr.models.discriminant_tree import DiscriminantTree
from hdalr.models.gaussian import GaussianClasses
from hdalr.models.linear_machine import LinearMachine
from hdalr.models.multilayer_perceptron import MultilayerPerceptron
from hdalr.models.naive_bayes import GaussianNaiveBayes
from hdalr.models.nearest_neighbours import NearestNeighbours
from hdalr.models.preprocessing import Preprocessing
from hdalr.models.random_forest import RandomForest
from hdalr.models.recurrent import RecurrentNetwork
from hdalr.models.soft_tree import SoftTree
from hdalr.models.support_vector import SupportVectorMachine, SupportVectorSearch
from hdalr.models.sweeps import SweepNetwork
from hdalr.models.virtual_support import VirtualSupportMachine

TRAINING = Annealing(epochs=15, batch_size=6, learning_rate=0.02, average=0.9)
FACTORIES: dict[str, Callable[[], ImageClassifier]] = {
    "naive-bayes": GaussianNaiveBayes,
    "naive-bayes-hog": lambda: GaussianNaiveBayes(0.01, features=Hog()),
    "gaussian": GaussianClasses,
    "gaussian-hog": lambda: GaussianClasses(features=Hog(), n_gaussians=2, random_state=0),
    "tree-discriminant": lambda: DiscriminantTree(random_state=0),
    "tree-gini": lambda: DecisionTree(random_state=0),
    "tree-information-gain": lambda: DecisionTree("information-gain", random_state=0),
    "tree-gain-ratio": lambda: DecisionTree("gain-ratio", random_state=0),
    "forest": lambda: RandomForest(n_estimators=10, random_state=0),
    "nearest-neighbours": NearestNeighbours,
    "deformation-neighbours": DeformationNeighbours,
    "svm-linear": lambda: SupportVectorMachine("linear", random_state=0),
    "svm-rbf": lambda: SupportVectorMachine("rbf", random_state=0),
    "ann": lambda: NeuralNetwork(epochs=60, batch_size=6, n_hidden=16),
    "cnn": lambda: ConvolutionalNetwork(
        channels=(4,), pools=1, n_dense=8, epochs=60, batch_size=6, learning_rate=0.01
    ),
    "lstm": lambda: RecurrentNetwork(
        n_units=8, dropout=0.0, epochs=60, batch_size=6, learning_rate=0.02
    ),
    "linear-machine": lambda: LinearMachine(random_state=0),
    "virtual-support": lambda: VirtualSupportMachine(
        n_copies=2, distortion=ArrayDistortion(rotation_degrees=2), random_state=0
    ),
    "boosting": lambda: GradientBoosting(n_rounds=10, min_samples_leaf=2),
    "soft-tree": lambda: SoftTree(depth=3, epochs=40, batch_size=6, learning_rate=0.05),
    "stack": lambda: ConvolutionStack("8c3-p2-8f", training=TRAINING),
    "committee": lambda: ConvolutionCommittee(("8c3-8f", "4c3-8f"), training=TRAINING),
    "perceptron": lambda: MultilayerPerceptron((16,), training=TRAINING),
    "sweeps": lambda: SweepNetwork(8, dropout=0.0, training=TRAINING),
    "svm-search": lambda: SupportVectorSearch(C=(1,), gamma=(0.01,), folds=2, random_state=0),
}
LABELS = np.array([-3, 5, 40])

each_model = pytest.mark.parametrize("build", FACTORIES.values(), ids=FACTORIES.keys())


def bars(n_each: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A bar at the top, in the middle or at the foot of 8 x 6 pixels, in noise, shuffled."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 60, (3 * n_each, 8, 6), dtype=np.uint8)
    labels = rng.permutation(np.repeat(LABELS, n_each))
    for image, label in zip(images, labels, strict=True):
        image[1 + 2 * int(np.searchsorted(LABELS, label))] += np.uint8(180)
    return images, labels


TRAIN, TRAIN_LABELS = bars(n_each=12, seed=0)
TEST, TEST_LABELS = bars(n_each=5, seed=1)


@each_model
def test_easy_pictures_are_read(build: Callable[[], ImageClassifier]) -> None:
    model = build().fit(TRAIN, TRAIN_LABELS)
    assert (model.predict(TEST) == TEST_LABELS).mean() >= 0.9
    assert model.score(TEST, TEST_LABELS) >= 0.9


@each_model
def test_labels_may_be_any_integers_and_columns_follow_classes(
    build: Callable[[], ImageClassifier],
) -> None:
    model = build().fit(TRAIN, TRAIN_LABELS)
    np.testing.assert_array_equal(model.classes_, LABELS)
    probabilities = model.predict_proba(TEST)
    assert probabilities.shape == (len(TEST), len(LABELS))
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(LABELS[probabilities.argmax(axis=1)], model.predict(TEST))


@each_model
def test_two_classes_are_enough(build: Callable[[], ImageClassifier]) -> None:
    two = TRAIN_LABELS > 0
    model = build().fit(TRAIN, two.astype(np.int64))
    assert model.predict_proba(TEST).shape == (len(TEST), 2)
    np.testing.assert_array_equal(model.predict_proba(TEST).argmax(axis=1), model.predict(TEST))
    assert ((TEST_LABELS > 0) == model.predict(TEST)).mean() >= 0.9


@each_model
def test_the_constructor_only_stores_and_a_clone_is_unfitted(
    build: Callable[[], ImageClassifier],
) -> None:
    model = build()
    assert {name for name in vars(model) if name.endswith("_")} == set()
    copy = clone(model.fit(TRAIN, TRAIN_LABELS))
    assert copy.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        copy.predict(TEST)


@each_model
def test_the_same_seed_gives_the_same_answers(build: Callable[[], ImageClassifier]) -> None:
    first = build().fit(TRAIN, TRAIN_LABELS).predict_proba(TEST)
    np.testing.assert_array_equal(first, build().fit(TRAIN, TRAIN_LABELS).predict_proba(TEST))


@each_model
def test_neither_fit_nor_predict_changes_its_input(build: Callable[[], ImageClassifier]) -> None:
    images, labels = TRAIN.copy(), TRAIN_LABELS.copy()
    build().fit(images, labels).predict_proba(images)
    np.testing.assert_array_equal(images, TRAIN)
    np.testing.assert_array_equal(labels, TRAIN_LABELS)


@each_model
def test_pictures_of_another_size_are_named(build: Callable[[], ImageClassifier]) -> None:
    model = build().fit(TRAIN, TRAIN_LABELS)
    for ask in (model.predict, model.predict_proba):
        with pytest.raises(DataError, match=r"are 6 x 8 pixels; .* was fitted on 8 x 6 pixels"):
            ask(TEST.transpose(0, 2, 1))


@each_model
def test_an_unfitted_model_says_so(build: Callable[[], ImageClassifier]) -> None:
    for ask in (build().predict, build().predict_proba):
        with pytest.raises(NotFittedError):
            ask(TEST)


@each_model
@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (TRAIN / 255, TRAIN_LABELS, "expected a non-empty uint8 array"),
        (TRAIN, TRAIN_LABELS[1:], r"training labels: shape \(35,\) .* expected integers of shape"),
        (TRAIN, TRAIN_LABELS / 2, "training labels: .* float64; expected integers"),
        (TRAIN, np.full(36, 7), "training labels: found one class, 7; expected at least two"),
    ],
)
def test_wrong_training_data_are_refused(
    build: Callable[[], ImageClassifier], images: np.ndarray, labels: np.ndarray, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        build().fit(images, labels)


@each_model
def test_the_number_of_parameters_is_a_positive_int(build: Callable[[], ImageClassifier]) -> None:
    count = build().fit(TRAIN, TRAIN_LABELS).n_parameters_
    assert type(count) is int
    assert count > 0


@each_model
def test_a_model_works_behind_preprocessing(build: Callable[[], ImageClassifier]) -> None:
    model = make_pipeline(Preprocessing(("noise-reduction",)), build())
    assert model.fit(TRAIN, TRAIN_LABELS).predict(TEST).shape == TEST_LABELS.shape


def test_a_model_works_in_a_grid_search() -> None:
    search = GridSearchCV(NearestNeighbours(), {"n_neighbors": [1, 3]}, cv=2)
    assert search.fit(TRAIN, TRAIN_LABELS).best_score_ >= 0.9
