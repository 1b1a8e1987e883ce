"""Gaussian support vector machine that learns distorted copies of its own support vectors."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from hdalr.images.batch import Floats, Images, Labels
from hdalr.images.distortions import AS_HANDS_DIFFER, SEEDS, ArrayDistortion
from hdalr.images.features import Features, Pixels
from hdalr.models.acceleration import svc_class
from hdalr.models.base import (
    ImageClassifier,
    Probabilities,
    check_integer,
    check_positive,
)
from hdalr.models.linear_machine import leave_out
from hdalr.models.pairwise import fit_temperature, log_probabilities
from hdalr.models.support_vector import check_class_sizes, pair_margins

CACHE_MIB = 1000
CALIBRATION = (10_000, 5_000)  # pictures that the smaller machine learns, and is asked


class VirtualSupportMachine(ImageClassifier):
    """One-vs-one machine with a Gaussian kernel, fitted twice.

    The first fit, on all pictures, finds the support vectors: the pictures near a boundary, a
    tenth of them or so. The second learns these and some distorted copies of each, the virtual
    support vectors. What lies far from every boundary needs no copies, so that this costs little
    and brings nearly as much as copies of all. The answer is the most probable class.

    Parameters
    ----------
    C
        Price of a vector on the wrong side of its margin, above 0.
    gamma
        Inverse width of the kernel, above 0, times the summed variance of the components: 1 is
        what is elsewhere called "scale".
    n_components
        Principal components of the features that the kernel sees, from 1 up; at most as many as
        there are features or pictures.
    features
        What the components are taken of; None for the pixels.
    n_copies
        Distorted copies of each support vector, from 0 up; 0 leaves it at the first fit.
    distortion
        How they are distorted.
    random_state
        Seed of the distortions, and of the pictures that the temperature is fitted on.

    Attributes
    ----------
    machine_
        The fitted pipeline of features, components and ``SVC``; scikit-learn-intelex's where
        installed.
    temperature_
        Divisor of the margins. It is fitted on up to 5,000 pictures with the margins of a smaller
        machine, made in the same way from up to 10,000 others.

    References
    ----------
    Schölkopf, Burges and Vapnik 1996, *Incorporating invariances in support vector learning
    machines*; DeCoste and Schölkopf 2002, *Training invariant support vector machines*. There the
    copies are shifts of one or two pixels; here they are also turned and stretched.

    Examples
    --------
    >>> images = np.repeat(np.array([[[0, 9]], [[200, 210]]], np.uint8), 10, axis=0)
    >>> labels = np.repeat([3, 8], 10)
    >>> VirtualSupportMachine(random_state=0).fit(images, labels).predict(images[::10])
    array([3, 8])
    """

    machine_: Pipeline
    temperature_: float

    def __init__(
        self,
        C: float = 10.0,
        gamma: float = 1.0,
        *,
        n_components: int = 100,
        features: Features | None = None,
        n_copies: int = 8,
        distortion: ArrayDistortion = AS_HANDS_DIFFER,
        random_state: int | None = None,
    ) -> None:
        self.C = C
        self.gamma = gamma
        self.n_components = n_components
        self.features = features
        self.n_copies = n_copies
        self.distortion = distortion
        self.random_state = random_state

    def fit(self, images: Images, labels: Labels) -> Self:
        """Fit twice on all pictures, and before that a smaller machine for the temperature.

        Parameters
        ----------
        images
            uint8, shape (n_images, height, width).
        labels
            Integers, shape (n_images,), at least two of each class.

        Raises
        ------
        DataError
            If images and labels are not of these shapes and types, or a class is too small.
        ParameterError
            If a parameter is not allowed.
        """
        self._check_parameters()
        indices = self._begin_fit(images, labels)
        check_class_sizes(indices, self.classes_, folds=2)
        rng = np.random.default_rng(self.random_state)
        self.temperature_ = self._find_temperature(images, indices, rng)
        self.machine_ = self._fit_machine(images, indices, rng)
        return self

    def _check_parameters(self) -> None:
        check_positive("C", self.C)
        check_positive("gamma", self.gamma)
        check_integer("n_components", self.n_components, at_least=1)
        check_integer("n_copies", self.n_copies, at_least=0)

    def _find_temperature(self, images: Images, indices: Labels, rng: np.random.Generator) -> float:
        n_learnt, n_asked = CALIBRATION
        asked, rest = leave_out(indices, min(1 / 3, n_asked / len(indices)), rng)
        learnt = rest[leave_out(indices[rest], min(1, n_learnt / len(rest)), rng)[0]]
        smaller = self._fit_machine(images[learnt], indices[learnt], rng)
        return fit_temperature(pair_margins(smaller, images[asked]), indices[asked])

    def _fit_machine(self, images: Images, indices: Labels, rng: np.random.Generator) -> Pipeline:
        projection = self._fit_projection(images)
        vectors = projection.transform(images)
        svc = self._build_svc(vectors).fit(vectors, indices)
        if self.n_copies:
            near = images[svc.support_]
            seeds = rng.integers(SEEDS, size=self.n_copies)
            copies = [near, *(self.distortion(near, int(seed)) for seed in seeds)]
            virtual = np.tile(indices[svc.support_], 1 + self.n_copies)
            described = np.concatenate([projection.transform(copy) for copy in copies])
            svc = self._build_svc(vectors).fit(described, virtual)
        return Pipeline([*projection.steps, ("svc", svc)])

    def _fit_projection(self, images: Images) -> Pipeline:
        """Chain features and their principal components, learned on the pictures."""
        features = self.features or Pixels()
        vectors = features(images)
        components = PCA(min(self.n_components, *vectors.shape), svd_solver="covariance_eigh")
        return Pipeline(
            [("vectors", FunctionTransformer(features)), ("components", components.fit(vectors))]
        )

    def _build_svc(self, vectors: Floats) -> Any:
        """Make the unfitted SVC, its kernel as wide as the vectors' spread asks."""
        return svc_class()(
            C=self.C,
            gamma=self.gamma / float(vectors.var(axis=0).sum()),
            decision_function_shape="ovo",
            cache_size=CACHE_MIB,
        )

    def predict_proba(self, images: Images) -> Probabilities:
        """Calibrated probability of each class: shape (n_images, n_classes)."""
        images = self._check_pictures(images)
        margins = pair_margins(self.machine_, images)
        return np.exp(log_probabilities(margins, self.temperature_, len(self.classes_)))

    @property
    def n_parameters_(self) -> int:
        """All numbers that the machine holds.

        The support vectors, their weights in each pairwise decision, a constant for each pair of
        classes, the components and the mean they are taken from, the temperature.
        """
        svc, components = self.machine_["svc"], self.machine_["components"]
        machine = svc.support_vectors_.size + svc.dual_coef_.size + svc.intercept_.size
        return int(machine + components.components_.size + components.mean_.size + 1)
