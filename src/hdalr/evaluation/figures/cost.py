"""Error against cost: every row a named point, the frontier a line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hdalr.evaluation.figures.canvas import BLUE, INK, drawing, log_axes, to_svg
from hdalr.evaluation.figures.labels import name_points
from hdalr.evaluation.frontier import CostRow
from hdalr.evaluation.wording import count


def plot_fit_cost(rows: Sequence[CostRow], slug: str) -> str:
    """Error against the time to fit, both logarithmic."""
    costs = [max(row.fit_seconds, 1e-3) for row in rows]
    best = [row.best_for_fit for row in rows]
    return plot_cost(rows, costs, best, "time to fit, seconds", slug)


def plot_predict_cost(rows: Sequence[CostRow], slug: str) -> str:
    """Error against the time to read an image, both logarithmic."""
    costs = [max(row.predict_microseconds, 1e-2) for row in rows]
    best = [row.best_for_predict for row in rows]
    return plot_cost(rows, costs, best, "time to read an image, microseconds", slug)


def plot_cost(
    rows: Sequence[CostRow], costs: Sequence[float], best: Sequence[bool], unit: str, slug: str
) -> str:
    """Rows as points, the frontier as steps: below and left of them there is no row."""
    errors = [100 * row.drawn_error for row in rows]
    with drawing(7.4, 3.6 + 0.06 * len(rows)) as figure:
        axes = figure.add_subplot()
        points = list(zip(costs, errors, strict=True))
        front = sorted(point for point, is_best in zip(points, best, strict=True) if is_best)
        corners = [corner for a, b in pairwise(front) for corner in (a, (b[0], a[1]))] + front[-1:]
        axes.plot(*zip(*corners, strict=True), color=BLUE, lw=1.2, alpha=0.5)
        for point, is_best in zip(points, best, strict=True):
            axes.plot(
                *point, "o", ms=5, mec=BLUE if is_best else INK, mfc=BLUE if is_best else "none"
            )
        axes.margins(0.12)
        log_axes(axes)
        axes.set_xlabel(unit)
        axes.set_ylabel("error, %")
        name_points(figure, axes, points, [row.recipe for row in rows], corners)
        names = ", ".join(row.recipe for row, is_best in zip(rows, best, strict=True) if is_best)
        return to_svg(
            figure,
            slug,
            f"Test error against {unit}",
            f"{count(len(rows))} rows. No row has both a smaller error and a smaller cost than: "
            f"{names}.",
        )
