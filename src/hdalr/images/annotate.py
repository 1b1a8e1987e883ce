"""A picture with what was read in it: a box around each piece, its text above."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hdalr.errors import DataError
from hdalr.images.crop import Box
from hdalr.images.grey import Grey
from hdalr.storage import write_whole

Colours = NDArray[np.uint8]  # (height, width, 3), red, green, blue

GREEN, RED, WHITE = (0, 120, 60), (200, 30, 30), (255, 255, 255)
FONT_PX, SMALL_PX = 20, 12
ROW_PX = 24  # of a label
MAX_ROWS = 3  # of labels above each other, where boxes are narrower than their labels
LINE_PX, DASH_PX = 2, 5
READABLE_PX = 32  # the median box's shorter side, enlarged
MAX_SCALE = 8
MAX_PIXELS = 50_000_000
MAX_LABEL = 40  # characters
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class _Label(NamedTuple):
    """Text in one or two sizes, and where its upper left corner goes."""

    runs: tuple[tuple[str, int], ...]  # text, size of the font in pixels
    left: float
    top: float
    width: float


def annotate(
    picture: Grey, boxes: Sequence[Box], texts: Sequence[str], accepted: Sequence[bool]
) -> Colours:
    """Draw what was read into a picture.

    Accepted pieces get a green box, rejected ones a red and dashed one, so that one can tell
    them apart without seeing colours. The text stands above; characters that the font lacks, as
    Devanagari, by their code point: ``U+0915``. A picture of small boxes is enlarged by a whole
    number, at most eightfold, and gets a white margin for the labels.

    Parameters
    ----------
    picture
        uint8, shape (height, width), grey as it was given.
    boxes
        Of the pieces, each within the picture.
    texts
        One a box.
    accepted
        One a box.

    Returns
    -------
    annotated
        uint8, shape (height', width', 3), RGB.

    Raises
    ------
    DataError
        If the picture is not of this type and shape, a box does not lie in it, or there are not
        as many texts and decisions as boxes.

    Examples
    --------
    >>> annotate(np.zeros((40, 40), np.uint8), [Box(4, 36, 4, 36)], ["7"], [True]).shape
    (112, 40, 3)
    """
    _check(picture, boxes, texts, accepted)
    scale = _scale(picture, boxes)
    labels = _place_labels(boxes, texts, scale)
    image = Image.fromarray(_canvas(picture, labels, scale))
    pen = ImageDraw.Draw(image)
    for box, good in zip(boxes, accepted, strict=True):
        _draw_box(pen, box, scale, good)
    for label, good in zip(labels, accepted, strict=True):
        _draw_label(pen, label, GREEN if good else RED)
    return np.array(image)


def save_png(path: Path, array: NDArray[np.uint8]) -> None:
    """Write an array as a PNG file, whole or not at all.

    Parameters
    ----------
    path
        Where to; folders that are missing are made, a file of this name is replaced.
    array
        uint8, shape (height, width) or (height, width, 3) for RGB.

    Raises
    ------
    DataError
        If the array is not of this type and shape.
    StorageError
        If the disk is full or the folder cannot be written; no half file is left.
    """
    if array.dtype != np.uint8 or array.shape[2:] not in ((), (3,)) or not array.size:
        raise DataError(
            f"{path}: an array of shape {array.shape} and type {array.dtype}; expected uint8, "
            "(height, width) or (height, width, 3)"
        )
    encoded = io.BytesIO()
    Image.fromarray(array).save(encoded, "PNG")
    write_whole(path, encoded.getvalue())


def _check(
    picture: Grey, boxes: Sequence[Box], texts: Sequence[str], accepted: Sequence[bool]
) -> None:
    if picture.dtype != np.uint8 or picture.ndim != 2 or not picture.size:
        raise DataError(
            f"a picture of shape {picture.shape} and type {picture.dtype}; expected a non-empty "
            "uint8 array (height, width)"
        )
    if not len(boxes) == len(texts) == len(accepted):
        raise DataError(
            f"{len(boxes)} boxes, {len(texts)} texts, {len(accepted)} decisions; expected as "
            "many of each"
        )
    height, width = picture.shape
    for box in boxes:
        if not (0 <= box.top < box.bottom <= height and 0 <= box.left < box.right <= width):
            raise DataError(f"{box} does not lie in a picture of {width} x {height} pixels")


def _scale(picture: Grey, boxes: Sequence[Box]) -> int:
    sides = [min(box.height, box.width) for box in boxes]
    wanted = np.ceil(READABLE_PX / np.median(sides)) if sides else 1
    possible = np.sqrt(MAX_PIXELS / picture.size)
    return max(1, int(min(wanted, possible, MAX_SCALE)))


def _canvas(picture: Grey, labels: Sequence[_Label], scale: int) -> Colours:
    height, width = (side * scale for side in picture.shape)
    top = MAX_ROWS * ROW_PX
    right = max((round(label.left + label.width) for label in labels), default=0)
    canvas = np.full((top + height, max(width, right), 3), 255, np.uint8)
    enlarged = cv2.resize(picture, (width, height), interpolation=cv2.INTER_NEAREST)
    canvas[top:, :width] = enlarged[:, :, None]
    return canvas


def _place_labels(boxes: Sequence[Box], texts: Sequence[str], scale: int) -> list[_Label]:
    """Each label above its box, or a row or two higher where another one stands."""
    labels: list[_Label] = []
    for box, text in zip(boxes, texts, strict=True):
        runs = _runs(text)
        width = sum(_font(size).getlength(run) for run, size in runs) + LINE_PX
        lowest = float((MAX_ROWS - 1) * ROW_PX + box.top * scale)
        rows = [
            _Label(runs, box.left * scale, lowest - row * ROW_PX, width) for row in range(MAX_ROWS)
        ]
        recent = labels[-2 * MAX_ROWS :]  # boxes come in reading order
        labels.append(next((row for row in rows if not _meets(row, recent)), rows[0]))
    return labels


def _meets(label: _Label, others: Sequence[_Label]) -> bool:
    return any(
        abs(label.top - other.top) < ROW_PX
        and label.left < other.left + other.width
        and other.left < label.left + label.width
        for other in others
    )


def _runs(text: str) -> tuple[tuple[str, int], ...]:
    """Split a text into what the font has, and the code points of what it lacks."""
    shown = text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return tuple(
        (character, FONT_PX) if _is_drawable(character) else (f"U+{ord(character):04X} ", SMALL_PX)
        for character in shown
    )


@cache
def _font(size: int) -> Font:
    return ImageFont.load_default(size)


@cache
def _is_drawable(character: str) -> bool:
    """Whether the font has the character; all that it lacks look the same."""
    if not character.isprintable() or character.isspace():
        return False
    font = _font(FONT_PX)
    return bytes(font.getmask(character)) != bytes(font.getmask("\uffff"))


def _draw_box(pen: ImageDraw.ImageDraw, box: Box, scale: int, good: bool) -> None:
    above = MAX_ROWS * ROW_PX
    top, bottom = above + box.top * scale, above + box.bottom * scale - 1
    left, right = box.left * scale, box.right * scale - 1
    if good:
        pen.rectangle((left, top, right, bottom), outline=GREEN, width=LINE_PX)
        return
    for x in range(left, right, 2 * DASH_PX):
        for y in (top, bottom - LINE_PX + 1):
            pen.rectangle((x, y, min(x + DASH_PX, right), y + LINE_PX - 1), fill=RED)
    for y in range(top, bottom, 2 * DASH_PX):
        for x in (left, right - LINE_PX + 1):
            pen.rectangle((x, y, x + LINE_PX - 1, min(y + DASH_PX, bottom)), fill=RED)


def _draw_label(pen: ImageDraw.ImageDraw, label: _Label, colour: tuple[int, int, int]) -> None:
    left = label.left
    for run, size in label.runs:
        font = _font(size)
        at = (left, label.top + ROW_PX - 4)  # the baseline; what hangs below takes 4
        pen.text(at, run, fill=colour, font=font, anchor="ls", stroke_width=1, stroke_fill=WHITE)
        left += font.getlength(run)
