"""Ruled lines, form boxes, comb dividers and borders: found, and taken out of the ink.

What a ruler drew is longer than any stroke of a character, thin and very straight. Long runs of
ink are chained sideways and a straight line is fitted to each chain; length decides what is a
rule: across the picture, many text heights, or a side of a closed box. Where a stroke
crosses a rule it is kept, so that it is not torn. Bars of T and 7, stems of 1 and dashes stay.
"""

from __future__ import annotations

from typing import NamedTuple

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
from hdalr.images.straight import Line, find_straight_lines

FAINTEST_SHARE = 0.22  # of the darkest ink: ruled lines are often fainter than the writing
ACROSS = (0.85, 1.5)  # of the picture's width, and text heights
EDGE_TO_EDGE = (0.96, 1.3)  # the same, for what runs along the picture's border
BORDER = 0.15  # of the picture's height: how near to its border
SPARSE = 0.2  # of its box that a frame's ink covers
WRITTEN = 0.1  # of a frame's ink is at least inside it, or three characters are
LEAST_WRITTEN_PX = 25
LEAST_SHARE = 0.1  # of the largest component's ink, for one that tells the height
MOST_FRAMES = 50
ALONE = 5.0  # text heights of a rule that need not cross the picture
UPRIGHT = (0.96, 1.4)  # of the picture's height, and text heights
FINE = 0.08  # thickness over length of a box's sides: a thicker ring is an O or a D
FAINT = 0.7  # of the darkest ink: a fainter rule is told from the writing by its grey


class Rules(NamedTuple):
    """Where the straight lines are that nobody wrote.

    Attributes
    ----------
    horizontal
        A box around each ruled line, from top to bottom.
    vertical
        A box around each upright one, from left to right.
    """

    horizontal: tuple[Box, ...]
    vertical: tuple[Box, ...]


def find_rules(ink: Ink) -> Rules:
    """Find ruled lines, the sides of form boxes, comb dividers and borders.

    Parameters
    ----------
    ink
        uint8, shape (height, width), 0 = paper, up to 255 = ink; tilted by up to 6 degrees.

    Returns
    -------
    Rules
        Boxes around what `remove_rules` takes away.

    Raises
    ------
    DataError
        If the picture is not of this type and shape.

    Examples
    --------
    >>> field = np.zeros((40, 200), np.uint8)
    >>> field[10:30, 50:53] = 255
    >>> field[34:36] = 255
    >>> find_rules(field)
    Rules(horizontal=(Box(top=34, bottom=36, left=0, right=200),), vertical=())
    """
    level, upright = _find_lines(_faint_mask(ink), ink)
    height, width = ink.shape
    horizontal = sorted(_box(line, height) for line in level)
    turned = (_box(line, width) for line in upright)
    vertical = [Box(box.left, box.right, box.top, box.bottom) for box in turned]
    return Rules(tuple(horizontal), tuple(sorted(vertical, key=lambda box: box.left)))


def remove_rules(ink: Ink) -> Ink:
    """Take ruled lines, boxes, dividers and borders away; keep the strokes that cross them.

    Parameters
    ----------
    ink
        uint8, shape (height, width), 0 = paper, up to 255 = ink; tilted by up to 6 degrees.

    Returns
    -------
    Ink
        A new picture of the same shape, nowhere darker.

    Raises
    ------
    DataError
        If the picture is not of this type and shape.

    Examples
    --------
    >>> field = np.zeros((40, 200), np.uint8)
    >>> field[34:36] = 255
    >>> field[10:40, 50:53] = 255
    >>> np.unique(np.argwhere(remove_rules(field))[:, 1]).tolist()
    [50, 51, 52]
    """
    mask = _faint_mask(ink)
    level, upright = _find_lines(mask, ink)
    cleaned = ink.copy()
    for line in level:
        _erase(cleaned, mask, line)
    mask = mask & (cleaned > 0)  # else crossings of rules would pass for strokes
    for line in upright:
        _erase(cleaned.T, mask.T, line)
    return cleaned


def _faint_mask(ink: Ink) -> Mask:
    darkest = int(check_ink(ink).max())
    return np.asarray(ink >= max(1.0, FAINTEST_SHARE * darkest))


def _find_lines(mask: Mask, ink: Ink) -> tuple[list[Line], list[Line]]:
    """Rules that run across, and those that run down (as lines of the turned picture)."""
    height, width = mask.shape
    text_px = _text_height(find_components(mask_ink(ink), 3), height, width)
    if not text_px:
        return [], []
    level = find_straight_lines(mask, text_px)
    upright = find_straight_lines(mask.T, text_px)
    boxes = _sides_of_boxes(level, upright)
    rules = [line for line in level if line in boxes or _is_rule(line, text_px, height, width)]
    posts = [
        line
        for line in upright
        if line in boxes or _stands_between(line, rules) or _is_border(line, text_px, width, height)
    ]
    rules += [line for line in level if line not in rules and _stands_between(line, posts)]
    return rules, posts


def _text_height(parts: Components, height: int, width: int) -> float:
    """Height of the writing without frames, and without what reaches from border to border."""
    top, bottom, left, right = parts.boxes.T
    inner = ~(((top <= 1) & (bottom >= height - 1)) | ((left <= 1) & (right >= width - 1)))
    inner &= ~_are_frames(parts)
    inner &= parts.areas >= LEAST_SHARE * parts.areas[inner].max(initial=0)
    return text_height(select_components(parts, inner) if inner.any() else parts)


