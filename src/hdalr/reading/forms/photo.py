"""Photos of forms made by the program: a page as a phone sees it."""

from __future__ import annotations

import cv2
import numpy as np

from hdalr.images.picture import Picture
from hdalr.images.synthetic.paper import uneven_light
from hdalr.reading.forms.marks import Homography


def photograph(page: Picture, rng: np.random.Generator) -> tuple[Picture, Homography]:
    """Take a picture of a page with a phone: perspective, turns, light, blur, noise, JPEG.

    Parameters
    ----------
    page
        uint8, shape (height, width).
    rng
        Source of chance.

    Returns
    -------
    photo
        uint8, longer side 1,500 to 2,600 pixels, the page on a darker ground.
    homography
        float64, shape (3, 3): from pixels of the page to pixels of the photo.
    """
    homography, (width, height) = _viewpoint(page.shape, rng)
    ground = np.full((height, width), rng.uniform(20, 150), np.float32)
    ground += cv2.GaussianBlur(rng.normal(0, 60, ground.shape).astype(np.float32), (0, 0), 6)
    cv2.warpPerspective(
        page.astype(np.float32),
        homography,
        (width, height),
        dst=ground,
        flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    light = uneven_light(height, width, rng) * rng.uniform(0.75, 1.0)
    photo = cv2.GaussianBlur(ground * light, (0, 0), rng.uniform(0.4, 1.5))
    photo = photo + rng.normal(0, rng.uniform(1, 7), photo.shape)
    quality = int(rng.integers(50, 92))
    picture = np.clip(photo, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8), homography


def _viewpoint(
    shape: tuple[int, ...], rng: np.random.Generator
) -> tuple[Homography, tuple[int, int]]:
    """Where the page's corners come to lie, and the size of the photo."""
    height, width = shape
    angle = float(rng.choice([0, 0, 0, 0, 90, 180, 270])) + rng.normal(0, 4)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    turn = np.deg2rad(angle)
    turned = (corners - corners.mean(axis=0)) @ np.array(
        [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    )
    turned += rng.normal(0, 0.02, (4, 2)) * max(shape)
    turned -= turned.min(axis=0)
    longest = rng.uniform(1500, 2600)
    scale = longest * rng.uniform(0.85, 0.97) / turned.max()
    margin = longest * rng.uniform(0.01, 0.04, 2)
    seen = turned * scale + margin
    size = tuple(int(side) for side in np.ceil(seen.max(axis=0) + margin))
    found = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    return np.asarray(found, np.float64), (size[0], size[1])
