"""Digits drawn as pen strokes: shapes that are common in Europe and South America, rare in EMNIST.

A shape is a list of strokes, a stroke a list of points in a unit box (x to the right, y down).
Points are jittered, joined by a Catmull-Rom spline (Catmull and Rom 1974) and drawn with a round
pen.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.picture import Picture

HEIGHT_PX = 56
MARGIN_PX = 16
JITTER = 0.045  # standard deviation of each point, in heights of the digit

Stroke = tuple[tuple[float, float], ...]
Shape = tuple[Stroke, ...]

# Each digit's shapes; the width of the box is .6 of its height.
SHAPES: dict[str, tuple[Shape, ...]] = {
    "0": (
        (((0.35, 0.02), (0.05, 0.3), (0.05, 0.7), (0.3, 0.98), (0.55, 0.7), (0.55, 0.3), (0.3, 0.02), (0.2, 0.1)),),
        (((0.45, 0.1), (0.25, 0.0), (0.02, 0.4), (0.15, 0.95), (0.45, 0.9), (0.58, 0.45), (0.4, 0.05), (0.7, 0.0)),),
        (((0.1, 0.1), (0.02, 0.6), (0.3, 1.0), (0.58, 0.6), (0.45, 0.1), (0.2, 0.05), (0.15, 0.2), (0.6, 0.12)),),
    ),
    "1": (
        (((0.02, 0.4), (0.4, 0.0), (0.4, 0.0), (0.38, 0.5), (0.36, 1.0)),),
        (((0.0, 0.6), (0.22, 0.3), (0.45, 0.0), (0.45, 0.0), (0.42, 0.5), (0.4, 1.0)),),
        (((0.1, 0.25), (0.35, 0.0), (0.35, 0.0), (0.35, 1.0)), ((0.1, 1.0), (0.6, 0.98))),
        (((0.15, 0.2), (0.3, 0.0), (0.3, 0.0), (0.26, 1.0)),),
        (((-0.1, 0.75), (0.2, 0.35), (0.4, 0.0), (0.4, 0.0), (0.42, 0.6), (0.4, 1.0)),),
    ),
    "2": (
        (((0.05, 0.25), (0.2, 0.02), (0.5, 0.12), (0.45, 0.45), (0.05, 0.97), (0.05, 0.97), (0.62, 0.95)),),
        (((0.02, 0.3), (0.25, 0.0), (0.52, 0.2), (0.35, 0.65), (0.1, 0.95), (0.02, 0.85), (0.2, 0.8), (0.45, 1.0), (0.68, 0.85)),),
        (((0.0, 0.15), (0.3, 0.0), (0.55, 0.2), (0.3, 0.6), (0.0, 1.0), (0.0, 1.0), (0.3, 0.93), (0.65, 1.0)),),
    ),
    "3": (
        (((0.05, 0.12), (0.35, 0.0), (0.52, 0.2), (0.2, 0.46), (0.2, 0.46), (0.55, 0.65), (0.4, 0.98), (0.02, 0.9)),),
        (((0.02, 0.05), (0.55, 0.02), (0.55, 0.02), (0.22, 0.42), (0.22, 0.42), (0.58, 0.65), (0.35, 1.0), (0.0, 0.9)),),
    ),
    "4": (
        (((0.2, 0.0), (0.0, 0.6), (0.0, 0.6), (0.6, 0.58)), ((0.45, 0.3), (0.42, 1.0))),
        (((0.12, 0.02), (0.05, 0.5), (0.3, 0.55), (0.52, 0.4)), ((0.55, 0.0), (0.5, 0.5), (0.42, 1.0))),
        (((0.35, 0.0), (0.0, 0.65), (0.0, 0.65), (0.65, 0.62)), ((0.4, 0.4), (0.36, 1.05))),
        (((0.42, 1.0), (0.45, 0.0), (0.45, 0.0), (0.0, 0.65), (0.0, 0.65), (0.65, 0.65)),),
    ),
    "5": (
        (((0.15, 0.03), (0.08, 0.42), (0.4, 0.4), (0.55, 0.7), (0.35, 0.98), (0.0, 0.92)), ((0.15, 0.03), (0.6, 0.0))),
        (((0.6, 0.02), (0.15, 0.05), (0.15, 0.05), (0.1, 0.45), (0.45, 0.42), (0.52, 0.75), (0.3, 1.0), (0.0, 0.9)),),
        (((0.12, 0.12), (0.08, 0.5), (0.42, 0.48), (0.5, 0.8), (0.25, 1.0), (0.0, 0.9)), ((0.2, 0.08), (0.75, 0.0))),
    ),
    "6": (
        (((0.45, 0.0), (0.1, 0.4), (0.05, 0.8), (0.3, 1.0), (0.52, 0.8), (0.4, 0.55), (0.1, 0.7)),),
        (((0.3, 0.0), (0.05, 0.5), (0.1, 0.95), (0.4, 0.98), (0.5, 0.7), (0.3, 0.58), (0.08, 0.75)),),
    ),
    "7": (
        (((0.02, 0.05), (0.55, 0.03), (0.55, 0.03), (0.3, 0.5), (0.2, 1.0)), ((0.12, 0.5), (0.58, 0.46))),
        (((0.02, 0.15), (0.08, 0.02), (0.55, 0.05), (0.55, 0.05), (0.28, 1.0)), ((0.1, 0.52), (0.6, 0.5))),
        (((0.0, 0.2), (0.03, 0.04), (0.55, 0.02), (0.55, 0.02), (0.3, 0.55), (0.2, 1.0)),),
        (((0.0, 0.08), (0.2, 0.0), (0.35, 0.08), (0.55, 0.0), (0.55, 0.0), (0.35, 1.0)), ((0.15, 0.5), (0.65, 0.45))),
    ),
    "8": (
        (((0.5, 0.15), (0.3, 0.0), (0.08, 0.2), (0.3, 0.46), (0.54, 0.75), (0.3, 1.0), (0.04, 0.78), (0.3, 0.46), (0.5, 0.2), (0.42, 0.05)),),
        (((0.55, 0.05), (0.15, 0.1), (0.2, 0.4), (0.52, 0.7), (0.3, 1.0), (0.05, 0.8), (0.35, 0.4), (0.6, 0.02)),),
    ),
    "9": (
        (((0.5, 0.2), (0.25, 0.0), (0.03, 0.25), (0.22, 0.5), (0.5, 0.3), (0.5, 0.15), (0.5, 0.15), (0.48, 0.6), (0.42, 1.0)),),
        (((0.52, 0.1), (0.2, 0.03), (0.05, 0.3), (0.3, 0.48), (0.55, 0.12), (0.55, 0.12), (0.5, 0.7), (0.25, 1.0), (0.02, 0.9)),),
        (((0.45, 0.05), (0.1, 0.05), (0.05, 0.4), (0.35, 0.45), (0.52, 0.05), (0.52, 0.05), (0.42, 1.05)),),
    ),
}  # fmt: skip


def draw_digit(digit: str, rng: np.random.Generator) -> Picture:
    """Draw a digit with a round pen.

    Parameters
    ----------
    digit
        ``"0"`` to ``"9"``.
    rng
        Source of chance: which shape, how it is bent, how wide it and the pen are.

    Returns
    -------
    ink
        uint8, shape (88, width), cut loosely around the strokes.

    Examples
    --------
    >>> int(draw_digit("1", np.random.default_rng(0)).max())
    255
    """
    shapes = SHAPES[digit]
    shape = shapes[int(rng.integers(len(shapes)))]
    pen_px = int(rng.integers(4, 9))
    stretch = rng.uniform(0.75, 1.25)
    frame = np.zeros((HEIGHT_PX + 2 * MARGIN_PX, round(HEIGHT_PX * 1.2) + 2 * MARGIN_PX), np.uint8)
    for stroke in shape:
        points = np.asarray(stroke) + rng.normal(0, JITTER, (len(stroke), 2))
        same = (np.diff(stroke, axis=0) == 0).all(axis=1)  # doubled points are corners
        points[1:][same] = points[:-1][same]
        curve = _spline(points) * (stretch * HEIGHT_PX, HEIGHT_PX) + (MARGIN_PX + 6, MARGIN_PX)
        cv2.polylines(
            frame, [np.rint(curve * 8).astype(np.int32)], False, 255, pen_px, cv2.LINE_AA, 3
        )
    return frame


def _spline(points: NDArray[np.float64], n_steps: int = 6) -> NDArray[np.float64]:
    """Catmull-Rom spline through points (n, 2): ((n - 1) * n_steps + 1, 2)."""
    before = np.vstack([points[:1], points[:-1]])
    after = np.vstack([points[1:], points[-1:]])
    tangents = (after - before) / 2
    t = np.arange(n_steps)[:, None, None] / n_steps
    start, end, leave, arrive = points[:-1], points[1:], tangents[:-1], tangents[1:]
    curve = (
        (2 * t**3 - 3 * t**2 + 1) * start
        + (t**3 - 2 * t**2 + t) * leave
        + (3 * t**2 - 2 * t**3) * end
        + (t**3 - t**2) * arrive
    )
    return np.vstack([curve.transpose(1, 0, 2).reshape(-1, 2), points[-1:]])