def _are_frames(parts: Components) -> Mask:
    """Which components are boxes or tables: mostly empty, with writing inside."""
    top, bottom, left, right = parts.boxes.T
    frames = np.zeros(len(parts.areas), np.bool_)
    sparse = parts.areas < SPARSE * parts.heights * parts.widths
    largest = np.argsort(-parts.heights * parts.widths * sparse, kind="stable")[:MOST_FRAMES]
    for number in largest[sparse[largest]]:
        inside = (top > top[number]) & (bottom < bottom[number]) & (left > left[number])
        inside &= (right < right[number]) & (parts.areas >= LEAST_WRITTEN_PX)
        written = parts.areas[inside].sum() >= WRITTEN * parts.areas[number]
        frames[number] = written or np.count_nonzero(inside) >= 3
    return frames


def _is_rule(line: Line, text_px: float, height: int, width: int) -> bool:
    return (
        line.length >= ALONE * text_px
        or _spans(line, ACROSS, text_px, width)
        or (_is_at_border(line, height) and _spans(line, EDGE_TO_EDGE, text_px, width))
    )


def _is_border(line: Line, text_px: float, height: int, width: int) -> bool:
    """Whether an upright line (turned) reaches from top to bottom near the picture's side."""
    return _is_at_border(line, height) and _spans(line, UPRIGHT, text_px, width)


def _is_at_border(line: Line, height: int) -> bool:
    middle = float(line.at((line.start + line.end) / 2))
    return min(middle, height - 1 - middle) <= BORDER * height


def _spans(line: Line, shares: tuple[float, float], text_px: float, width: int) -> bool:
    """Whether a line has these shares of the picture's width and of the text height."""
    return line.length >= shares[0] * width and line.length >= shares[1] * text_px


def _sides_of_boxes(level: list[Line], upright: list[Line]) -> set[Line]:
    """Lines that close a box: two level and two upright ones whose ends meet."""
    sides: set[Line] = set()
    level, upright = ([line for line in lines if _is_fine(line)] for lines in (level, upright))
    for line in level:
        posts = [
            next((post for post in upright if _meet(line, x, post)), None)
            for x in (line.start, line.end - 1)
        ]
        if posts[0] is None or posts[1] is None:
            continue
        for other in level:
            ends = zip((other.start, other.end - 1), posts, strict=True)
            if other is not line and all(post and _meet(other, x, post) for x, post in ends):
                sides.update({line, other, posts[0], posts[1]})
    return sides


def _is_fine(line: Line) -> bool:
    return line.thickness <= FINE * line.length


def _meet(line: Line, x: int, post: Line) -> bool:
    """Whether an end of a level line is an end of an upright one."""
    reach = 1 + max(line.thickness, post.thickness)
    row = float(line.at(x))
    near = min(abs(row - post.start), abs(row - post.end + 1)) <= reach
    return near and abs(float(post.at(row)) - x) <= reach


def _stands_between(post: Line, rules: list[Line]) -> bool:
    """Whether both ends of an upright line (turned) lie on rules."""
    return len(rules) > 1 and all(
        any(
            line.start - 3 <= float(post.at(end)) <= line.end + 3
            and abs(float(line.at(float(post.at(end)))) - end) <= 3 + line.thickness
            for line in rules
        )
        for end in (post.start, post.end - 1)
    )


def _box(line: Line, height: int) -> Box:
    rows = [float(line.at(line.start)), float(line.at(line.end - 1))]
    half = (line.thickness - 1) / 2
    top, bottom = round(min(rows) - half), round(max(rows) + half) + 1
    return Box(max(0, top), min(height, bottom), line.start, line.end)


def _erase(ink: Ink, mask: Mask, line: Line) -> None:
    """Blank a line and its soft edge, but not where a stroke crosses it or is darker."""
    height, width = mask.shape
    columns = np.arange(max(0, line.start - 2), min(width, line.end + 2))
    middle = line.row + line.slope * columns
    half = line.thickness / 2
    top, bottom = np.floor(middle - half).astype(int) - 1, np.ceil(middle + half).astype(int) + 1
    crossed = _crossed(
        _is_ink(mask, top - 1, columns) & _is_ink(mask, top - 2, columns),
        _is_ink(mask, bottom + 1, columns) & _is_ink(mask, bottom + 2, columns),
        line.thickness + 3,
    )
    darkest = _darkest_of_rule(ink, np.rint(middle).astype(int), columns)
    for offset in range(int((bottom - top).max()) + 1):
        rows = top + offset
        blank = ~crossed & (rows <= bottom) & (rows >= 0) & (rows < height)
        blank[blank] = ink[rows[blank], columns[blank]] <= darkest
        ink[rows[blank], columns[blank]] = 0


def _crossed(above: Mask, below: Mask, farthest: int) -> Mask:
    """Columns where a stroke, upright or slanted, comes in above and goes out below."""
    n = len(above)
    above, below = np.pad(above, farthest), np.pad(below, farthest)
    return np.asarray(
        np.any(
            [
                above[farthest + step : farthest + step + n]
                & below[farthest - step : farthest - step + n]
                for step in range(-farthest, farthest + 1)
            ],
            axis=0,
        )
    )


def _darkest_of_rule(ink: Ink, rows: Integers, columns: Integers) -> float:
    """Darker pixels on a faint rule are a stroke; on a dark one nobody can tell."""
    level = float(np.median(ink[np.clip(rows, 0, ink.shape[0] - 1), columns]))
    darkest = float(ink.max())
    return (level + darkest) / 2 if level < FAINT * darkest else 255.0


def _is_ink(mask: Mask, rows: Integers, columns: Integers) -> Mask:
    inside = (rows >= 0) & (rows < mask.shape[0])
    return np.asarray(mask[np.clip(rows, 0, mask.shape[0] - 1), columns] & inside)
