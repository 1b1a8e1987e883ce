"""All rows' accuracies in one dot plot."""

from __future__ import annotations

from collections.abc import Sequence

from hdalr.evaluation.figures.canvas import BLUE, INK, ORANGE, drawing, light_grid, to_svg
from hdalr.evaluation.summary import Row
from hdalr.evaluation.wording import percent


def plot_accuracies(rows: Sequence[Row], slug: str) -> str:
    """Test accuracy of each row, its interval or spread, and the paper's where comparable."""
    with drawing(7.0, 0.9 + 0.3 * len(rows)) as figure:
        axes = figure.add_subplot()
        for place, row in enumerate(rows):
            low, high = ends(row)
            axes.plot([100 * low, 100 * high], [place, place], color=BLUE, lw=2.2, alpha=0.45)
        ours = [100 * row.accuracy for row in rows]
        axes.plot(ours, range(len(rows)), "o", ms=5.5, color=BLUE, label="ours, test")
        theirs = [
            (100 * row.paper["accuracy"], place)
            for place, row in enumerate(rows)
            if row.paper and row.paper["accuracy"] is not None
        ]
        if theirs:
            label = "the source's; its split is in the table"
            axes.plot(
                *zip(*theirs, strict=True),
                "D",
                ms=5.5,
                mfc="none",
                mec=ORANGE,
                mew=1.4,
                label=label,
            )
            figure.legend(loc="outside upper right", ncols=2)
        axes.set_yticks(range(len(rows)), [row.first["title"] for row in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        light_grid(axes, "x")
        axes.axhline(len(rows) - 0.5, color=INK, lw=0.6)
        axes.set_xlabel("accuracy, %")
        best, worst = (choose(rows, key=lambda row: row.accuracy) for choose in (max, min))
        return to_svg(
            figure,
            slug,
            "Test accuracy of all rows",
            f"From {percent(worst.accuracy)} % ({worst.first['title']}) to "
            f"{percent(best.accuracy)} % ({best.first['title']}). All figures are in the table.",
        )


def ends(row: Row) -> tuple[float, float]:
    """Both ends of the row's bar: Wilson interval of one run, or mean ± spread of several."""
    if row.spread is None:
        low, high = row.first["accuracy_interval"]
        return low, high
    return row.accuracy - row.spread, row.accuracy + row.spread
