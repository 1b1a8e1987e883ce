"""Pictures of what is no character: spills, dashes, figures, paper, and form boxes left blank.

All but the figures' outlines comes from a random generator, and all is put on paper by the
function that photographs the training's lines, with print, rules, shadow, blur and noise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.picture import Picture
from hdalr.images.synthetic.paper import photograph

FRAME_PX = 84  # side of the paper that blots and dashes are on
SQUARE_PX, STRIP_PX = (60, 60), (64, 220)  # of paper with nothing on it
TURN = np.linspace(0, 2 * np.pi, 60)  # angles

Rng = np.random.Generator
Points = NDArray[np.float64]  # (n, 2), columns and rows


class Specimen(NamedTuple):
    """A picture, and within its kind its sort: a class, a figure."""

    sort: str
    picture: Picture


def draw_blot(rng: Rng) -> Specimen:
    """A spill: one to three shapes with round lobes, and drops around them."""
    frame = np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    n = int(rng.integers(1, 4))
    for _ in range(n):
        lobes = sum(
            rng.normal(0, 0.4 / k) * np.cos(k * TURN + rng.uniform(0, 6)) for k in (2, 3, 5)
        )
        reach = rng.uniform(9, 20) * (1 + np.clip(lobes, -0.6, 0.6))
        middle = FRAME_PX / 2 + rng.normal(0, 5, 2)
        fill(frame, middle + np.stack([reach * np.cos(TURN), reach * np.sin(TURN)], 1))
    for _ in range(int(rng.integers(0, 5))):
        fill(frame, rng.uniform(12, FRAME_PX - 12, 2) + rng.uniform(1, 3) * circle(0, 0, 1))
    return Specimen("blot", photograph(frame, rng))


def draw_dash(rng: Rng) -> Specimen:
    """One or two lines side by side, level or tilted by up to 30 degrees, a little bowed."""
    frame = np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    n, length, gap = int(rng.integers(1, 3)), rng.uniform(20, 66), rng.uniform(10, 20)
    tilt, bow, pen_px = rng.uniform(-30, 30), rng.normal(0, 0.03), int(rng.integers(2, 7))
    along = np.linspace(-0.5, 0.5, 12)
    for number in range(n):
        level = np.stack([length * along, length * bow * (1 - 4 * along**2)], 1)
        level[:, 1] += gap * (number - (n - 1) / 2)
        stroke(frame, turned(level, tilt) + FRAME_PX / 2, pen_px)
    return Specimen("dash" if n == 1 else "two dashes", photograph(frame, rng))


def draw_figure(rng: Rng) -> Specimen:
    """One of the figures: bent, stretched and tilted, with another pen each time."""
    name = sorted(FIGURES)[int(rng.integers(len(FIGURES)))]
    strokes = FIGURES[name] or (scribble(rng),)
    size, stretch = rng.uniform(50, 100), np.exp(rng.normal(0, 0.12, 2))
    waves, phases = rng.uniform(0.5, 1.2, 2), rng.uniform(0, 6, 2)
    tilt, pen_px = rng.normal(0, 6), int(rng.integers(2, 5))
    bent = [
        turned(
            size * stretch * (one - 0.5 + 0.03 * np.sin(6 * waves * one[:, ::-1] + phases)), tilt
        )
        for one in strokes
    ]
    corner = np.min([one.min(axis=0) for one in bent], axis=0) - rng.uniform(6, 20, 2)
    end = np.max([one.max(axis=0) for one in bent], axis=0) + rng.uniform(6, 20, 2) - corner
    frame = np.zeros((int(end[1]), int(end[0])), np.uint8)
    for one in bent:
        stroke(frame, one - corner, pen_px)
    return Specimen(name, photograph(frame, rng))


def draw_box(rng: Rng) -> Specimen:
    """A form's box for one character."""
    return Specimen("box", photograph(printed_cells(1, rng.uniform(40, 110, 2), rng), rng))


def draw_comb(rng: Rng) -> Specimen:
    """A form's comb of 4 to 10 cells."""
    cell = rng.uniform((26, 32), (44, 56))
    return Specimen("comb", photograph(printed_cells(int(rng.integers(4, 11)), cell, rng), rng))


def draw_paper(rng: Rng) -> Specimen:
    """A square of paper with nothing on it."""
    return Specimen("paper", photograph(np.zeros(SQUARE_PX, np.uint8), rng))


def draw_strip(rng: Rng) -> Specimen:
    """A strip of paper with nothing on it."""
    return Specimen("paper", photograph(np.zeros(STRIP_PX, np.uint8), rng))


