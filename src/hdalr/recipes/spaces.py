"""Search spaces: which settings of a model are worth trying, and between which values.

One row a model. A dotted name is a field of a settings object that the recipe holds:
``"features.n_orientations"`` varies a recipe whose ``features`` have such a field, and no other;
``"training.distortion.zoom"`` goes one object deeper.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hdalr.errors import NotApplicableError, ParameterError
from hdalr.recipes.recipe import Recipe


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``, whole ones if both ends are.

    Attributes
    ----------
    low, high
        Both are included.
    log
        Whether every power of ten gets its equal share of the trials; ``low`` is above 0 then.
    grid
        The values that a grid search tries; where there are none, it leaves the setting alone.
    only_with
        A setting and its value without which this one does nothing, such as
        ``("kernel", "rbf")``: other recipes do not search it.

    Raises
    ------
    ParameterError
        If an end is no number, the ends are in the wrong order, or a grid value lies outside.
    """

    low: float
    high: float
    log: bool = False
    grid: tuple[float, ...] = ()
    only_with: tuple[str, Any] | None = None

    def __post_init__(self) -> None:
        for number in (self.low, self.high, *self.grid):
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise ParameterError(f"{number!r} is not a number, which a range is made of")
        if not self.low < self.high or (self.log and self.low <= 0):
            above = ", above 0 on a logarithmic scale" if self.log else ""
            raise ParameterError(f"{self.low} to {self.high} is no range; give low < high{above}")
        outside = [value for value in self.grid if value not in self]
        if outside:
            raise ParameterError(
                f"grid value {outside[0]} is not in the range, {self.low} to {self.high}"
                f"{', whole numbers' if self.whole else ''}"
            )

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers only."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return self.low <= value <= self.high and (isinstance(value, int) or not self.whole)


@dataclass(frozen=True)
class Choice:
    """One of some values of any kind; a grid search tries them all.

    Raises
    ------
    ParameterError
        If there are fewer than two, or one stands twice.
    """

    values: tuple[Any, ...]
    only_with: tuple[str, Any] | None = None

    def __post_init__(self) -> None:
        if len({repr(value) for value in self.values}) != len(self.values) or len(self.values) < 2:
            raise ParameterError(f"{self.values} is no choice; give two values or more, each once")

    @property
    def grid(self) -> tuple[Any, ...]:
        """All values."""
        return self.values

    def __contains__(self, value: object) -> bool:
        return repr(value) in map(repr, self.values)


Space = Mapping[str, Range | Choice]  # name of a setting: what it may be

RATE = Range(1e-4, 1e-2, log=True, grid=(3e-4, 1e-3, 3e-3))
BATCH = Choice((32, 64, 128, 256))
DROPOUT = Range(0.0, 0.6, grid=(0.0, 0.2, 0.5))
HOG: Space = {
    "features.cells_px": Choice(((7,), (4, 7), (4, 7, 14))),
    "features.n_orientations": Range(6, 16, grid=(8, 12)),
    "features.blur_px": Range(0.0, 1.5),
}
ANNEALED: Space = {
    "training.learning_rate": Range(1e-3, 0.03, log=True, grid=(0.003, 0.01)),
    "training.batch_size": Choice((64, 128, 256)),
    "training.label_smoothing": Range(0.0, 0.2, grid=(0.0, 0.1)),
    "training.weight_decay": Range(1e-4, 0.1, log=True),
    "training.distortion.rotation_degrees": Range(0.0, 20.0),
    "training.distortion.zoom": Range(0.0, 0.25),
    "training.distortion.shear": Range(0.0, 0.25),
    "training.distortion.shift_px": Range(0.0, 4.0),
}

