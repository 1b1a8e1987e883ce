"""What a picture holds: nothing, one character, a line or several; and where its lines are.

How components make up lines: `hdalr.images.grouping`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import cv2
import numpy as np

from hdalr.images.components import (
    Components,
    Ink,
    Integers,
    Mask,
    check_ink,
    find_components,
    mask_ink,
    select_components,
    text_height,
)
from hdalr.images.crop import Box
from hdalr.images.grouping import group_lines, middles_of

Kind = Literal["blank", "character", "line", "lines"]

SPECK_SHARE = 0.004  # of the square of the text height: fewer pixels are a speck
REMNANT_SHARE, REMNANT_HEIGHT = 0.3, 0.6  # of the largest area and the text height
PART_SHARE = 0.45  # of the height: lower parts (dots, bars) do not make a second character
WIDEST_CHARACTER = 2.5  # width over height of one character; m comes near to it
DASH = 4.0  # width over height of a dash
MOST_STROKES = 4.0  # side by side in one character; w and m have them
PAIR = 1.2  # width over height of two parts that stand side by side: wider are two characters
GAP = 0.14  # of the height, between two parts of one broken character; wider parts two
WORD_GAP = 0.6  # of the text height, between two words


class Layout(NamedTuple):
    """What a picture holds.

    Attributes
    ----------
    kind
        ``"blank"``, ``"character"``, ``"line"`` or ``"lines"``.
    lines
        The box of each line in reading order; one for a character; none for a blank picture.
    """

    kind: Kind
    lines: tuple[Box, ...]


def find_layout(ink: Ink) -> Layout:
    """Tell whether a picture is blank, or holds one character, a line or several lines.

    One character may have several parts: the dot of i and j, the bar of 5, a broken stroke.
    What stands side by side with a gap, or is much wider than high, is a line.

    Parameters
    ----------
    ink
        uint8, shape (height, width), 0 = paper, up to 255 = ink; rules removed.

    Raises
    ------
    DataError
        If the picture is not of this type and shape.

    Examples
    --------
    >>> ink = np.zeros((40, 80), np.uint8)
    >>> ink[10:30, 20:23] = 255
    >>> find_layout(ink).kind
    'character'
    >>> ink[10:30, 40:43] = 255
    >>> find_layout(ink)
    Layout(kind='line', lines=(Box(top=10, bottom=30, left=20, right=43),))
    """
    parts = _find_parts(ink)
    groups = group_lines(parts)
    if not groups:
        return Layout("blank", ())
    everything = np.concatenate(groups)
    if _is_character(parts, everything):
        return Layout("character", (unite(parts.boxes[everything]),))
    lines = tuple(unite(parts.boxes[group]) for group in groups)
    return Layout("line" if len(lines) == 1 else "lines", lines)


def find_lines(ink: Ink) -> list[Box]:
    """Find the lines of writing, from top to bottom.

    Parameters
    ----------
    ink
        uint8, shape (height, width), 0 = paper, up to 255 = ink; rules removed.

    Returns
    -------
    list of Box
        One a line, around all its ink; boxes may overlap (see `cut_line`).

    Raises
    ------
    DataError
        If the picture is not of this type and shape.

    Examples
    --------
    >>> page = np.zeros((100, 60), np.uint8)
    >>> page[10:30, 5:50:8] = page[50:70, 5:50:8] = 255
    >>> [(line.top, line.bottom) for line in find_lines(page)]
    [(10, 30), (50, 70)]
    """
    parts = _find_parts(ink)
    return [unite(parts.boxes[group]) for group in group_lines(parts)]


def cut_line(ink: Ink, lines: Sequence[Box], index: int) -> Ink:
    """Cut out one line without what hangs in from its neighbours.

    A component belongs to the line that covers most of its box; of several such lines, to the
    one whose middle is nearest to its own.

    Parameters
    ----------
    ink
        uint8, shape (height, width), 0 = paper, up to 255 = ink.
    lines
        What `find_lines` or `find_layout` found in it.
    index
        Which of them to cut out.

    Returns
    -------
    Ink
        A new picture of the box's shape, the ink of the other lines blanked.

    Raises
    ------
    DataError
        If the picture is not of this type and shape.

    Examples
    --------
    >>> page = np.zeros((60, 30), np.uint8)
    >>> page[10:38, 5:8] = page[36:50, 20:23] = 255
    >>> lines = [Box(10, 38, 5, 23), Box(36, 50, 5, 23)]
    >>> np.unique(np.argwhere(cut_line(page, lines, 1))[:, 1]).tolist()
    [15, 16, 17]
    """
    box = lines[index]
    piece = box.cut(check_ink(ink)).copy()
    near = [line for line in lines if _overlap(line, box)]
    if len(near) < 2 or not piece.size:
        return piece
    around = unite(np.array(near))
    top, left = around.top, around.left
    parts = find_components(around.cut(mask_ink(ink)))
    owners = _owners(parts.boxes + np.array([top, top, left, left]), np.array(near))
    strange = np.append(False, owners != near.index(box))
    labels = Box(box.top - top, box.bottom - top, box.left - left, box.right - left).cut(
        parts.labels
    )
    soft = cv2.dilate(strange[labels].view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    own = (labels > 0) & ~strange[labels]
    piece[soft & ~own] = 0
    return piece


def find_gaps(ink: Ink) -> list[tuple[int, int]]:
    """Find the gaps between the words of one line.

    Parameters
    ----------
    ink
        uint8, shape (height, width), 0 = paper, up to 255 = ink: one line.

    Returns
    -------
    list of (left, right)
        Columns ``left`` to ``right - 1`` without ink, wider than 0.6 text heights, between
        two pieces of writing.

    Raises
    ------
    DataError
        If the picture is not of this type and shape.

    Examples
    --------
    >>> line = np.zeros((30, 90), np.uint8)
    >>> line[5:25, [10, 15, 50, 55]] = 255
    >>> find_gaps(line)
    [(16, 50)]
    """
    parts = _find_parts(ink)
    if not len(parts.areas):
        return []
    ends, starts = _ends_and_starts(parts.boxes)
    wide = starts - ends > WORD_GAP * text_height(parts)
    return [(int(end), int(start)) for end, start in zip(ends[wide], starts[wide], strict=True)]


def _find_parts(ink: Ink) -> Components:
    """Components of the ink without specks and without small remnants at the border."""
    parts = find_components(mask_ink(check_ink(ink)), 2)
    if not len(parts.areas):
        return parts
    speck_px = max(2.0, SPECK_SHARE * text_height(parts) ** 2)
    kept = (parts.areas >= speck_px) & ~_is_remnant(parts, *ink.shape)
    return select_components(parts, kept)


def _is_remnant(parts: Components, height: int, width: int) -> Mask:
    """What the border cuts and is small beside the largest: of a neighbour, or of a rule."""
    top, bottom, left, right = parts.boxes.T
    cut = (top == 0) | (left == 0) | (bottom == height) | (right == width)
    small = parts.areas < REMNANT_SHARE * parts.areas.max()
    low = parts.heights < REMNANT_HEIGHT * text_height(parts)
    return np.asarray(cut & small & low)


def _owners(boxes: Integers, lines: Integers) -> Integers:
    """Which line each component belongs to."""
    top = np.maximum(boxes[:, None, 0], lines[:, 0])
    bottom = np.minimum(boxes[:, None, 1], lines[:, 1])
    left = np.maximum(boxes[:, None, 2], lines[:, 2])
    right = np.minimum(boxes[:, None, 3], lines[:, 3])
    shared = np.maximum(bottom - top, 0) * np.maximum(right - left, 0)
    away = np.abs(middles_of(boxes)[:, None] - middles_of(lines))
    return np.asarray((shared - away / (1 + away.max(initial=0))).argmax(axis=1), np.int64)


def _overlap(one: Box, other: Box) -> bool:
    beside = one.left >= other.right or other.left >= one.right
    return not beside and one.top < other.bottom and other.top < one.bottom


def _is_character(parts: Components, group: Integers) -> bool:
    """Whether some components look like the parts of one character."""
    boxes = parts.boxes[group]
    union = unite(boxes)
    height, width = union.height, union.width
    if width > WIDEST_CHARACTER * height:
        return bool(len(boxes) == 1 and width > DASH * height)
    high = boxes[boxes[:, 1] - boxes[:, 0] >= PART_SHARE * height]
    count = _count_side_by_side(high)
    if _widest_gap(high) > GAP * height or count > 2 or (count == 2 and width > PAIR * height):
        return False
    return _count_strokes(parts, group, union) <= MOST_STROKES


def _widest_gap(boxes: Integers) -> int:
    """Columns of the widest gap between boxes; negative if they overlap everywhere."""
    ends, starts = _ends_and_starts(boxes)
    return int((starts - ends).max(initial=-1))


def _ends_and_starts(boxes: Integers) -> tuple[Integers, Integers]:
    """Where all boxes so far end, and where the next one starts, from left to right."""
    order = np.argsort(boxes[:, 2], kind="stable")
    return np.maximum.accumulate(boxes[order, 3])[:-1], boxes[order, 2][1:]


def _count_side_by_side(boxes: Integers) -> int:
    """How many boxes stand beside each other rather than above: overlap less than half."""
    count, end = 0, -1.0
    for left, right in boxes[np.argsort(boxes[:, 3], kind="stable"), 2:]:
        if left >= end - (right - left) / 2:
            count, end = count + 1, float(right)
    return count


def _count_strokes(parts: Components, group: Integers, box: Box) -> float:
    """How many strokes a level line crosses: exceeded by a fifth of the rows."""
    kept = np.zeros(len(parts.areas) + 1, np.bool_)
    kept[group + 1] = True
    mask = kept[box.cut(parts.labels)]
    strokes = mask[:, 0] + np.count_nonzero(mask[:, 1:] & ~mask[:, :-1], axis=1)
    return float(np.percentile(strokes, 80))


def unite(boxes: Integers) -> Box:
    """The smallest box around boxes: an array (n, 4) of top, bottom, left, right."""
    top, left = boxes[:, 0].min(), boxes[:, 2].min()
    bottom, right = boxes[:, 1].max(), boxes[:, 3].max()
    return Box(int(top), int(bottom), int(left), int(right))