def printed_cells(n: int, cell: Points, rng: Rng) -> Picture:
    """A row of cells, width and height in pixels, whose dividers may be short."""
    width, height = n * cell[0], cell[1]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height), (0, 0)])
    upper = 0.0 if rng.random() < 0.6 else height * rng.uniform(0.4, 0.8)
    dividers = [np.array([(x, upper), (x, height)]) for x in cell[0] * np.arange(1, n)]
    margin, tilt, pen_px = rng.uniform(4, 20, 2), rng.normal(0, 0.5), int(rng.integers(1, 4))
    lean = width * abs(np.sin(np.radians(tilt)))
    frame = np.zeros(
        (round(height + 2 * (margin[1] + lean)), round(width + 2 * margin[0])), np.uint8
    )
    for line in (corners, *dividers):
        stroke(frame, turned(line, tilt) + margin + (0, lean), pen_px)
    return frame


def circle(x: float, y: float, radius: float) -> Points:
    """Points of a circle."""
    return np.stack([x + radius * np.cos(TURN), y + radius * np.sin(TURN)], 1)


def path(*points: tuple[float, float]) -> Points:
    """Points on the straight lines between those given, so that they can be bent."""
    corners = np.array(points, np.float64)
    steps = np.linspace(0, 1, 8)[:, None]
    return np.concatenate([a + steps * (b - a) for a, b in pairwise(corners)])


def scribble(rng: Rng) -> Points:
    """Up and down over the same place, as one strikes something out."""
    n = int(rng.integers(9, 16))
    x = np.linspace(0, 1, n) + rng.normal(0, 0.05, n)
    y = 0.5 + rng.uniform(0.2, 0.45, n) * (-1) ** np.arange(n)
    return path(*zip(x, y, strict=True))


def turned(points: Points, degrees: float) -> Points:
    """Points turned about the origin."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]))


def stroke(frame: Picture, points: Points, pen_px: int) -> None:
    """Draw a line through the points."""
    at = np.rint(points * 8).astype(np.int32)
    cv2.polylines(frame, [at], False, 255, pen_px, cv2.LINE_AA, 3)


def fill(frame: Picture, points: Points) -> None:
    """Fill what the points go around."""
    cv2.fillPoly(frame, [np.rint(points * 8).astype(np.int32)], 255, cv2.LINE_AA, 3)


STAR = [
    (0.5 + 0.5 * np.sin(0.8 * np.pi * k), 0.5 - 0.5 * np.cos(0.8 * np.pi * k)) for k in range(6)
]
SPIRAL = 0.5 + np.linspace(0.04, 0.5, 180)[:, None] * np.tile(circle(0, 0, 1), (3, 1))
FIGURES: Mapping[str, Sequence[Points]] = {  # strokes in a unit box
    "house": (
        path((0.1, 1), (0.1, 0.45), (0.5, 0.05), (0.9, 0.45), (0.9, 1), (0.1, 1)),
        path((0.1, 0.45), (0.9, 0.45)),
        path((0.4, 1), (0.4, 0.65), (0.6, 0.65), (0.6, 1)),
    ),
    "face": (
        circle(0.5, 0.5, 0.5),
        circle(0.32, 0.38, 0.05),
        circle(0.68, 0.38, 0.05),
        path((0.25, 0.62), (0.38, 0.76), (0.62, 0.76), (0.75, 0.62)),
    ),
    "star": (path(*STAR),),
    "flower": (
        circle(0.5, 0.35, 0.14),
        *(circle(0.5 + 0.28 * np.cos(a), 0.35 + 0.28 * np.sin(a), 0.13) for a in TURN[:-1:10]),
        path((0.5, 0.5), (0.52, 1.1)),
    ),
    "person": (
        circle(0.5, 0.15, 0.15),
        path((0.5, 0.3), (0.5, 0.65)),
        path((0.2, 0.45), (0.5, 0.38), (0.8, 0.45)),
        path((0.25, 1), (0.5, 0.65), (0.75, 1)),
    ),
    "sun": (
        circle(0.5, 0.5, 0.22),
        *(
            path(
                (0.5 + 0.3 * np.cos(a), 0.5 + 0.3 * np.sin(a)),
                (0.5 + 0.5 * np.cos(a), 0.5 + 0.5 * np.sin(a)),
            )
            for a in TURN[:-1:7]
        ),
    ),
    "spiral": (SPIRAL,),
    "tree": (
        path((0.5, 0), (0.2, 0.35), (0.8, 0.35), (0.5, 0)),
        path((0.5, 0.35), (0.1, 0.75), (0.9, 0.75), (0.5, 0.35)),
        path((0.5, 0.75), (0.5, 1)),
    ),
    "fish": (
        path(
            (1, 0.2),
            (0.75, 0.5),
            (0.45, 0.3),
            (0.1, 0.5),
            (0.45, 0.7),
            (0.75, 0.5),
            (1, 0.8),
            (1, 0.2),
        ),
        circle(0.28, 0.46, 0.03),
    ),
    "net": (
        *(path((0, y), (1, y)) for y in (0.1, 0.37, 0.63, 0.9)),
        *(path((x, 0), (x, 1)) for x in (0.1, 0.37, 0.63, 0.9)),
    ),
    "scribble": (),  # another each time
}
