"""Cropping and resizing to the ink: the paper's second and third preprocessing step.

Ink is what is at least half as bright as the picture's brightest pixel. A fixed grey value
would miss faint pencil, and Otsu's threshold moves when the surroundings of the ink are cut
away, so that cropping twice would not equal cropping once.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.errors import ParameterError
from hdalr.images.batch import Images, check_images

MARGIN_PX = 1  # soft edge of a stroke, dimmer than ink
MNIST_LONGEST, MNIST_SIDE = 20, 28  # LeCun et al. 1998, section III.A

Value = TypeVar("Value", bound=np.generic)


class Box(NamedTuple):
    """Rows ``top`` to ``bottom - 1`` and columns ``left`` to ``right - 1`` of a picture."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def height(self) -> int:
        """Number of its rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Number of its columns."""
        return self.right - self.left

    def cut(self, picture: NDArray[Value]) -> NDArray[Value]:
        """Its part of a picture (height, width, ...): a view, not a copy.

        Examples
        --------
        >>> Box(0, 1, 1, 3).cut(np.array([[1, 2, 3], [4, 5, 6]]))
        array([[2, 3]])
        """
        return picture[self.top : self.bottom, self.left : self.right]


def crop_to_ink(images: Images) -> Images:
    """Cut each picture to its ink and put that in the middle, at its own size.

    One pixel of margin is kept for the soft edge of the strokes. What lies further out is
    dark afterwards. Blank pictures stay blank.

    Parameters
    ----------
    images
        uint8, shape (n_images, height, width).

    Returns
    -------
    Images
        A new batch of the same shape.

    Raises
    ------
    DataError
        If the batch is not of this type and shape.

    Examples
    --------
    >>> corner = np.zeros((1, 5, 5), np.uint8)
    >>> corner[0, 0, 0] = 255
    >>> np.argwhere(crop_to_ink(corner)[0]).tolist()
    [[2, 2]]
    """
    return np.stack([_cropped(image) for image in check_images(images)])


def resize_ink(images: Images, longest_px: int | None = None) -> Images:
    """Scale each picture's ink to one size, aspect kept, and centre it by its mass.

    This is how MNIST was made: the ink fits a box of 20 x 20 pixels, its centre of mass
    lies in the middle of 28 x 28 (LeCun et al. 1998, section III.A). Where the ink would
    stick out of the frame, it is moved inside. Blank pictures stay blank.

    Parameters
    ----------
    images
        uint8, shape (n_images, height, width).
    longest_px
        Longer side of the ink after scaling, from 1 to the shorter side of the pictures;
        ``None`` for 20/28 of that side, MNIST's proportion.

    Returns
    -------
    Images
        A new batch of the same shape.

    Raises
    ------
    DataError
        If the batch is not of this type and shape.
    ParameterError
        If `longest_px` is out of its range.

    Examples
    --------
    >>> dash = np.zeros((1, 28, 28), np.uint8)
    >>> dash[0, 3:5, 3:13] = 255
    >>> find_ink(resize_ink(dash)[0])
    Box(top=12, bottom=16, left=4, right=24)
    """
    shorter = min(check_images(images).shape[1:])
    if longest_px is None:
        longest_px = max(1, round(shorter * MNIST_LONGEST / MNIST_SIDE))
    if not 1 <= longest_px <= shorter:
        raise ParameterError(
            f"longest_px={longest_px!r} is not allowed; choose an integer from 1 to {shorter}, "
            "the shorter side of the pictures"
        )
    return np.stack([_resized(image, longest_px) for image in images])


def find_ink(image: Images) -> Box | None:
    """Smallest box around the ink of one picture (height, width); None if it is blank."""
    ink = image >= max(1, int(image.max()) / 2)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    return Box(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)


def _cropped(image: Images) -> Images:
    box = find_ink(image)
    if box is None:
        return np.zeros_like(image)
    framed = np.pad(image, MARGIN_PX)  # so that every box has its margin inside the frame
    piece = framed[
        box.top : box.bottom + 2 * MARGIN_PX,
        box.left : box.right + 2 * MARGIN_PX,
    ]
    top = (framed.shape[0] - piece.shape[0]) // 2
    left = (framed.shape[1] - piece.shape[1]) // 2
    return _pasted(piece, framed.shape, top, left)[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX]


def _resized(image: Images, longest_px: int) -> Images:
    box = find_ink(image)
    if box is None:
        return np.zeros_like(image)
    piece = box.cut(image)
    scale = longest_px / max(piece.shape)
    height, width = (max(1, round(side * scale)) for side in piece.shape)
    # Averaging over areas is the only interpolation here that loses no thin stroke.
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(piece, (width, height), interpolation=method).astype(np.uint8)
    top = _start(scaled.sum(axis=1), image.shape[0])
    left = _start(scaled.sum(axis=0), image.shape[1])
    return _pasted(scaled, image.shape, top, left)


def _start(profile: Images, frame_px: int) -> int:
    """Where a piece with this sum of ink a row starts, its centre of mass in the middle."""
    centre = float((profile * (np.arange(len(profile)) + 0.5)).sum() / profile.sum())
    return min(max(round(frame_px / 2 - centre), 0), frame_px - len(profile))


def _pasted(piece: Images, shape: tuple[int, ...], top: int, left: int) -> Images:
    canvas = np.zeros(shape, dtype=np.uint8)
    canvas[top : top + piece.shape[0], left : left + piece.shape[1]] = piece
    return canvas
