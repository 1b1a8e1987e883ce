"""Names beside the points of a plot, each where it covers no other name and no point."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product
from math import cos, pi, sin

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from hdalr.evaluation.figures.canvas import INK

DISTANCES_PT = (7.0, 13.0, 20.0, 29.0, 40.0, 54.0)
DIRECTIONS = (0.0, 1.0, -0.25, 0.25, 0.75, -0.75, 0.5, -0.5)  # times pi, from the right
POINT_PT = 3.5
LINE_PT = 1.5
FONT_PT = 7.5

Place = tuple[float, float]


def name_points(
    figure: Figure,
    axes: Axes,
    points: Sequence[Place],
    names: Sequence[str],
    steps: Sequence[Place] = (),
) -> None:
    """Write each name near its point, with a thin line to it where it had to go further off.

    Call it last: it settles the layout of the figure.

    Parameters
    ----------
    points
        In the units of the axes, x and y.
    names
        One for each point.
    steps
        Corners of a line that goes level and upright by turns, which no name shall cover.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    scale = figure.dpi / 72  # display units in a point
    places = [axes.transData.transform(point) for point in points]
    taken = [around(place[0], place[1], POINT_PT * scale, POINT_PT * scale) for place in places]
    corners = [axes.transData.transform(corner) for corner in steps]
    taken += [
        around(*(one + other) / 2, *abs(one - other) / 2 + LINE_PT * scale)
        for one, other in pairwise(corners)
    ]
    for (x, y), point, name in zip(places, points, names, strict=True):
        width, height = measure(axes, name)
        boxes = []
        for distance, turn in product(DISTANCES_PT, DIRECTIONS):
            side = sign(cos(pi * turn))
            middle = x + distance * scale * cos(pi * turn) + side * width / 2
            level = y + distance * scale * sin(pi * turn)
            boxes.append((around(middle, level, width / 2, height / 2), distance, side))
        box, distance, side = min(boxes, key=lambda one: badness(one[0], taken, axes.bbox))
        taken.append(box)
        edge = {1: box.x0, 0: (box.x0 + box.x1) / 2, -1: box.x1}[side]
        line = {"arrowstyle": "-", "color": INK, "lw": 0.4, "alpha": 0.5}
        axes.annotate(
            name,
            point,
            xytext=((edge - x) / scale, ((box.y0 + box.y1) / 2 - y) / scale),
            textcoords="offset points",
            ha={1: "left", 0: "center", -1: "right"}[side],
            va="center",
            fontsize=FONT_PT,
            arrowprops=line if distance > DISTANCES_PT[0] else None,
        )


def measure(axes: Axes, name: str) -> tuple[float, float]:
    """Width and height of a name, in display units."""
    text = axes.text(0, 0, name, fontsize=FONT_PT)
    extent = text.get_window_extent()
    text.remove()
    return extent.width, extent.height


def around(x: float, y: float, half_width: float, half_height: float) -> Bbox:
    """A box by its middle."""
    return Bbox.from_extents(x - half_width, y - half_height, x + half_width, y + half_height)


def badness(box: Bbox, taken: Sequence[Bbox], frame: Bbox) -> float:
    """Area that the box shares with others, or has outside the frame; 0 for a good place."""
    inside = shared_area(box, frame)
    return sum(shared_area(box, other) for other in taken) + box.width * box.height - inside


def shared_area(one: Bbox, other: Bbox) -> float:
    """Area that two boxes have in common."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return float(max(width, 0) * max(height, 0))


def sign(number: float) -> int:
    """-1, 0 or 1; what is nearly 0 counts as 0."""
    return 0 if abs(number) < 1e-9 else int(number / abs(number))
