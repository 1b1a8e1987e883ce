"""Single characters as other pens, hands and cameras would show them, and what is no character.

Each picture goes through the very functions that a photo goes through when it is read.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from hdalr.images.glyph import main_parts
from hdalr.images.ink import ink_of
from hdalr.images.picture import Picture
from hdalr.images.synthetic.paper import photograph

FRAME_PX = 84  # side of the picture that is drawn
GLYPH_PX = 46  # longer side of the frame of the character in it
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
    if rng.random() >= photographed:
        return ink
    found = main_parts(ink_of(photograph(_trimmed(ink, rng), rng)))
    return found if found.any() else ink  # too faint to be seen at all: no lesson


def widen(image: Picture, rng: np.random.Generator) -> Picture:
    """Make a picture (height, width) wider, up to about twice."""
    width = round(image.shape[1] * float(np.exp(rng.uniform(0, 0.65))))
    return np.asarray(cv2.resize(image, (width, image.shape[0])), np.uint8)


def draw_nothing(characters: Callable[[], Picture], rng: np.random.Generator) -> Picture:
    """Draw ink that is no character: two of them, a piece, a drawing, a blot, a dash, dust.

    Parameters
    ----------
    characters
        Gives a character's picture, of which pairs and pieces are made.
    rng
        Source of chance.
    """
    kind = rng.random()
    if kind < 0.25:
        return _pair(characters(), characters(), rng)
    if kind < 0.32:
        return _piece(distort(characters(), rng, 0), rng)
    if kind < 0.7:
        return _drawing(rng)
    if kind < 0.82:
        return _blot(rng)
    if kind < 0.9:
        return _dash(rng)
    return _dust(rng)


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


def _blot(rng: np.random.Generator) -> Picture:
    """A filled shape without strokes."""
    n = int(rng.integers(6, 14))
    angles = np.sort(rng.uniform(0, 2 * np.pi, n))
    reach = rng.uniform(8, 30) * rng.uniform(0.6, 1.2, n)
    points = np.stack([reach * np.cos(angles) * rng.uniform(0.4, 1), reach * np.sin(angles)], 1)
    frame = np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    cv2.fillPoly(frame, [np.rint(points + FRAME_PX / 2).astype(np.int32)], 255, cv2.LINE_AA)
    return frame


def _dash(rng: np.random.Generator) -> Picture:
    """Lines that lie: dashes, an equals sign, a ruled line; upright ones may be a 1 or an l."""
    frame = np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    y = rng.uniform(25, 60)
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        ends = y + rng.normal(0, 2.5, 2)
        left, right = rng.uniform(4, 25), rng.uniform(50, 80)
        cv2.line(frame, (round(left), round(ends[0])), (round(right), round(ends[1])), 255,
                 int(rng.integers(2, 6)), cv2.LINE_AA)  # fmt: skip
        y += rng.uniform(8, 20)
    return frame


def _dust(rng: np.random.Generator) -> Picture:
    """Paper without writing: what is left when its grain is taken for ink."""
    coarse = rng.random((int(rng.integers(4, 30)),) * 2, dtype=np.float32)
    field = cv2.resize(coarse, (FRAME_PX, FRAME_PX), interpolation=cv2.INTER_CUBIC)
    cut = np.quantile(field, rng.uniform(0.6, 0.97))
    return np.where(field > cut, 255, 0).astype(np.uint8)


def _ink_only(ink: Picture) -> Picture:
    rows, columns = np.flatnonzero(ink.max(axis=1) > 96), np.flatnonzero(ink.max(axis=0) > 96)
    if not len(rows):
        return ink
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
