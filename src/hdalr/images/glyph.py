"""One character's ink as a character net sees it: the one place where that picture is made.

As in EMNIST (Cohen et al. 2017, section II): cut to the ink, scaled with its proportions into a
box, centred; beyond that, strokes are brought to one width, so that a fine pen, a marker and a
finger on a screen look alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from hdalr.images.batch import Images
from hdalr.images.crop import find_ink
from hdalr.images.picture import Picture

SIDE_PX = 28
BOX_PX = 22  # longer side of the ink in the frame
FINE = 4  # strokes are widened on a picture so many times finer
STROKE_PX = 2.6  # width that strokes are brought to, at the size of the frame
SPECK_SHARE = 0.02  # of all ink: smaller parts are dust
BORDER_SHARE = 0.3  # of the largest part: smaller parts cut by the border belong to a neighbour


def normalise_glyphs(inks: Sequence[Picture]) -> Images:
    """Make the net's input of each character's ink.

    Parameters
    ----------
    inks
        uint8 pictures (height, width) of any size, each with the ink of one character.

    Returns
    -------
    Images
        uint8, shape (n_images, 28, 28); blank ink stays blank.

    Examples
    --------
    >>> bar = np.zeros((50, 30), np.uint8)
    >>> bar[5:45, 14:16] = 255
    >>> find_ink(normalise_glyphs([bar])[0])
    Box(top=3, bottom=25, left=12, right=15)
    """
    if not len(inks):
        return np.zeros((0, SIDE_PX, SIDE_PX), np.uint8)
    return np.stack([_normalised(ink) for ink in inks])


def main_parts(ink: Picture) -> Picture:
    """Drop dust, and small parts that the border cuts: what a neighbour or a rule left behind.

    Parameters
    ----------
    ink
        uint8, shape (height, width): 0 for paper, 255 for ink.

    Returns
    -------
    ink
        A new picture of the same shape.

    Examples
    --------
    >>> ink = np.zeros((40, 40), np.uint8)
    >>> ink[10:30, 18:22] = 255
    >>> ink[0:2, 0:6] = 255
    >>> int(main_parts(ink)[0].max()), int(main_parts(ink)[20].max())
    (0, 255)
    """
    mask = (ink > 96).astype(np.uint8)
    n_parts, parts, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if n_parts <= 2:
        return ink
    height, width = ink.shape
    left, top, wide, high, area = (stats[:, column] for column in range(5))
    at_border = (left == 0) | (top == 0) | (left + wide == width) | (top + high == height)
    area = area.copy()
    area[0] = 0
    keep = (area >= SPECK_SHARE * area.sum()) & ~(at_border & (area < BORDER_SHARE * area.max()))
    keep[0] = False
    kept = cv2.dilate(keep[parts].astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.where(kept > 0, ink, 0).astype(np.uint8)


def stroke_width(mask: Picture) -> float:
    """Mean width of the strokes of a 0/1 picture, in pixels: twice the area over the outline.

    Examples
    --------
    >>> bar = np.zeros((40, 120), np.uint8)
    >>> bar[18:22, 10:110] = 1
    >>> round(stroke_width(bar))
    4
    """
    outlines, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    around = sum(cv2.arcLength(outline, True) for outline in outlines)
    # The outline runs through the middle of border pixels, half a pixel inside the shape.
    return float(2 * mask.sum() / around) if around else 1.0


def _normalised(ink: Picture) -> Picture:
    frame = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    box = find_ink(ink)
    if box is None:
        return frame
    fine = _one_stroke_width(_scaled(box.cut(ink), BOX_PX * FINE))
    small = _smaller(fine)
    inner = find_ink(small)
    if inner is None:
        return frame
    small = inner.cut(small)
    if max(small.shape) != BOX_PX:  # strokes that grew are taken back into the box
        small = _scaled(small, BOX_PX)
    top, left = ((SIDE_PX - side) // 2 for side in small.shape)
    frame[top : top + small.shape[0], left : left + small.shape[1]] = small
    return frame


def _smaller(fine: Picture) -> Picture:
    coarse = cv2.resize(fine, None, fx=1 / FINE, fy=1 / FINE, interpolation=cv2.INTER_AREA)
    return np.asarray(coarse, np.uint8)


def _scaled(piece: Picture, longest_px: int) -> Picture:
    scale = longest_px / max(piece.shape)
    height, width = (max(1, round(side * scale)) for side in piece.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(piece, (width, height), interpolation=method), np.uint8)


def _one_stroke_width(fine: Picture) -> Picture:
    """Widen or thin the strokes of a fine picture, with room for what they gain."""
    room = FINE * 3
    framed = cv2.copyMakeBorder(fine, room, room, room, room, cv2.BORDER_CONSTANT, value=0)
    framed = cv2.GaussianBlur(framed, (0, 0), 1.2)
    mask = (framed > 110).astype(np.uint8)
    missing = STROKE_PX * FINE - stroke_width(mask)
    wider = round(min(missing, 2 * room)) if missing > 0 else -round(min(-missing, 24) * 0.5)
    if abs(wider) < 2:
        return np.asarray(mask * 255, np.uint8)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(wider) + 1, abs(wider) + 1))
    if wider > 0:
        return np.asarray(cv2.dilate(mask, brush) * 255, np.uint8)
    thinner = cv2.erode(mask, brush)
    return np.asarray((thinner if thinner.any() else mask) * 255, np.uint8)
