"""Error against the number of images to learn from, both logarithmic."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

from hdalr.evaluation.figures.canvas import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    drawing,
    log_axes,
    to_svg,
)
from hdalr.evaluation.growth import Growth, all_sizes
from hdalr.evaluation.wording import count, percent

LOOKS = tuple(
    zip((BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, INK), "os^DvPX", strict=True)
)  # colour and marker


def plot_growth(curves: Sequence[Growth], slug: str) -> str:
    """One line a recipe; bars are the standard deviation over seeds."""
    n_lines = -(-len(curves) // 3)
    with drawing(7.0, 3.7 + 0.2 * n_lines) as figure:
        axes = figure.add_subplot()
        for curve, (colour, marker) in zip(curves, cycle(LOOKS), strict=False):
            floor = 0.5 / curve.n_test  # no error at all, on a logarithmic axis
            errors = [max(point.error, floor) for point in curve.points]
            spreads = [point.spread or 0.0 for point in curve.points]
            below = [
                min(spread, error - min(error, floor))
                for spread, error in zip(spreads, errors, strict=True)
            ]
            axes.errorbar(
                [point.size for point in curve.points],
                [100 * error for error in errors],
                [[100 * low for low in below], [100 * spread for spread in spreads]],
                color=colour,
                marker=marker,
                ms=4,
                lw=1.3,
                elinewidth=0.9,
                label=curve.title,
            )
        log_axes(axes)
        axes.set_xlabel("images to learn from")
        axes.set_ylabel("error, %")
        figure.legend(loc="outside lower center", ncols=3)
        return to_svg(
            figure,
            slug,
            "Test error against the number of images to learn from",
            "; ".join(describe(curve) for curve in curves)
            + f". Sizes {', '.join(map(count, all_sizes(curves)))}; all figures are in the table.",
        )


def describe(curve: Growth) -> str:
    """The ends of a curve in words."""
    first, last = curve.points[0], curve.points[-1]
    return (
        f"{curve.title}: {percent(first.error)} % wrong after {count(first.size)} images, "
        f"{percent(last.error)} % after {count(last.size)}"
    )
