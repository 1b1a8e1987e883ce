"""How much darker than the paper a page is, whatever light falls on it."""

from __future__ import annotations

import cv2
import numpy as np

from hdalr.images.picture import Picture

WINDOW_MM = 8.0  # wider than any stroke or mark, so that some paper is seen in it


def depth_of(page: Picture, px_per_mm: float) -> Picture:
    """The share of the paper's light that is missing: a shadow takes from both alike.

    The paper is estimated where it is, by a morphological closing (Gonzalez and Woods 2018,
    section 9.6, "shading correction"); here the page is divided by it, not subtracted from it,
    since a printed line in the shadow is as dark a part of its paper as one in the light.

    Parameters
    ----------
    page
        uint8, shape (height, width), dark print on light paper.
    px_per_mm
        Its resolution.

    Returns
    -------
    depth
        uint8, same shape: 0 for paper, 255 for no light at all.

    Examples
    --------
    >>> page = np.full((40, 40), 200, np.uint8)
    >>> page[:, 20:] = 100
    >>> page[10:12] //= 2
    >>> depth = depth_of(page, px_per_mm=1)
    >>> int(depth[10, 5]), int(depth[10, 35]), int(depth[30, 5])
    (127, 127, 0)
    """
    step = max(1, round(px_per_mm / 2))  # the paper varies slowly: half a millimetre a pixel
    size = tuple(max(1, side // step) for side in page.shape[::-1])
    small = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
    side = max(3, round(WINDOW_MM * px_per_mm / step) | 1)
    kernel = np.ones((side, side), np.uint8)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE)
    paper = cv2.medianBlur(paper, min(side // 4 * 2 + 1, 5))
    paper = cv2.resize(paper, page.shape[::-1], interpolation=cv2.INTER_LINEAR)
    share = cv2.divide(page, np.maximum(paper, 1), scale=255.0)  # saturates at the paper
    return np.asarray(255 - share, np.uint8)