SPACES: dict[str, Space] = {
    "GaussianNaiveBayes": {
        "var_smoothing": Range(1e-9, 1.0, log=True, grid=(1e-9, 1e-3, 0.01, 0.02, 0.05, 0.1, 0.2)),
    },
    "DecisionTree": {
        "criterion": Choice(("gini", "information-gain", "gain-ratio")),
        "max_depth": Choice((None, 8, 12, 16, 24)),
        "min_samples_leaf": Range(1, 20, log=True, grid=(1, 3, 10)),
    },
    "RandomForest": {
        "n_estimators": Range(10, 300, log=True, grid=(10, 30, 100, 300)),
        "max_features": Choice(("sqrt", "log2")),
        "min_samples_leaf": Range(1, 10, log=True, grid=(1, 3)),
    },
    "NearestNeighbours": {
        "n_neighbors": Range(1, 15, grid=(1, 3, 5, 7, 9)),
    },
    "DeformationNeighbours": {
        "n_neighbors": Range(1, 15, grid=(3, 5, 10)),
        "warp_px": Choice((1, 2, 3)),
        "context_px": Choice((0, 1, 2)),
        "temperature": Range(0.02, 2.0, log=True),
        "blur_px": Range(0.0, 1.5),
    },
    "GaussianClasses": {
        "n_components": Range(40, 200, log=True, grid=(60, 100)),
        "n_gaussians": Range(1, 32, log=True, grid=(1, 4, 16)),
        "shrinkage": Range(0.05, 0.9, grid=(0.1, 0.3, 0.5)),
        **HOG,
    },
    "DiscriminantTree": {
        "min_samples_leaf": Range(1, 50, log=True, grid=(3, 10, 30)),
        **HOG,
    },
    "SoftTree": {
        "depth": Range(4, 10, grid=(6, 8)),
        "learning_rate": RATE,
        **HOG,
    },
    "GradientBoosting": {
        "n_rounds": Range(50, 500, log=True, grid=(100, 200)),
        "n_leaves": Range(4, 31, log=True, grid=(7, 15)),
        "feature_share": Range(0.05, 1.0, log=True, grid=(0.1, 0.3)),
        **HOG,
    },
    "LinearMachine": {
        "C": Range(1e-3, 100.0, log=True, grid=(0.01, 0.1, 1.0, 10.0)),
        **HOG,
    },
    "VirtualSupportMachine": {
        "C": Range(1.0, 100.0, log=True, grid=(5.0, 10.0, 20.0)),
        "gamma": Range(0.1, 10.0, log=True, grid=(0.5, 1.0, 2.0)),
        "n_components": Range(40, 200, log=True),
        **HOG,
    },
    "SupportVectorMachine": {  # the grid is that of paper.svm-rbf
        "C": Range(0.1, 100.0, log=True, grid=(1.0, 5.0, 15.0, 50.0)),
        "gamma": Range(
            1e-5, 0.1, log=True, grid=(0.0001, 0.001, 0.01), only_with=("kernel", "rbf")
        ),
    },
    "NeuralNetwork": {
        "n_hidden": Range(32, 1024, log=True, grid=(128, 512)),
        "learning_rate": RATE,
        "batch_size": BATCH,
    },
    "ConvolutionalNetwork": {
        "learning_rate": RATE,
        "batch_size": BATCH,
        "dropout": DROPOUT,
        "l2": Range(1e-6, 1e-3, log=True),
        "augmentation.rotation_degrees": Range(0.0, 25.0),
        "augmentation.zoom": Range(0.0, 0.25),
        "augmentation.crop_px": Range(0.0, 4.0),
    },
    "RecurrentNetwork": {
        "learning_rate": RATE,
        "batch_size": BATCH,
        "dropout": DROPOUT,
        "n_units": Range(64, 256, log=True, grid=(128, 256)),
    },
    "ConvolutionStack": ANNEALED,
    "ConvolutionCommittee": ANNEALED,
    "MultilayerPerceptron": {"dropout": DROPOUT, **ANNEALED},
    "SweepNetwork": {
        "n_units": Range(64, 256, log=True, grid=(128, 256)),
        "dropout": DROPOUT,
        **ANNEALED,
    },
}


def space_of(recipe: Recipe) -> Space:
    """The settings of a recipe that its model's row has, and that do something in it.

    Raises
    ------
    NotApplicableError
        If the model has no row, or nothing of it fits the recipe.

    Examples
    --------
    >>> from hdalr.recipes import RECIPES
    >>> sorted(space_of(RECIPES["paper.svm-linear"]))
    ['C']
    """
    row = SPACES.get(recipe.model, {})
    space = {name: part for name, part in row.items() if _fits(recipe, name, part)}
    if not space:
        raise NotApplicableError(
            f"{recipe.name}: there is no search space for {recipe.model}; there is one for "
            f"{', '.join(sorted(SPACES))}; or give your own with --space"
        )
    return space


def grid_of(space: Space) -> list[dict[str, Any]]:
    """All combinations of the grid values, the last setting changing first.

    Examples
    --------
    >>> grid_of({"C": Range(1, 9, grid=(1, 5)), "l2": Range(0.0, 1.0)})
    [{'C': 1}, {'C': 5}]
    """
    axes = {name: part.grid for name, part in space.items() if part.grid}
    points = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
    return [point for point in points if point]


def _fits(recipe: Recipe, name: str, part: Range | Choice) -> bool:
    owner, *fields = name.split(".")
    if not has_fields(recipe.parameters.get(owner), fields):
        return False
    return part.only_with is None or recipe.parameters.get(part.only_with[0]) == part.only_with[1]


def has_fields(settings: object, names: Sequence[str]) -> bool:
    """Whether a settings object, a dataclass, has a field that has a field ... of these names."""
    for name in names:
        if not dataclasses.is_dataclass(settings) or not hasattr(settings, name):
            return False
        settings = getattr(settings, name)
    return True
