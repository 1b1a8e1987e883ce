"""Registration marks: four squares by which a photo of a form is aligned.

One stands in each corner, and a smaller fifth one beside the first tells which way is up.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.picture import Picture
from hdalr.reading.forms.shading import depth_of
from hdalr.reading.forms.template import Rect, Template

Points = NDArray[np.float64]  # (n_points, 2), x and y
Homography = NDArray[np.float64]  # (3, 3)

SIDE_MM, EDGE_MM = 5.0, 6.0  # of a corner mark, and its distance from the page's edges
POINTER_MM, POINTER_GAP_MM = 2.5, 2.5  # the mark beside the first, and the gap between the two
QUIET_MM = 1.5  # of paper that is kept free around a mark
WORK_PX = 1600  # longer side of the picture in which marks are searched
DARK = (130, 90)  # depths beyond which a mark is told from paler print, in good light and in bad
MOST_CANDIDATES = 11
APART_PX = 4  # nearer ones are one square, found twice
LEAST_CONTRAST = 0.25  # share of the paper's light by which each mark has to be darker
N_INSIDE = 9  # points at which a mark has to be dark


def mark_boxes(template: Template) -> list[Rect]:
    """Where the marks are printed: top left, top right, bottom right, bottom left, pointer.

    Examples
    --------
    >>> mark_boxes(Template("a5", 148, 210, ()))[4]
    Rect(left=13.5, top=6.0, width=2.5, height=2.5)
    """
    right, bottom = template.width - EDGE_MM - SIDE_MM, template.height - EDGE_MM - SIDE_MM
    corners = [(EDGE_MM, EDGE_MM), (right, EDGE_MM), (right, bottom), (EDGE_MM, bottom)]
    squares = [Rect(left, top, SIDE_MM, SIDE_MM) for left, top in corners]
    pointer = Rect(EDGE_MM + SIDE_MM + POINTER_GAP_MM, EDGE_MM, POINTER_MM, POINTER_MM)
    return [*squares, pointer]


def mark_zones(template: Template) -> list[Rect]:
    """Where nothing else may be printed: the marks and the paper around; none without marks."""
    return [box.grown(QUIET_MM) for box in mark_boxes(template)] if template.marks else []


def find_marks(page: Picture, template: Template) -> Homography | None:
    """Find the marks on a photo or scan, turned and in perspective as it may be.

    Dark squares are gathered; each four of them, in each of their four turns, say how the page
    would lie; taken is what has dark marks with light surroundings at all five places.

    Parameters
    ----------
    page
        uint8, shape (height, width), dark print on light paper.
    template
        The form.

    Returns
    -------
    homography
        float64, shape (3, 3): from millimetres on the form to pixels of the picture, which count
        from the middle of the first one; None if no such four squares are there.
    """
    scale = min(1.0, WORK_PX / max(page.shape))
    small = np.asarray(
        cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    )
    # The page may fill the picture or a part of it: a guess of the resolution is near enough.
    depth = depth_of(small, max(small.shape) / max(template.width, template.height))
    best, best_score = None, LEAST_CONTRAST
    for corners in _turned(_dark_squares(depth)):
        homography = _homography(template, corners)
        score = _contrast(depth, homography, template)
        if score > best_score:
            best, best_score = homography, score
    if best is None:
        return None
    shift = 0.5 / scale - 0.5  # pixels count from their middles, whatever their size
    return np.array([[1 / scale, 0, shift], [0, 1 / scale, shift], [0, 0, 1]]) @ best


def _dark_squares(depth: Picture) -> Points:
    """Middles of what may be marks, the largest and most square ones first."""
    found: list[tuple[float, Points]] = []
    for least in DARK:
        dark = np.asarray(depth > least, np.uint8)
        outlines, _ = cv2.findContours(dark, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        found += [_squareness(np.asarray(outline)) for outline in outlines]
    found.sort(key=lambda item: -item[0])
    chosen: list[Points] = []
    for squareness, centre in found:
        if not squareness or len(chosen) == MOST_CANDIDATES:
            break
        if all(np.hypot(*(centre - other)) >= APART_PX for other in chosen):
            chosen.append(centre)
    return np.array(chosen).reshape(-1, 2)


def _squareness(outline: NDArray[Any]) -> tuple[float, Points]:
    """How well an outline fills a square seen from wherever, 0 if not at all, and its middle."""
    centre, sides, _ = cv2.minAreaRect(outline)
    longer, shorter = max(sides) + 1, min(sides) + 1  # outlines run through pixels' middles
    area = cv2.contourArea(outline) + cv2.arcLength(outline, True) / 2 + 1
    filled, proportion = area / (longer * shorter), shorter / longer
    if shorter < 7 or longer > 90 or filled < 0.72 or proportion < 0.45:
        return 0.0, np.asarray(centre)
    moments = cv2.moments(outline)
    if moments["m00"] > 0:
        centre = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    return float(filled * proportion * np.sqrt(area)), np.asarray(centre, np.float64)


def _turned(squares: Points) -> list[Points]:
    """Each four squares as corners of the page in their order around it, from each of the four."""
    orders = []
    for four in combinations(range(len(squares)), 4):
        # "Clockwise" is meant for y upwards.
        hull = cv2.convexHull(squares[list(four)].astype(np.float32), clockwise=False)
        if len(hull) == 4:
            corners = hull.reshape(4, 2).astype(np.float64)
            orders += [np.roll(corners, turn, axis=0) for turn in range(4)]
    return orders


def _homography(template: Template, corners: Points) -> Homography:
    middles = [
        (box.left + box.width / 2, box.top + box.height / 2) for box in mark_boxes(template)[:4]
    ]
    return np.asarray(
        cv2.getPerspectiveTransform(np.array(middles, np.float32), corners.astype(np.float32)),
        np.float64,
    )


def _contrast(depth: Picture, homography: Homography, template: Template) -> float:
    """How much darker the palest mark is than the paper around it, as a share of full depth."""
    points = _places(template)
    columns, rows = np.rint(project(homography, points.reshape(-1, 2))).T
    height, width = depth.shape
    if not ((columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)).all():
        return 0.0  # NaN, too
    values = depth[rows.astype(int), columns.astype(int)].reshape(points.shape[:2])
    inside, around = np.sort(values[:, :N_INSIDE]), np.sort(values[:, N_INSIDE:])
    # A scratch over a mark, or a finger's edge beside it, may spoil one point in ten.
    depths = inside[:, 1].astype(float) - around[:, around.shape[1] * 3 // 4]
    return float(depths.min()) / 255


@lru_cache(maxsize=8)
def _places(template: Template) -> Points:
    """Points inside and around each mark, shape (5, n_points, 2)."""
    inside = np.array([0.25, 0.5, 0.75])
    edge = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    places = []
    for box in mark_boxes(template):
        zone = box.grown(QUIET_MM * 0.7)
        within = [
            (box.left + x * box.width, box.top + y * box.height) for x in inside for y in inside
        ]
        beside = [
            (zone.left + x * zone.width, zone.top + y * zone.height)
            for x in edge
            for y in edge
            if x in (0, 1) or y in (0, 1)
        ]
        places.append(within + beside)
    return np.array(places)


def project(homography: Homography, points: Points) -> Points:
    """Apply a homography to points.

    Examples
    --------
    >>> project(np.diag([2.0, 2.0, 1.0]), np.array([[3.0, 4.0]]))
    array([[6., 8.]])
    """
    raised = np.column_stack([points, np.ones(len(points))]) @ homography.T
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(raised[:, :2] / raised[:, 2:], np.float64)
