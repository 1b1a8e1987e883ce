"""Laying a photo or a scan of a filled form over its template.

By the registration marks; or else by features that photo and blank form share (SIFT, Lowe 2004;
RANSAC's successor MAGSAC, Barath et al. 2020), and then finely by moving the page until its print
correlates best with the blank form's (ECC, Evangelidis and Psarakis 2008). In both cases that
correlation tells whether it is this form at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from hdalr.errors import DataError
from hdalr.images.ink import is_dark_on_light
from hdalr.images.picture import Picture
from hdalr.reading.forms.marks import Homography, find_marks, mark_zones, project
from hdalr.reading.forms.printing import blank_page
from hdalr.reading.forms.shading import depth_of
from hdalr.reading.forms.template import MM_PER_INCH, Template

DPI = 200  # of the aligned page
TRACK_DPI = 110  # of the pages that are compared
LARGEST_PX = 4000  # longer side of a picture; larger ones are made smaller
SMALLEST_PX = 300
FULL_DEPTH = 60  # of 255: print deeper than this counts as much as pale lines do
PRINTED = 40  # of 255, after that: what belongs to the print
LEAST_AGREEMENT = 0.4  # ours measured 0.6 to 0.9, another form's at most 0.2
LEAST_PAIRS = 8  # of features


@dataclass(frozen=True, eq=False)
class Alignment:
    """A form's page brought to its template.

    Attributes
    ----------
    page
        uint8, shape (height, width) at 200 dots an inch, dark on light.
    homography
        float64, shape (3, 3): from millimetres on the form to pixels of the picture as given.
    method
        ``"marks"`` or ``"picture"``: by what the form was found.
    agreement
        Correlation of the blank form's print with what the page shows there, up to 1.
    """

    page: Picture
    homography: Homography
    method: str
    agreement: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, without the page."""
        return {
            "method": self.method,
            "agreement": round(self.agreement, 3),
            "homography": self.homography.round(9).tolist(),
        }


def align(page: Picture, template: Template) -> Alignment:
    """Find the form on a photo or a scan, turned and in perspective as it may be.

    Parameters
    ----------
    page
        uint8, shape (height, width), grey, the whole form on any ground.
    template
        The form.

    Returns
    -------
    Alignment
        The page straightened to the template, and how well it fits.

    Raises
    ------
    DataError
        If the picture is not of this type and shape, or this form is not on it.

    Examples
    --------
    >>> from hdalr.reading.forms import Field, Rect, Style, print_form
    >>> field = Field("zip", Rect(20, 40, 40, 8), Style.comb, cells=5)
    >>> form = Template("zip", 105, 74, (field,), title="A form")
    >>> found = align(np.rot90(print_form(form), 2).copy(), form)
    >>> found.method, found.agreement > 0.9
    ('marks', True)
    """
    found = find_alignment(page, template)
    if found is None:
        raise DataError(
            f"form {template.name!r} was not found on the picture; expected the whole page of "
            "this form, with its marks, in focus"
        )
    return found


def find_alignment(page: Picture, template: Template) -> Alignment | None:
    """As `align`, but None if the form is not found on the picture."""
    page = _check_page(page)
    scale = min(1.0, LARGEST_PX / max(page.shape))
    if scale < 1:
        page = np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    for grey, method, homography in _candidates(page, template):
        agreement = _agreement(grey, homography, template)
        if agreement >= LEAST_AGREEMENT:
            warped = warp_page(grey, homography, template, DPI)
            whole = _resized(1 / scale) @ homography
            return Alignment(warped, whole / whole[2, 2], method, agreement)
    return None


