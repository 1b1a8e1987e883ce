"""Support vector machine on pixels, with calibrated probabilities and the paper's grid search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from hdalr.errors import DataError
from hdalr.images.batch import Images, Labels
from hdalr.models.acceleration import svc_class
from hdalr.models.base import (
    ImageClassifier,
    Probabilities,
    check_choice,
    check_integer,
    check_positive,
    exact_vectors,
)
from hdalr.models.pairwise import Margins, fit_temperature, log_probabilities

KERNELS = ("linear", "rbf")
CALIBRATION_FOLDS = 3


class SupportVectorMachine(ImageClassifier):
    """One-vs-one support vector machine with a linear or a Gaussian kernel.

    `predict` is the machine's own decision, the majority of its pairwise votes, as in the
    paper. `predict_proba` makes probabilities of the pairs' margins, see
    `log_probabilities`; where votes are close, the most probable class may differ from the
    decision (in 4 to 20 of 1,000 MNIST images).

    Parameters
    ----------
    kernel
        ``"linear"`` or ``"rbf"``.
    C
        Price of a training image on the wrong side of its margin, above 0.
    gamma
        Inverse width of the Gaussian kernel, above 0; ``"scale"``: 1 / (number of pixels x
        their variance); ``"auto"``: 1 / number of pixels. The linear kernel has none.
    standardise
        Shift and scale each pixel to mean 0 and deviation 1 over the training images;
        pixels that never change are only shifted.
    random_state
        Seed of the folds on which the temperature is fitted.

    Attributes
    ----------
    machine_
        The fitted pipeline of scaler and ``SVC``; scikit-learn-intelex's where installed.
    temperature_
        Divisor of the margins, fitted on those of images left out in three folds.

    References
    ----------
    Cortes and Vapnik 1995, *Support-Vector Networks*; Hastie and Tibshirani 1998,
    *Classification by Pairwise Coupling*; temperature: Guo et al. 2017, *On Calibration of
    Modern Neural Networks*, section 4.2.
    """

    machine_: Pipeline
    temperature_: float

    def __init__(
        self,
        kernel: str = "rbf",
        C: float = 1.0,
        gamma: float | str = "scale",
        standardise: bool = True,
        random_state: int | None = None,
    ) -> None:
        self.kernel = kernel
        self.C = C
        self.gamma = gamma
        self.standardise = standardise
        self.random_state = random_state

    def fit(self, images: Images, labels: Labels) -> Self:
        """Fit the machine on all images, and its temperature on left-out ones.

        Parameters
        ----------
        images
            uint8, shape (n_images, height, width).
        labels
            Integers, shape (n_images,), at least three of each class.

        Raises
        ------
        DataError
            If images and labels are not of these shapes and types, or a class is too small.
        ParameterError
            If a parameter is not allowed.
        """
        self._check_parameters()
        indices = self._begin_fit(images, labels)
        check_class_sizes(indices, self.classes_, CALIBRATION_FOLDS)
        unfitted = build_machine(self.kernel, self.C, self.gamma, self.standardise)
        folds = StratifiedKFold(CALIBRATION_FOLDS, shuffle=True, random_state=self.random_state)
        self.temperature_ = fit_temperature(
            left_out_margins(unfitted, images, indices, folds), indices
        )
        self.machine_ = unfitted.fit(images, indices)
        return self

    def _check_parameters(self) -> None:
        check_choice("kernel", self.kernel, KERNELS)
        check_positive("C", self.C)
        if isinstance(self.gamma, str):
            check_choice("gamma", self.gamma, ("scale", "auto"))
        else:
            check_positive("gamma", self.gamma)

    def predict(self, images: Images) -> Labels:
        """Decide on a label for each picture, by pairwise votes: shape (n_images,)."""
        images = self._check_pictures(images)
        return self.classes_[self.machine_.predict(images)]

    def predict_proba(self, images: Images) -> Probabilities:
        """Calibrated probability of each class: shape (n_images, n_classes)."""
        images = self._check_pictures(images)
        margins = pair_margins(self.machine_, images)
        return np.exp(log_probabilities(margins, self.temperature_, len(self.classes_)))

    @property
    def n_parameters_(self) -> int:
        """All numbers that the machine holds.

        The support vectors, their weights in each pairwise decision, a constant for each
        pair of classes, mean and scale of each pixel if standardised, the temperature.
        """
        svc = self.machine_[-1]
        held = svc.support_vectors_.size + svc.dual_coef_.size + svc.intercept_.size + 1
        n_pixels = self.image_shape_[0] * self.image_shape_[1]
        return int(held + (2 * n_pixels if self.standardise else 0))


class SupportVectorSearch(ImageClassifier):
    """Gaussian support vector machine whose C and gamma are chosen by cross-validation.

    The paper's grid search (section 4): each pair is judged by its mean accuracy on the
    left-out folds of the training images; the best is fitted again on all of them.

    Parameters
    ----------
    C, gamma
        Values to try, each above 0; all pairs are tried. The paper names its best pair, C =
        15 and gamma = 0.001, but not the grid.
    folds
        Number of parts in the cross-validation, from 2 up.
    n_jobs
        Number of processes; ``None`` for one, -1 for one a processor core.
    random_state
        Seed of the folds.

    Attributes
    ----------
    search_
        One entry a pair: ``parameters``, ``mean`` and ``spread`` (standard deviation over
        the folds) of the accuracy.
    best_parameters_
        The pair with the highest mean.
    model_
        The `SupportVectorMachine` fitted with it.
    """

    fits_folds = True
    search_: list[dict[str, Any]]
    best_parameters_: dict[str, Any]
    model_: SupportVectorMachine

    def __init__(
        self,
        C: Sequence[float] = (1, 5, 15, 50),
        gamma: Sequence[float] = (0.0001, 0.001, 0.01),
        folds: int = 5,
        n_jobs: int | None = None,
        random_state: int | None = None,
    ) -> None:
        self.C = C
        self.gamma = gamma
        self.folds = folds
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, images: Images, labels: Labels) -> Self:
        """Judge all pairs, then fit the best one on all images.

        Parameters
        ----------
        images
            uint8, shape (n_images, height, width).
        labels
            Integers, shape (n_images,), at least `folds` of each class.

        Raises
        ------
        DataError
            If images and labels are not of these shapes and types, or a class is too small.
        ParameterError
            If a parameter is not allowed.
        """
        for name in ("C", "gamma"):
            for value in getattr(self, name):
                check_positive(name, value)
        check_integer("folds", self.folds, at_least=2)
        indices = self._begin_fit(images, labels)
        check_class_sizes(indices, self.classes_, max(self.folds, CALIBRATION_FOLDS))
        self._judge_pairs(images, indices)
        self.model_ = SupportVectorMachine(random_state=self.random_state, **self.best_parameters_)
        self.model_.fit(images, labels)
        return self

    def _judge_pairs(self, images: Images, indices: Labels) -> None:
        search = GridSearchCV(
            build_machine("rbf", 1.0, "scale", standardise=True),
            {"svc__C": list(self.C), "svc__gamma": list(self.gamma)},
            cv=StratifiedKFold(self.folds, shuffle=True, random_state=self.random_state),
            n_jobs=self.n_jobs,
            refit=False,
            error_score="raise",
        ).fit(images, indices)
        found = search.cv_results_
        self.search_ = [
            {"parameters": _short_names(tried), "mean": float(mean), "spread": float(spread)}
            for tried, mean, spread in zip(
                found["params"], found["mean_test_score"], found["std_test_score"], strict=True
            )
        ]
        self.best_parameters_ = _short_names(search.best_params_)

    def predict(self, images: Images) -> Labels:
        """Decide on a label for each picture, with the best machine: shape (n_images,)."""
        images = self._check_pictures(images)
        return self.model_.predict(images)

    def predict_proba(self, images: Images) -> Probabilities:
        """Calibrated probability of each class: shape (n_images, n_classes)."""
        images = self._check_pictures(images)
        return self.model_.predict_proba(images)

    @property
    def n_parameters_(self) -> int:
        """All numbers that the best machine holds."""
        return self.model_.n_parameters_


def build_machine(kernel: str, C: float, gamma: float | str, standardise: bool) -> Pipeline:
    """Chain, unfitted: images to vectors, scaler or nothing, SVC."""
    return Pipeline(
        [
            ("vectors", FunctionTransformer(exact_vectors)),
            ("scaler", StandardScaler() if standardise else "passthrough"),
            ("svc", svc_class()(kernel=kernel, C=C, gamma=gamma, decision_function_shape="ovo")),
        ]
    )


def pair_margins(machine: Pipeline, images: Images) -> Margins:
    """Signed distance of each image to the boundary between each pair of classes.

    Shape (n_images, n_pairs), pairs in the order (0, 1), (0, 2), ... (1, 2), ...; above 0
    where the machine votes for the first of the pair.
    """
    margins = machine.decision_function(images)
    # Of two classes alone, scikit-learn's sign stands for the second.
    return -margins[:, np.newaxis] if margins.ndim == 1 else margins


def left_out_margins(
    unfitted: Pipeline, images: Images, indices: Labels, folds: StratifiedKFold
) -> Margins:
    """Margins of each image from a machine that was fitted without the image's fold."""
    parts = list(folds.split(images, indices))
    margins = [
        pair_margins(clone(unfitted).fit(images[kept], indices[kept]), images[left_out])
        for kept, left_out in parts
    ]
    order = np.argsort(np.concatenate([left_out for _, left_out in parts]))
    return np.concatenate(margins)[order]


def check_class_sizes(indices: Labels, classes: Labels, folds: int) -> None:
    """Raise DataError if a class has too few images to be in every fold."""
    sizes = np.bincount(indices)
    smallest = int(sizes.argmin())
    if sizes[smallest] < folds:
        raise DataError(
            f"training labels: class {classes[smallest]} has {sizes[smallest]} images; "
            f"expected at least {folds}, one for each fold"
        )


def _short_names(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("svc__"): float(value) for name, value in parameters.items()}
