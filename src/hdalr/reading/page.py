"""A page taken apart: its ink, what it holds, its lines, and the way back to its own pixels."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, cos, floor, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.components import FAINTEST
from hdalr.images.crop import Box, find_ink
from hdalr.images.glyph import main_parts
from hdalr.images.ink import ink_of
from hdalr.images.layout import cut_line, find_layout, unite
from hdalr.images.picture import Picture, shrink
from hdalr.images.skew import estimate_skew
from hdalr.reading.choices import Layout

LEAST_SKEW = 0.7  # degrees; what is less does not harm
ROOM = 0.15  # around a line, in heights of its box
CHARACTER_PX = 80  # longer side of the copy on which one character is looked for
LEAST_PX = 30  # of one character on that copy

Matrix = NDArray[np.float64]  # (2, 3), an affine map of columns and rows


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """What a page holds.

    Attributes
    ----------
    ink
        uint8, shape (height, width), 0 for paper; turned so that the lines run level.
    ruled
        The same with its rules and boxes still there, as the string net knows lines.
    layout
        What it holds; None if it is blank.
    lines
        The box of each line, or of the character, in the ink.
    back
        From the ink to the page, where it was turned or made smaller.
    shape
        Height and width of the page.
    """

    ink: Picture
    ruled: Picture
    layout: Layout | None
    lines: tuple[Box, ...]
    back: Matrix | None
    shape: tuple[int, int]

    def line(self, number: int) -> Picture:
        """The ink of one line, cut to its box, without its neighbours'."""
        if len(self.lines) > 1:
            return cut_line(self.ink, self.lines, number)
        return np.ascontiguousarray(self.lines[number].cut(self.ink))

    def ruled_line(self, number: int) -> Picture:
        """As `line`, with rules and boxes; without them where there are other lines around."""
        if len(self.lines) > 1:
            return self.line(number)
        return np.ascontiguousarray(self.lines[number].cut(self.ruled))

    def place(self, box: Box, number: int) -> Box:
        """Where a box of one line lies on the page."""
        top, left = self.lines[number].top, self.lines[number].left
        moved = Box(box.top + top, box.bottom + top, box.left + left, box.right + left)
        return moved if self.back is None else _mapped(moved, self.back, self.shape)


def find_character(picture: Picture) -> Sheet:
    """Take a page for one character: all on it that is no dust.

    It is looked for on a copy of 80 pixels, far more than the 28 that the nets see, and on the
    picture itself if it is small on that copy.

    Parameters
    ----------
    picture
        uint8, shape (height, width), grey.

    Returns
    -------
    Sheet
        Its ink may be smaller than the page. Blank if nothing but specks is there.
    """
    small = shrink(picture, CHARACTER_PX)
    sheet = _one_character(ink_of(small), picture.shape)
    if small is picture or (sheet.lines and max(sheet.line(0).shape) >= LEAST_PX):
        return sheet
    return _one_character(ink_of(picture), picture.shape)


def take_apart(
    ink: Picture, asked: Layout | None, *, ruled: Picture | None = None, level: bool = True
) -> Sheet:
    """Find what a page holds, or take it for what was said.

    Parameters
    ----------
    ink
        uint8, shape (height, width), 0 for paper, rules removed.
    asked
        What the page holds, if that is known.
    ruled
        The ink before the rules were removed; None if there were none.
    level
        Whether tilted lines are turned.

    Returns
    -------
    Sheet
        Blank if nothing but specks is there, whatever was asked.
    """
    shape = (ink.shape[0], ink.shape[1])
    ruled = ink if ruled is None else ruled
    if asked is Layout.character:
        return _one_character(ink, shape)
    found = find_layout(ink)
    if found.kind == "blank":
        return Sheet(ink, ruled, None, (), None, shape)
    layout = asked or Layout(found.kind)
    back = None
    if layout is not Layout.character and level:
        degrees = estimate_skew(ink)
        if abs(degrees) >= LEAST_SKEW:
            ink, back = _turned(ink, degrees)
            ruled, _ = _turned(ruled, degrees)
            found = find_layout(ink)
            layout = asked or Layout(found.kind if found.kind != "blank" else layout)
    lines = found.lines if layout is Layout.lines else (unite(np.array(found.lines)),)
    if layout is Layout.line:
        lines = (_with_room(lines[0], ink.shape),)
    return Sheet(ink, ruled, layout, lines, back, shape)


def _one_character(ink: Picture, shape: tuple[int, ...]) -> Sheet:
    """All that is no dust is the character: told in a tenth of the time that a layout takes."""
    height, width = shape
    box = find_ink(main_parts(ink)) if ink.max() >= FAINTEST else None
    if box is None:
        return Sheet(ink, ink, None, (), None, (height, width))
    back = None
    if ink.shape != shape:
        back = np.array([[width / ink.shape[1], 0, 0], [0, height / ink.shape[0], 0]])
    return Sheet(ink, ink, Layout.character, (box,), back, (height, width))


def _with_room(box: Box, shape: tuple[int, ...]) -> Box:
    """A line with some paper around it, which the string net has always seen."""
    room = round(ROOM * box.height)
    return Box(
        max(0, box.top - room),
        min(shape[0], box.bottom + room),
        max(0, box.left - room),
        min(shape[1], box.right + room),
    )


def _turned(ink: Picture, degrees: float) -> tuple[Picture, Matrix]:
    """Turn counter-clockwise on a canvas that holds all of it; also the way back."""
    height, width = ink.shape
    sine, cosine = abs(sin(radians(degrees))), cos(radians(degrees))
    size = ceil(width * cosine + height * sine), ceil(width * sine + height * cosine)
    there = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    there[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    turned = cv2.warpAffine(ink, there, size, flags=cv2.INTER_LINEAR, borderValue=0)
    return np.asarray(turned, np.uint8), np.asarray(cv2.invertAffineTransform(there))


def _mapped(box: Box, matrix: Matrix, shape: tuple[int, int]) -> Box:
    """The upright box around a box's corners on the page."""
    corners = [(x, y, 1) for x in (box.left, box.right) for y in (box.top, box.bottom)]
    columns, rows = matrix @ np.array(corners, np.float64).T
    height, width = shape
    top, bottom = max(0, floor(rows.min())), min(height, ceil(rows.max()))
    left, right = max(0, floor(columns.min())), min(width, ceil(columns.max()))
    return Box(min(top, height - 1), max(bottom, 1), min(left, width - 1), max(right, 1))
