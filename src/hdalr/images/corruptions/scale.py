"""The unit of length of the corruptions, and what they share: ink as fractions and back."""

from __future__ import annotations

import cv2
import numpy as np

from hdalr.images.batch import Floats, Images

SIDE_PX = 28  # of the pictures that the strengths were chosen for


def unit_px(images: Images) -> float:
    """How many pixels of this batch make one of a 28 x 28 picture.

    Examples
    --------
    >>> unit_px(np.zeros((1, 56, 80), np.uint8))
    2.0
    """
    return float(min(images.shape[1:]) / SIDE_PX)


def to_pictures(ink: Floats) -> Images:
    """Fractions of ink as uint8; what lies beyond 0 and 1 is cut off."""
    return np.rint(np.clip(ink, 0, 1) * 255).astype(np.uint8)


def blurred(ink: Floats, sigma_px: float) -> Floats:
    """Each picture of a batch after a Gaussian blur; beyond the border it goes on as it ends."""
    return np.stack(
        [
            cv2.GaussianBlur(one, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE).astype(
                np.float32
            )
            for one in ink
        ]
    )