def warp_page(picture: Picture, homography: Homography, template: Template, dpi: float) -> Picture:
    """The form's page, straight, cut out of a picture.

    Parameters
    ----------
    picture
        uint8, shape (height, width).
    homography
        From millimetres on the form to pixels of the picture.
    template
        The form.
    dpi
        Dots an inch of the result.
    """
    pixels_to_picture = homography @ np.linalg.inv(millimetres_to_pixels(dpi))
    return np.asarray(
        cv2.warpPerspective(
            picture,
            pixels_to_picture,
            template.size_px(dpi),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )


def millimetres_to_pixels(dpi: float) -> Homography:
    """From millimetres on a form to pixels of its straight page, counted from their middles."""
    scale = dpi / MM_PER_INCH
    return np.array([[scale, 0, -0.5], [0, scale, -0.5], [0, 0, 1]])


def _check_page(page: Picture) -> Picture:
    if not isinstance(page, np.ndarray) or page.dtype != np.uint8 or page.ndim != 2:
        found = getattr(page, "dtype", type(page).__name__)
        raise DataError(
            f"the page has type {found} and shape {np.shape(page)}; expected uint8 (height, width)"
        )
    if min(page.shape, default=0) < SMALLEST_PX:
        raise DataError(
            f"the page has {page.shape[1]} x {page.shape[0]} pixels; expected at least "
            f"{SMALLEST_PX} each way"
        )
    return page


def _candidates(page: Picture, template: Template) -> Iterator[tuple[Picture, str, Homography]]:
    """Where the page may lie, and the picture as dark print on light paper.

    In uneven light before a ground of any kind it is not certain which of the two is dark, so
    that both are tried. Marks are exact as they are; what features find is refined.
    """
    ways = (page, 255 - page) if is_dark_on_light(_middle(page)) else (255 - page, page)
    for grey in ways if template.marks else ():
        if (by_marks := find_marks(grey, template)) is not None:
            yield grey, "marks", by_marks
    for grey in ways:
        found = _match_features(grey, template)
        if found is not None and (refined := _refine(grey, found, template)) is not None:
            yield grey, "picture", refined


def _middle(page: Picture) -> Picture:
    """What shows the form itself, in most pictures, and not the ground around it."""
    height, width = page.shape
    return page[height // 5 : height - height // 5, width // 5 : width - width // 5]


@lru_cache(maxsize=8)
def _blank_depth(template: Template) -> Picture:
    # Drawn finely, so that lines lie where they should to a fraction of a pixel.
    fine = blank_page(template, 3 * TRACK_DPI)
    size = template.size_px(TRACK_DPI)
    page = np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.uint8)
    return _evened(depth_of(page, TRACK_DPI / MM_PER_INCH))


def _evened(depth: Picture) -> Picture:
    """Pale lines brought up to black print, so that each counts alike."""
    return np.asarray(np.minimum(depth, FULL_DEPTH) * (255 // FULL_DEPTH), np.uint8)


@lru_cache(maxsize=8)
def _print_zone(template: Template) -> Picture:
    """Where the form compares itself with a page: its print and a little around it."""
    printed = np.asarray(_blank_depth(template) > PRINTED, np.uint8)
    for zone in mark_zones(template):  # other forms have the same marks
        ends = (zone.left, zone.top, zone.right, zone.bottom)
        left, top, right, bottom = (round(end * TRACK_DPI / MM_PER_INCH) for end in ends)
        printed[top:bottom, left:right] = 0
    return np.asarray(cv2.dilate(printed, np.ones((7, 7), np.uint8)), np.uint8)


def _match_features(grey: Picture, template: Template) -> Homography | None:
    """By features that the picture shares with the blank form."""
    scale = min(1.0, 1500 / max(grey.shape))
    small = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    sift = cv2.SIFT.create(nfeatures=3000)
    points, features = sift.detectAndCompute(small, None)
    blank_points, blank_features = sift.detectAndCompute(255 - _blank_depth(template), None)
    if features is None or blank_features is None or min(len(points), len(blank_points)) < 2:
        return None
    pairs = [
        pair[0]
        for pair in cv2.BFMatcher().knnMatch(blank_features, features, k=2)
        if len(pair) == 2 and pair[0].distance < 0.8 * pair[1].distance
    ]
    if len(pairs) < LEAST_PAIRS:
        return None
    here = np.array([blank_points[pair.queryIdx].pt for pair in pairs])
    there = np.array([points[pair.trainIdx].pt for pair in pairs])
    found, _ = cv2.findHomography(here, there, cv2.USAC_MAGSAC, 4.0, maxIters=5000)
    if found is None:
        return None
    whole = _resized(1 / scale) @ found @ millimetres_to_pixels(TRACK_DPI)
    return whole if _is_plausible(whole, template) else None


def _is_plausible(homography: Homography, template: Template) -> bool:
    """Whether the page would be seen from its front and as a convex shape of some size."""
    width, height = template.width, template.height
    corners = np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
    raised = np.column_stack([corners, np.ones(4)]) @ homography[2]
    seen = project(homography, corners).astype(np.float32)
    if not np.isfinite(seen).all() or (raised * raised[0] <= 0).any():
        return False
    area = cv2.contourArea(seen, oriented=True)
    return bool(area > SMALLEST_PX**2 / 4 and cv2.isContourConvex(seen))


def _refine(grey: Picture, homography: Homography, template: Template) -> Homography | None:
    """Move the page so that its print lies on the form's; None if nothing fits."""
    try:
        _, moved = cv2.findTransformECC(
            _blank_depth(template),
            _page_depth(grey, homography, template),
            np.eye(3, dtype=np.float32),
            cv2.MOTION_HOMOGRAPHY,
            (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-5),
            _print_zone(template),
            3,  # pixels of smoothing
        )
    except cv2.error:  # it moves away, or there is nothing to hold on to
        return None
    to_pixels = millimetres_to_pixels(TRACK_DPI)
    refined = homography @ np.linalg.inv(to_pixels) @ moved @ to_pixels
    return refined if _is_plausible(refined, template) else None


def _agreement(grey: Picture, homography: Homography, template: Template) -> float:
    """Correlation of the form's print with what the page shows there, -1 to 1."""
    zone = _print_zone(template) > 0
    if not zone.any():
        return 0.0
    smooth = (
        cv2.GaussianBlur(depth, (3, 3), 0)[zone].astype(np.float64)
        for depth in (_blank_depth(template), _page_depth(grey, homography, template))
    )
    one, other = (values - values.mean() for values in smooth)
    size = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / size if size else 0.0


def _page_depth(grey: Picture, homography: Homography, template: Template) -> Picture:
    page = warp_page(grey, homography, template, TRACK_DPI)
    return _evened(depth_of(page, TRACK_DPI / MM_PER_INCH))


def _resized(scale: float) -> Homography:
    """From pixels of a picture to those of the picture ``scale`` times as large."""
    shift = 0.5 * scale - 0.5
    return np.array([[scale, 0, shift], [0, scale, shift], [0, 0, 1]])
