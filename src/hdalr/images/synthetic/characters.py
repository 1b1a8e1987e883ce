"""Single characters as other pens, hands and cameras would show them, and what is no character.

Each picture goes through the very functions that a photo goes through when it is read.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.glyph import main_parts
from hdalr.images.ink import ink_of
from hdalr.images.picture import Picture
from hdalr.images.synthetic.paper import photograph

FRAME_PX = 84  # side of the picture that is drawn
GLYPH_PX = 46  # longer side of the frame of the character in it
PHOTOGRAPHED = 0.3  # share of the drawings
GRID = np.arange(FRAME_PX, dtype=np.float32)


def distort(image: Picture, rng: np.random.Generator, photographed: float = 0.15) -> Picture:
    """Write a character anew: turned, slanted, bent, with another pen.

    Parameters
    ----------
    image
        uint8, shape (height, width), ink bright on dark.
    rng
        Source of chance.
    photographed
        Probability that the character is put on paper and photographed.

    Returns
    -------
    ink
        uint8, shape (84, 84).
    """
    grown = _warped(image, rng)
    level = rng.uniform(30, 150)
    inked = np.clip((grown.astype(np.float32) - level) * (255 / rng.uniform(30, 90)), 0, 255)
    if inked.max() < 128:  # a faint one that the level wiped out
        inked = grown.astype(np.float32)
    ink: Picture = inked.astype(np.uint8)
    return _photographed(ink, rng) if rng.random() < photographed else ink


def widen(image: Picture, rng: np.random.Generator) -> Picture:
    """Make a picture (height, width) wider, up to about twice."""
    width = round(image.shape[1] * float(np.exp(rng.uniform(0, 0.65))))
    return np.asarray(cv2.resize(image, (width, image.shape[0])), np.uint8)


def draw_nothing(characters: Callable[[], Picture], rng: np.random.Generator) -> Picture:
    """Draw ink that is no character: two of them, a piece, a drawing, a box, a blot, a dash, dust.

    Parameters
    ----------
    characters
        Gives a character's picture, of which pairs and pieces are made.
    rng
        Source of chance.
    """
    kind = rng.random()
    if kind < 0.2:
        return _pair(characters(), characters(), rng)
    if kind < 0.26:
        return _piece(distort(characters(), rng, 0), rng)
    ink = next(draw for share, draw in DRAWN if kind < share)(rng)
    return _photographed(ink, rng) if rng.random() < PHOTOGRAPHED else ink


def _photographed(ink: Picture, rng: np.random.Generator) -> Picture:
    """Put ink on paper, photograph it and find it again."""
    found = main_parts(ink_of(photograph(_trimmed(ink, rng), rng)))
    return found if found.any() else ink  # too faint to be seen at all: no lesson


def _warped(image: Picture, rng: np.random.Generator) -> Picture:
    """Affine and elastic distortion (Simard et al. 2003) in one step."""
    angle, shear = rng.normal(0, 0.12), rng.normal(0, 0.18)
    wide, high = np.exp(rng.normal(0, 0.13, 2)) * image.shape[0] / GLYPH_PX
    cos, sin = np.cos(angle), np.sin(angle)
    middle = (FRAME_PX - 1) / 2
    x, y = GRID - np.float32(middle), GRID[:, None] - np.float32(middle)
    bend = rng.normal(0, rng.uniform(0, 1.4), (2, 5, 5)).astype(np.float32)
    dx, dy = (
        cv2.resize(part, (FRAME_PX, FRAME_PX), interpolation=cv2.INTER_CUBIC) for part in bend
    )
    along = [np.float32(f * wide) for f in (cos, sin + shear)]
    down = [np.float32(f * high) for f in (-sin, cos)]
    u = along[0] * x + along[1] * y + (dx + np.float32((image.shape[1] - 1) / 2))
    v = down[0] * x + down[1] * y + (dy + np.float32((image.shape[0] - 1) / 2))
    return np.asarray(cv2.remap(image, u, v, cv2.INTER_LINEAR), np.uint8)


def _trimmed(ink: Picture, rng: np.random.Generator) -> Picture:
    """Cut the paper around the ink back, at random."""
    rows, columns = np.flatnonzero(ink.max(axis=1) > 96), np.flatnonzero(ink.max(axis=0) > 96)
    if not len(rows):
        return ink
    top, left = (int(rng.integers(0, edge[0] + 1)) for edge in (rows, columns))
    bottom, right = (int(rng.integers(edge[-1] + 1, FRAME_PX + 1)) for edge in (rows, columns))
    return ink[top:bottom, left:right]


def _pair(first: Picture, second: Picture, rng: np.random.Generator) -> Picture:
    pieces = [_ink_only(distort(image, rng, 0)) for image in (first, second)]
    gap = int(rng.integers(-3, 8))
    height = max(piece.shape[0] for piece in pieces)
    wide = pieces[0].shape[1] + pieces[1].shape[1] + abs(gap) + 4
    frame = np.zeros((height, wide), np.uint8)
    x = 0
    for piece in pieces:
        top = int(rng.integers(0, height - piece.shape[0] + 1))
        part = frame[top : top + piece.shape[0], x : x + piece.shape[1]]
        np.maximum(part, piece, out=part)
        x = max(0, x + piece.shape[1] + gap)
    return frame


def _piece(ink: Picture, rng: np.random.Generator) -> Picture:
    """What is left of a character cut in two upright."""
    ink = _ink_only(ink)
    cut = max(1, round(ink.shape[1] * rng.uniform(0.3, 0.6)))
    return ink[:, :cut] if rng.random() < 0.5 else ink[:, cut:]


def _drawing(rng: np.random.Generator) -> Picture:
    """Curves, ellipses and polygons: a sketch, a scribble, a signature."""
    frame = np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    pen = int(rng.integers(2, 6))
    for _ in range(int(rng.integers(2, 9))):
        if rng.random() < 0.3:
            centre, axes = rng.integers(15, 70, 2), rng.integers(3, 26, 2)
            end = int(rng.choice([360, 360, 200, 270]))
            cv2.ellipse(frame, (int(centre[0]), int(centre[1])), (int(axes[0]), int(axes[1])),
                        rng.uniform(0, 180), 0, end, 255, pen, cv2.LINE_AA)  # fmt: skip
        else:
            steps = rng.normal(0, 12, (int(rng.integers(3, 9)), 2))
            points = np.clip(np.cumsum(steps, axis=0) + rng.uniform(20, 64, 2), 4, 80)
            closed = bool(rng.random() < 0.2)
            cv2.polylines(frame, [np.rint(points).astype(np.int32)], closed, 255, pen, cv2.LINE_AA)
    return frame


def _figure(rng: np.random.Generator) -> Picture:
    """A body with limbs and marks, as figures, faces and things are sketched."""
    frame = np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    pen, middle = int(rng.integers(2, 5)), FRAME_PX / 2 + rng.normal(0, 6, 2)
    reach = rng.uniform(8, 24, 2)
    _outline(frame, middle, reach, pen, rng)
    for _ in range(int(rng.integers(3, 9))):
        way = _direction(rng.uniform(0, 2 * np.pi))
        if rng.random() < 0.6:  # outwards, perhaps with a bend
            start = middle + reach * way * rng.uniform(0.8, 1.1)
            end = start + _direction(rng.uniform(0, 2 * np.pi)) * 3 + way * rng.uniform(6, 26)
            last = end + rng.normal(0, 8, 2) * (rng.random() < 0.4)
            _stroke(frame, np.array([start, end, last]), pen)
        else:  # inside or beside
            _outline(
                frame, middle + reach * way * rng.uniform(0, 1.5), rng.uniform(2, 9, 2), pen, rng
            )
    return frame


def _outline(
    frame: Picture,
    middle: NDArray[np.float64],
    reach: NDArray[np.float64],
    pen: int,
    rng: np.random.Generator,
) -> None:
    """Something round, or a polygon of three to seven sides, closed."""
    n = 40 if rng.random() < 0.5 else int(rng.integers(3, 8))
    angles = np.linspace(0, 2 * np.pi, n + 1) + rng.uniform(0, 6)
    _stroke(frame, middle + reach * np.stack([np.cos(angles), np.sin(angles)], 1), pen)


def _winding(rng: np.random.Generator) -> Picture:
    """A spiral, or up and down over one place as one strikes something out."""
    frame = np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    if rng.random() < 0.5:
        angles = np.linspace(0, rng.uniform(13, 26) * rng.choice([-1, 1]), 150) + rng.uniform(0, 6)
        reach = np.linspace(rng.uniform(0, 6), rng.uniform(22, 36), 150)[:, None]
        points = FRAME_PX / 2 + reach * np.stack([np.cos(angles), np.sin(angles)], 1)
    else:
        n = int(rng.integers(9, 20))
        x = np.linspace(10, 74, n) + rng.normal(0, 4, n)
        points = np.stack([x, FRAME_PX / 2 + rng.uniform(8, 34, n) * (-1.0) ** np.arange(n)], 1)
    _stroke(frame, points * np.exp(rng.normal(0, 0.1, 2)), int(rng.integers(2, 5)))
    return frame


def _box(rng: np.random.Generator) -> Picture:
    """A form's box or comb with nothing in it."""
    frame = np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    (left, top), (right, bottom) = rng.uniform(4, 28, 2), FRAME_PX - rng.uniform(4, 28, 2)
    lean, pen = rng.normal(0, 1, 4), int(rng.integers(1, 5))
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    corners[1:3] += lean[:2]
    _stroke(frame, corners, pen)
    for x in np.linspace(left, right, int(rng.choice([1, 1, 1, 2, 3])) + 1)[1:-1]:
        _stroke(frame, np.array([(x, top), (x, bottom)]), pen)
    return frame


