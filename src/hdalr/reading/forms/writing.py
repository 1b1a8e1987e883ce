"""What was written into a field: the aligned page without what is printed on the form."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.picture import Picture
from hdalr.reading.forms.alignment import DPI
from hdalr.reading.forms.printing import blank_page
from hdalr.reading.forms.rules import remove_strokes
from hdalr.reading.forms.shading import depth_of
from hdalr.reading.forms.template import MM_PER_INCH, Field, Rect, Stroke, Style, Template

PX_PER_MM = DPI / MM_PER_INCH
MARGIN_MM = 2.0  # around a box, where writing that belongs to it may reach
BELOW_MM = 3.0  # the same, under a rule: descenders
GRAIN_PX = 0.8  # linear, so that a line keeps its profile wherever it lies between pixels
FAINTEST = 40  # depth of ink, of 255: a hard pencil
LEAST_AREA_MM2, LEAST_EXTENT_MM = 0.3, 1.0  # of ink that is no speck
LEAST_SHARE = 0.5  # of a piece of ink that has to lie in a field's box to belong to it
LEAST_SHARE_OF_CHECK = 0.2  # ticks reach far
LINE_ROOM_MM = 0.6  # around the field's own lines, which are taken away by their profile
PRINT_DEPTH = 60  # from which on the blank form's own print covers what is written over it


def page_depth(page: Picture) -> Picture:
    """How much darker than its paper the aligned page is, without its grain.

    Parameters
    ----------
    page
        uint8, shape (height, width) at 200 dots an inch, dark on light.

    Returns
    -------
    depth
        uint8, same shape, 0 for paper.
    """
    return np.asarray(cv2.GaussianBlur(depth_of(page, PX_PER_MM), (0, 0), GRAIN_PX), np.uint8)


def zone_of(field: Field) -> Rect:
    """Where writing that belongs to a field may be: its box and some room around it."""
    zone = field.box.grown(MARGIN_MM)
    below = BELOW_MM if field.style is Style.line else MARGIN_MM
    return Rect(zone.left, zone.top, zone.width, field.box.height + MARGIN_MM + below)


def writing_in(depth: Picture, field: Field, template: Template) -> Picture:
    """Cut out a field's zone and take away what is printed there, and what reaches in.

    Parameters
    ----------
    depth
        From `page_depth`.
    field
        One of the template's.
    template
        The form.

    Returns
    -------
    writing
        uint8, the zone at 200 dots an inch: 0 for paper, else the depth of the ink, which is
        nowhere below 40; all 0 if nothing was written.
    """
    zone = zone_of(field)
    printed = _other_print(template, field, zone)
    writing = remove_strokes(cut(depth, zone), _moved(field.strokes(), zone), PX_PER_MM)
    writing[printed > 0] = 0
    mask = np.asarray(writing >= FAINTEST, np.uint8)
    kept = _own_parts(mask, _inner(field, zone), _least_share(field))
    soft = cv2.dilate(kept, np.ones((3, 3), np.uint8))
    return np.asarray(np.where(soft > 0, writing, 0), np.uint8)


def cut(page: Picture, zone: Rect) -> Picture:
    """A part of a page at 200 dots an inch; what lies beyond its edges is 0."""
    left, top, right, bottom = pixels(zone)
    height, width = page.shape
    inside = page[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    framed = cv2.copyMakeBorder(
        inside,
        max(-top, 0),
        max(bottom - height, 0),
        max(-left, 0),
        max(right - width, 0),
        cv2.BORDER_CONSTANT,
        value=0,
    )
    return np.asarray(framed, np.uint8)


def pixels(zone: Rect) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a zone in pixels of the aligned page."""
    ends = (zone.left, zone.top, zone.right, zone.bottom)
    left, top, right, bottom = (round(end * PX_PER_MM) for end in ends)
    return left, top, right, bottom


def _other_print(template: Template, field: Field, zone: Rect) -> Picture:
    """What the blank form shows in a zone besides the field's own lines: labels, other fields."""
    printed = cut(_blank_depth(template), zone)
    for x0, y0, x1, y1 in _moved(field.strokes(), zone):
        left, top, right, bottom = pixels(Rect(x0, y0, x1 - x0, y1 - y0).grown(LINE_ROOM_MM))
        printed[max(top, 0) : bottom, max(left, 0) : right] = 0
    return np.asarray(printed >= PRINT_DEPTH, np.uint8)


@lru_cache(maxsize=4)
def _blank_depth(template: Template) -> Picture:
    depth = depth_of(blank_page(template, DPI), PX_PER_MM)
    return np.asarray(cv2.dilate(depth, np.ones((5, 5), np.uint8)), np.uint8)


def _moved(strokes: list[Stroke], zone: Rect) -> list[Stroke]:
    left, top = (round(end * PX_PER_MM) / PX_PER_MM for end in (zone.left, zone.top))
    return [Stroke(x0 - left, y0 - top, x1 - left, y1 - top) for x0, y0, x1, y1 in strokes]


def _inner(field: Field, zone: Rect) -> NDArray[np.bool_]:
    """Which pixels of the zone lie in the field's box, or just under its rule."""
    left, top, right, bottom = pixels(zone)
    box_left, box_top, box_right, box_bottom = pixels(field.box)
    inner = np.zeros((bottom - top, right - left), bool)
    below = round(1.5 * PX_PER_MM) if field.style is Style.line else 0
    rows = slice(box_top - top, box_bottom - top + below)
    inner[rows, box_left - left : box_right - left] = True
    return inner


def _least_share(field: Field) -> float:
    return LEAST_SHARE_OF_CHECK if field.style is Style.check else LEAST_SHARE


def _own_parts(mask: Picture, inner: NDArray[np.bool_], least_share: float) -> Picture:
    """The pieces of ink that are no specks and of which enough lies in the box."""
    n_parts, parts, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    inside = np.bincount(parts[inner], minlength=n_parts)
    areas = stats[:, cv2.CC_STAT_AREA]
    extents = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    kept = areas >= LEAST_AREA_MM2 * PX_PER_MM**2
    kept &= extents >= LEAST_EXTENT_MM * PX_PER_MM
    kept &= inside >= least_share * areas
    kept[0] = False
    return np.asarray(kept[parts], np.uint8)
