"""A sheet of what was read wrong: the pictures, the truth and the reading, the surest first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.errors import DataError
from hdalr.images.annotate import annotate
from hdalr.images.crop import Box
from hdalr.images.door import open_pages
from hdalr.images.picture import Picture
from hdalr.reading.evaluation import Judged

MOST = 60
N_COLUMNS = 4
TILE_PX = (120, 320)  # height and width
INSET_PX = 40  # above the picture, for its caption

Colours = NDArray[np.uint8]  # (height, width, 3)


def draw_errors(folder: Path, mistakes: Sequence[Judged]) -> Colours:
    """Draw up to 60 mistakes, each with its caption ``truth > reading, confidence``.

    Accepted ones are framed by a full line, rejected ones by a dashed one.

    Parameters
    ----------
    folder
        Where the pictures are.
    mistakes
        In the order in which they are drawn, from the upper left row by row.

    Returns
    -------
    sheet
        uint8, shape (height, width, 3); one white tile if there is no mistake.
    """
    shown = mistakes[:MOST]
    height, width = TILE_PX
    n_columns = max(1, min(N_COLUMNS, len(shown)))
    n_rows = max(1, -(-len(shown) // n_columns))
    sheet = np.full((n_rows * height, n_columns * width), 255, np.uint8)
    boxes = []
    for number, mistake in enumerate(shown):
        top, left = height * (number // n_columns), width * (number % n_columns)
        picture = _fitted(_picture(folder / mistake.file))
        box = Box(top + INSET_PX, top + INSET_PX + picture.shape[0], left + 8, left + 8)
        box = box._replace(right=box.left + picture.shape[1])
        sheet[box.top : box.bottom, box.left : box.right] = picture
        boxes.append(box)
    captions = [_caption(mistake) for mistake in shown]
    return annotate(sheet, boxes, captions, [mistake.reading.accepted for mistake in shown])


def _caption(mistake: Judged) -> str:
    reading = mistake.reading
    return f"{mistake.true or 'nothing'} > {reading.text or 'nothing'}, {reading.confidence:.2f}"


def _picture(path: Path) -> Picture:
    """The first page; a white one if it went away meanwhile."""
    try:
        return next(open_pages(path)).picture
    except DataError:
        return np.full((10, 10), 255, np.uint8)


def _fitted(picture: Picture) -> Picture:
    room = TILE_PX[0] - INSET_PX - 8, TILE_PX[1] - 16
    scale = min(limit / side for limit, side in zip(room, picture.shape, strict=True))
    height, width = (max(1, int(side * scale)) for side in picture.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=method), np.uint8)