def _blot(rng: np.random.Generator) -> Picture:
    """A filled shape without strokes, with corners or round, and drops."""
    frame = np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        n = int(rng.integers(6, 14))
        angles = np.sort(rng.uniform(0, 2 * np.pi, n))
        reach = rng.uniform(8, 30) * rng.uniform(0.6, 1.2, n)
        if rng.random() < 0.6:  # round
            angles = np.linspace(0, 2 * np.pi, 60)
            waves = (
                rng.normal(0, 0.5 / k) * np.sin(k * angles + rng.uniform(0, 6)) for k in (2, 3, 4)
            )
            reach = rng.uniform(7, 24) * np.clip(1 + sum(waves), 0.4, 1.8)
        points = np.stack([reach * np.cos(angles) * rng.uniform(0.4, 1), reach * np.sin(angles)], 1)
        middle = FRAME_PX / 2 + rng.normal(0, 5, 2)
        cv2.fillPoly(frame, [np.rint(points + middle).astype(np.int32)], 255, cv2.LINE_AA)
    for _ in range(int(rng.choice([0, 0, 1, 3]))):
        x, y = rng.integers(8, FRAME_PX - 8, 2)
        cv2.circle(frame, (int(x), int(y)), int(rng.integers(1, 5)), 255, -1, cv2.LINE_AA)
    return frame


