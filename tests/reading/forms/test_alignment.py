"""Photos and scans of forms are laid over their template."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.reading.forms.drawing import GLYPHS, TEXTS

from hdalr.errors import DataError
from hdalr.reading.forms import Field, Label, Rect, Style, Template, align, print_form
from hdalr.reading.forms.alignment import find_alignment, millimetres_to_pixels
from hdalr.reading.forms.filling import FILL_DPI, Pen, fill_form
from hdalr.reading.forms.marks import Homography, find_marks, project
from hdalr.reading.forms.photo import photograph


def filled(form: Template, seed: int = 0) -> np.ndarray:
    return fill_form(form, TEXTS, GLYPHS, np.random.default_rng(seed), Pen())


def worst_mm(form: Template, truth: Homography, found: Homography) -> float:
    """How far off the worst corner of a box is, on the form."""
    boxes = [field.box for field in form.fields]
    corners = np.array(
        [(x, y) for b in boxes for x in (b.left, b.right) for y in (b.top, b.bottom)]
    )
    seen = project(truth @ millimetres_to_pixels(FILL_DPI), corners)
    return float(np.hypot(*(project(np.linalg.inv(found), seen) - corners).T).max())


@pytest.mark.parametrize("seed", range(6))
def test_a_photo_is_aligned_within_a_fifth_of_a_millimetre(form: Template, seed: int) -> None:
    photo, truth = photograph(filled(form, seed), np.random.default_rng(seed))
    found = align(photo, form)
    assert found.method == "marks"
    assert found.agreement > 0.5
    assert worst_mm(form, truth, found.homography) < 0.2
    assert found.page.shape == form.size_px(200)[::-1]


@pytest.mark.parametrize("turns", range(4))
def test_a_scan_may_lie_any_way_round(form: Template, turns: int) -> None:
    page = filled(form)
    found = align(np.rot90(page, turns).copy(), form)
    upright = align(page, form)
    difference = np.abs(found.page.astype(int) - upright.page)
    assert difference.mean() < 2


def test_the_homography_leads_to_pixels_of_the_picture_as_given(form: Template) -> None:
    page = cv2.resize(print_form(form, 400), None, fx=2, fy=2)  # larger than what is worked on
    found = align(page, form)
    middle = project(found.homography, np.array([[105.0, 74.0]]))[0]
    assert middle == pytest.approx((105 * 800 / 25.4 - 0.5, 74 * 800 / 25.4 - 0.5), abs=2)


def test_without_marks_the_form_is_found_by_its_print(form: Template) -> None:
    bare = replace(form, marks=False)
    photo, truth = photograph(filled(bare), np.random.default_rng(1))
    found = align(photo, bare)
    assert found.method == "picture"
    assert worst_mm(bare, truth, found.homography) < 0.5


def test_a_covered_mark_does_not_lose_the_form(form: Template) -> None:
    page = filled(form)
    page[-200:, -200:] = 230  # a thumb
    found = align(page, form)
    assert found.method == "picture"
    assert worst_mm(form, np.eye(3), found.homography) < 0.5


def test_the_own_picture_aligns_a_form_that_we_did_not_print(form: Template, tmp_path) -> None:
    scan = print_form(
        replace(form, marks=False, labels=(*form.labels, Label("Old", 150, 120))), 150
    )
    cv2.imwrite(str(tmp_path / "blank.png"), scan)
    own = replace(form, marks=False, picture=tmp_path / "blank.png")
    turned = np.rot90(scan, 1).copy()
    assert np.abs(align(turned, own).page.astype(int) - align(scan, own).page).mean() < 3


def test_white_on_black_is_turned_into_black_on_white(form: Template) -> None:
    page = filled(form)
    found = align(255 - page, form)
    assert np.median(found.page) > 200


@pytest.mark.parametrize("guess", [True, False])
def test_a_wrong_guess_of_what_is_dark_does_no_harm(
    form: Template, guess: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As for a page half in the sun on a dark desk: what stands out most is the bright half.
    monkeypatch.setattr("hdalr.reading.forms.alignment.is_dark_on_light", lambda picture: guess)
    for page in (filled(form), 255 - filled(form)):
        found = align(page, form)
        assert found.method == "marks"
        assert np.median(found.page) > 200


def test_another_form_with_the_same_marks_is_refused(form: Template) -> None:
    boxes = (Field(f"f{n}", Rect(30, 30 + 15 * n, 100, 8), Style.comb, cells=12) for n in range(6))
    other = Template("other", form.width, form.height, tuple(boxes), title="Quite another one")
    assert find_marks(filled(form), other) is not None
    assert find_alignment(filled(form), other) is None
    with pytest.raises(DataError, match="form 'other' was not found on the picture; expected the"):
        align(filled(form), other)


@pytest.mark.parametrize("kind", ["white", "black", "noise", "squares"])
def test_what_is_no_form_is_refused(form: Template, kind: str) -> None:
    rng = np.random.default_rng(0)
    page = np.full((900, 1200), 0 if kind == "black" else 255, np.uint8)
    if kind == "noise":
        page = rng.integers(0, 256, page.shape).astype(np.uint8)
    if kind == "squares":
        for top, left in rng.integers(0, 800, (200, 2)):
            page[top : top + 25, left : left + 25] = 0
    assert find_alignment(page, form) is None


@pytest.mark.parametrize(
    "page",
    [np.zeros((400, 400)), np.zeros((400, 400, 3), np.uint8), np.zeros((0, 9), np.uint8), None],
    ids=["float", "colour", "empty", "none"],
)
def test_what_is_no_grey_picture_is_refused(form: Template, page: np.ndarray) -> None:
    with pytest.raises(DataError, match="the page has"):
        align(page, form)
