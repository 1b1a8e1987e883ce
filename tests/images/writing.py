"""Writing made for the tests: strokes drawn with straight pens, and lines of drawn characters."""

from __future__ import annotations

import cv2
import numpy as np

# Strokes as points in a box of 4 columns and 6 rows.
GLYPHS = {
    "0": [[(1, 0), (3, 0), (4, 2), (4, 4), (3, 6), (1, 6), (0, 4), (0, 2), (1, 0)]],
    "1": [[(0.8, 0), (0, 6)]],
    "2": [[(0, 1), (2, 0), (4, 1), (0, 6), (4, 6)]],
    "3": [[(0, 0), (4, 0), (2, 2.5), (4, 4), (3, 6), (0, 6)]],
    "4": [[(2.5, 0), (0, 4), (4, 4)], [(3, 2), (3, 6)]],
    "5": [[(4, 0), (1, 0), (0.5, 2.5), (3, 2.5), (4, 4), (3, 6), (0, 6)]],
    "7": [[(0, 0), (4, 0), (1.5, 6)], [(1, 3), (3.5, 3)]],
    "8": [[(2, 3), (0, 1), (2, 0), (4, 1), (0, 5), (2, 6), (4, 5), (2, 3)]],
    "9": [[(4, 2), (2, 3), (0, 2), (1, 0), (4, 0), (4, 2), (3, 6)]],
    "E": [[(4, 0), (0, 0), (0, 6), (4, 6)], [(0, 3), (3, 3)]],
    "H": [[(0, 0), (0, 6)], [(4, 0), (4, 6)], [(0, 3), (4, 3)]],
    "I": [[(1, 0), (3, 0)], [(2, 0), (2, 6)], [(1, 6), (3, 6)]],
    "L": [[(0, 0), (0, 6), (4, 6)]],
    "T": [[(0, 0), (4, 0)], [(2, 0), (2, 6)]],
    "Z": [[(0, 0), (4, 0), (0, 6), (4, 6)]],
    "i": [[(0, 2.5), (0, 6)], [(0, 0.6), (0, 0.8)]],
    "-": [[(0, 3), (4, 3)]],
    "=": [[(0, 2), (4, 2)], [(0, 4), (4, 4)]],
}


def draw(
    character: str, *, height_px: int = 48, thickness: int = 4, margin_px: int = 0
) -> np.ndarray:
    """One character's ink, cut to it, with a margin."""
    scale, room = height_px / 6, 2 * thickness
    points = [np.array(stroke) * scale + room for stroke in GLYPHS[character]]
    side = height_px + 2 * room
    ink = np.zeros((side, side), np.uint8)
    for stroke in points:
        cv2.polylines(ink, [np.rint(stroke).astype(np.int32)], False, 255, thickness)
    rows, columns = np.nonzero(ink)
    cut = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return np.pad(cut, margin_px)


def write(text: str, *, gap_px: int = 6, margin_px: int = 16, height_px: int = 48) -> np.ndarray:
    """A line of characters, on one base line."""
    glyphs = [draw(character, height_px=height_px) for character in text]
    tallest = max(len(glyph) for glyph in glyphs)
    gap = np.zeros((tallest, gap_px), np.uint8)
    columns = []
    for glyph in glyphs:
        columns += [np.pad(glyph, ((tallest - len(glyph), 0), (0, 0))), gap]
    return np.pad(np.hstack(columns[:-1]), margin_px)