def _dash(rng: np.random.Generator) -> Picture:
    """Lines that lie: dashes, an equals sign, a ruled line; upright ones may be a 1 or an l."""
    frame = np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    y, tilt = rng.uniform(25, 60), np.tan(np.radians(rng.uniform(-33, 33))) * (rng.random() < 0.6)
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        left, right = rng.uniform(4, 30), rng.uniform(44, 80)
        ends = y + rng.normal(0, 2.5, 2) + tilt * (np.array([left, right]) - FRAME_PX / 2)
        _stroke(frame, np.array([(left, ends[0]), (right, ends[1])]), int(rng.integers(2, 7)))
        y += rng.uniform(8, 20)
    return frame


def _dust(rng: np.random.Generator) -> Picture:
    """Paper without writing: what is left when its grain is taken for ink."""
    coarse = rng.random((int(rng.integers(4, 30)),) * 2, dtype=np.float32)
    field = cv2.resize(coarse, (FRAME_PX, FRAME_PX), interpolation=cv2.INTER_CUBIC)
    cut = np.quantile(field, rng.uniform(0.6, 0.97))
    return np.where(field > cut, 255, 0).astype(np.uint8)


def _direction(angle: float) -> NDArray[np.float64]:
    return np.array([np.cos(angle), np.sin(angle)])


def _stroke(frame: Picture, points: NDArray[np.float64], pen: int) -> None:
    cv2.polylines(frame, [np.rint(points).astype(np.int32)], False, 255, pen, cv2.LINE_AA)


def _ink_only(ink: Picture) -> Picture:
    rows, columns = np.flatnonzero(ink.max(axis=1) > 96), np.flatnonzero(ink.max(axis=0) > 96)
    if not len(rows):
        return ink
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


# What is drawn when neither a pair nor a piece of characters is: up to which chance.
DRAWN: tuple[tuple[float, Callable[[np.random.Generator], Picture]], ...] = (
    (0.5, _drawing),
    (0.63, _figure),
    (0.68, _winding),
    (0.75, _box),
    (0.85, _blot),
    (0.93, _dash),
    (1.0, _dust),
)
