"""How the error of a recipe falls with the number of images that it learned from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, stdev

from hdalr.evaluation.records import Sized


@dataclass(frozen=True)
class GrowthPoint:
    """One recipe at one size.

    Attributes
    ----------
    size
        Images drawn from the train part, those kept back for validation included.
    error
        Share of the test images read wrong; mean over seeds.
    spread
        Standard deviation over seeds (n - 1); None with one seed.
    n_seeds
        How many seeds.
    """

    size: int
    error: float
    spread: float | None
    n_seeds: int


@dataclass(frozen=True)
class Growth:
    """One recipe's curve, sizes rising, all judged on the same ``n_test`` images."""

    recipe: str
    title: str
    dataset: str
    n_test: int
    points: tuple[GrowthPoint, ...]

    @property
    def n_seeds(self) -> int:
        """How many seeds the sizes have, at most."""
        return max(point.n_seeds for point in self.points)

    def at(self, size: int) -> GrowthPoint | None:
        """The point of a size, if it was run."""
        return next((point for point in self.points if point.size == size), None)


def follow_growth(results: Iterable[Sized]) -> list[Growth]:
    """One curve for each recipe and test part, in the order given."""
    groups: dict[tuple[str, str], list[Sized]] = {}
    for one in results:
        groups.setdefault((one["recipe"], one["test_digest"]), []).append(one)
    return [follow_recipe(runs) for runs in groups.values()]


def follow_recipe(runs: list[Sized]) -> Growth:
    """The curve of one recipe on one test part."""
    errors: dict[int, list[float]] = {}
    for run in sorted(runs, key=lambda run: run["size"]):
        errors.setdefault(run["size"], []).append(1 - run["accuracy"])
    points = tuple(
        GrowthPoint(size, fmean(seen), stdev(seen) if len(seen) > 1 else None, len(seen))
        for size, seen in errors.items()
    )
    first = runs[0]
    return Growth(first["recipe"], first["title"], first["dataset"], first["n_test"], points)


def all_sizes(curves: Iterable[Growth]) -> list[int]:
    """Every size that a curve has, rising."""
    return sorted({point.size for curve in curves for point in curve.points})
