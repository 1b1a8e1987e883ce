"""Accuracy against cost: which rows no other one beats in both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hdalr.evaluation.summary import Row


@dataclass(frozen=True)
class CostRow:
    """One row's error and what it costs; means over seeds (times: those on one device).

    Attributes
    ----------
    recipe, title
        Its names.
    error
        Share of the test images that it reads wrong.
    n_test
        How many those are.
    fit_seconds, predict_microseconds
        Time to fit, and to read one image.
    best_for_fit, best_for_predict
        Whether no other row has both a smaller error and a shorter time to fit, or to read an
        image; of equal ones both are.
    """

    recipe: str
    title: str
    error: float
    n_test: int
    fit_seconds: float
    predict_microseconds: float
    best_for_fit: bool
    best_for_predict: bool

    @property
    def drawn_error(self) -> float:
        """The error as a logarithmic axis can show it: none at all becomes half an image."""
        return max(self.error, 0.5 / self.n_test)


def weigh_costs(rows: Sequence[Row]) -> list[CostRow]:
    """Set each row's error against its cost, the most accurate row first.

    Times of different devices are not set beside each other: rows that ran on another one than
    most are left out.
    """
    device = main_device(rows)
    rows = [row for row in rows if row.device == device]
    errors = [1 - row.accuracy for row in rows]
    fit = [row.cost("fit_seconds") for row in rows]
    predict = [row.cost("predict_microseconds_per_image") for row in rows]
    weighed = [
        CostRow(row.recipe, row.first["title"], error, row.first["n_test"], *facts)
        for row, error, *facts in zip(
            rows,
            errors,
            fit,
            predict,
            frontier(errors, fit),
            frontier(errors, predict),
            strict=True,
        )
    ]
    return sorted(weighed, key=lambda row: row.error)


def main_device(rows: Sequence[Row]) -> str:
    """The device that most rows ran on; of equally many the first."""
    return Counter(row.device for row in rows).most_common(1)[0][0] if rows else ""


def frontier(errors: Sequence[float], costs: Sequence[float]) -> list[bool]:
    """Of each point whether no other is better in one and at least as good in the other.

    Examples
    --------
    >>> frontier([0.1, 0.2, 0.3], [5, 1, 2])
    [True, True, False]
    """
    points = list(zip(errors, costs, strict=True))
    return [not any(beats(other, point) for other in points) for point in points]


def beats(other: tuple[float, float], point: tuple[float, float]) -> bool:
    """Whether the other point is at least as good in both and not the same."""
    return other[0] <= point[0] and other[1] <= point[1] and other != point
