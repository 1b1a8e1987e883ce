"""A comb's writing shared out to its cells."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.crop import Box
from hdalr.images.glyph import main_parts
from hdalr.images.picture import Picture
from hdalr.reading.forms.template import Field
from hdalr.reading.forms.writing import FAINTEST, PX_PER_MM, pixels, zone_of

OWN_SHARE = 0.7  # of a piece of ink that lies in one cell: then all of it belongs there
WIDEST = 1.3  # cells; a wider piece of ink is more than one character
LEAST_INK_MM2 = 0.4  # in a cell that is not blank
PAD_PX = 3


class Cell(NamedTuple):
    """A cell with writing in it.

    Attributes
    ----------
    number
        Which cell of the comb, from 0.
    ink
        uint8, the character alone: 0 for paper, 255 for full ink.
    box
        Where it is, in pixels of the field's zone.
    """

    number: int
    ink: Picture
    box: Box


def find_cells(writing: Picture, field: Field) -> list[Cell]:
    """Find the characters of a comb.

    A piece of ink belongs to the cell that holds most of it, also where it reaches over the
    dividers. What is too wide for one character, or halfway between two cells, is cut there.

    Parameters
    ----------
    writing
        The field's zone, from `hdalr.reading.forms.writing.writing_in`.
    field
        Of the style comb.

    Returns
    -------
    cells
        Those that are not blank, from left to right.
    """
    mask = np.asarray(writing >= _threshold(writing), np.uint8)
    owners = _owners(mask, field)
    full = _full_depth(writing, mask)
    cells = []
    for index in range(field.cells):
        own = np.asarray(owners == index, np.uint8)
        if own.sum() < LEAST_INK_MM2 * PX_PER_MM**2:
            continue
        soft = cv2.dilate(own, np.ones((3, 3), np.uint8)) * ((owners < 0) | (own > 0))
        ink = np.clip(writing * (soft > 0) * (255 / full), 0, 255).astype(np.uint8)
        box = _bounds(own)
        padded = cv2.copyMakeBorder(
            box.cut(ink),
            *(PAD_PX, PAD_PX, PAD_PX, PAD_PX),
            cv2.BORDER_CONSTANT,
            value=0,
        )
        cells.append(Cell(index, main_parts(np.asarray(padded, np.uint8)), box))
    return cells


def _threshold(writing: Picture) -> int:
    """Half the depth of this writer's ink, so that touching blurs come apart."""
    ink = writing[writing >= FAINTEST]
    return max(FAINTEST, round(0.4 * float(np.percentile(ink, 75)))) if len(ink) else 255


def _full_depth(writing: Picture, mask: Picture) -> float:
    """The depth that counts as full ink: that of most pixels inside strokes."""
    ink = writing[mask > 0]
    return max(float(np.percentile(ink, 60)), 1.0) if len(ink) else 255.0


def _owners(mask: Picture, field: Field) -> NDArray[np.int64]:
    """The cell of each pixel of ink, -1 for paper; shape of the zone."""
    column_cells = _cells_of_columns(mask.shape[1], field)
    by_place = np.where(mask > 0, column_cells[None], -1)
    n_parts, parts, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    widest = WIDEST * field.box.width / field.cells * PX_PER_MM
    owners = by_place.copy()
    for part in range(1, n_parts):
        inside = parts == part
        counts = np.bincount(by_place[inside], minlength=field.cells)
        narrow = stats[part, cv2.CC_STAT_WIDTH] <= widest
        if narrow and counts.max() >= OWN_SHARE * counts.sum():
            owners[inside] = int(counts.argmax())
    return owners


def _cells_of_columns(width: int, field: Field) -> NDArray[np.int64]:
    """The cell that each column of the zone lies in, or is nearest to."""
    left = pixels(zone_of(field))[0]
    middles = (np.arange(width) + left + 0.5) / PX_PER_MM
    places = (middles - field.box.left) / field.box.width * field.cells
    return np.asarray(np.clip(np.floor(places), 0, field.cells - 1), np.int64)


def _bounds(own: Picture) -> Box:
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    return Box(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
