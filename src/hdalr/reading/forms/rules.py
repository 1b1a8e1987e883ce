"""Taking a form's printed lines away, which are known, and leaving the ink that crosses them.

Each line is looked for within half a millimetre of where it should be. Its profile across is the
median over its whole length, so that the writing on it does not count; what is darker than that
profile is writing.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hdalr.images.picture import Picture
from hdalr.reading.forms.template import Stroke

PIECE_MM = 8.0  # so long a line is straight, even on bent paper
SEARCH_MM = 0.6  # how far a line may lie from where it should
ENDS_MM = 0.3  # by which a line may be longer than it should
LEAST_LINE = 8  # depth from which on there is a line
HALF_MM = 0.45  # half the width of a line's profile, blur included

Profile = NDArray[np.float32]


def remove_strokes(depth: Picture, strokes: list[Stroke], px_per_mm: float) -> Picture:
    """Take printed lines away.

    Parameters
    ----------
    depth
        uint8, shape (height, width): 0 for paper.
    strokes
        The lines, in millimetres from the picture's top left corner.
    px_per_mm
        The picture's resolution.

    Returns
    -------
    depth
        A new picture: 0 where only a line was; ink over a line keeps its depth, and is joined
        where the line was as dark as the ink.

    Examples
    --------
    >>> depth = np.zeros((40, 80), np.uint8)
    >>> depth[20] = 60
    >>> depth[10:30, 40] = 200
    >>> clean = remove_strokes(depth, [Stroke(0, 2.05, 8, 2.05)], px_per_mm=10)
    >>> int(clean[20, 10]), int(clean[20, 40]), int(clean[12, 40])
    (0, 200, 200)
    """
    upright = [stroke for stroke in strokes if stroke.y0 != stroke.y1]
    turned = [Stroke(s.y0, s.x0, s.y1, s.x1) for s in upright]
    level = [stroke for stroke in strokes if stroke.y0 == stroke.y1]
    bands = _bands(depth, level, px_per_mm), _bands(depth.T, turned, px_per_mm)
    clean = depth.copy()
    for view, source, found in ((clean, depth, bands[0]), (clean.T, depth.T, bands[1])):
        for band in found:
            _clear(view, source, band)
    ink = clean.copy()  # ends of strokes, without those of the lines that cross here
    for view, source, found in ((clean, ink, bands[0]), (clean.T, ink.T, bands[1])):
        for band in found:
            _join(view, source, band)
    return np.minimum(clean, depth)


class _Band(NamedTuple):
    """Where a piece of a line is, and how dark the line is across."""

    rows: slice
    columns: slice
    profile: Profile  # (n_rows, 1)


def _bands(depth: Picture, strokes: list[Stroke], scale: float) -> list[_Band]:
    """The pieces of level lines, as they are found; all of them share one profile."""
    pieces = _pieces(strokes, depth, scale)
    strips = [strip for piece in pieces if (strip := _strip(depth, *piece, scale)) is not None]
    if not strips:
        return []
    profile = np.median(np.concatenate(strips, axis=1), axis=1).astype(np.float32)
    # Each line is known to a whole pixel only, and one may be a pixel wider than another.
    profile = np.max([np.roll(profile, shift) for shift in (-1, 0, 1)], axis=0)
    half = len(profile) // 2
    bands = []
    for row, start, end in pieces:
        rows = slice(max(row - half, 0), min(row + half + 1, len(depth)))
        own = profile[rows.start - row + half : rows.stop - row + half, None]
        bands.append(_Band(rows, slice(start, end), own))
    return bands


def _clear(clean: Picture, depth: Picture, band: _Band) -> None:
    """Leave what is darker than the line; twice as dark is ink for certain."""
    part = depth[band.rows, band.columns].astype(np.float32)
    ink = part * np.clip((part - band.profile) / np.maximum(band.profile, LEAST_LINE), 0, 1)
    kept = clean[band.rows, band.columns]
    clean[band.rows, band.columns] = np.minimum(kept, ink.astype(np.uint8))


def _join(clean: Picture, ink: Picture, band: _Band) -> None:
    """Bring back what lies between ink on both sides of the line."""
    sides = [max(band.rows.start - 1, 0), min(band.rows.stop, len(ink) - 1)]
    joined = ink[sides, band.columns].min(axis=0)[None] * (band.profile > LEAST_LINE)
    kept = clean[band.rows, band.columns]
    clean[band.rows, band.columns] = np.maximum(kept, joined.astype(np.uint8))


def _pieces(strokes: list[Stroke], depth: Picture, scale: float) -> list[tuple[int, int, int]]:
    """Row, first and last column of each straight piece of level lines, as they are found."""
    spans = [(s.y0 * scale - 0.5, span) for s in strokes for span in _spans(s, depth, scale)]
    profiles = [_near(depth, middle, *span, scale) for middle, span in spans]
    # Writing along a line is darker than the line: what the lines mostly are is the most that
    # counts, so that the nearest dark row wins.
    darkest = [float(dark.max()) for _, dark in profiles]
    cap = float(np.median(darkest)) if darkest else 0.0
    pieces = []
    for (middle, span), (rows, dark) in zip(spans, profiles, strict=True):
        score = np.minimum(dark, cap) - cap / 8 * np.abs(rows - middle)
        pieces.append((int(rows[int(np.argmax(score))]), *span))
    return pieces


def _spans(stroke: Stroke, depth: Picture, scale: float) -> list[tuple[int, int]]:
    """First and last column of a line's pieces."""
    first = max(round((stroke.x0 - ENDS_MM) * scale), 0)
    last = min(round((stroke.x1 + ENDS_MM) * scale), depth.shape[1])
    if last <= first:
        return []
    n_pieces = min(max(1, round((last - first) / (PIECE_MM * scale))), last - first)
    bounds = np.linspace(first, last, n_pieces + 1).astype(int).tolist()
    return list(pairwise(bounds))


def _near(
    depth: Picture, middle: float, start: int, end: int, scale: float
) -> tuple[NDArray[np.int64], Profile]:
    """The rows where a line may be, and how dark each is in most of the columns."""
    reach = max(1, round(SEARCH_MM * scale))
    first = min(max(round(middle) - reach, 0), len(depth) - 1)
    rows = np.arange(first, max(min(round(middle) + reach + 1, len(depth)), first + 1))
    return rows, np.median(depth[rows, start:end], axis=1).astype(np.float32)


def _strip(depth: Picture, row: int, start: int, end: int, scale: float) -> Picture | None:
    half = max(1, round(HALF_MM * scale))
    if row < half or row + half >= len(depth):
        return None
    return depth[row - half : row + half + 1, start:end]
