"""Writing is found in its field, and shared out to cells; check boxes are told apart."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.reading.forms.drawing import GLYPHS, TEXTS

from hdalr.reading.forms import Label, Template, align, print_form
from hdalr.reading.forms.cells import find_cells
from hdalr.reading.forms.checkbox import read_check
from hdalr.reading.forms.filling import Pen, fill_form
from hdalr.reading.forms.template import Field, Rect, Stroke, Style
from hdalr.reading.forms.writing import PX_PER_MM, page_depth, pixels, writing_in, zone_of
from hdalr.reading.result import Reason

COMB = Field("comb", Rect(10, 10, 42, 8), Style.comb, cells=6)
CHECK = Field("check", Rect(10, 10, 5, 5), Style.check)


def zone(field: Field, *strokes: tuple[float, float, float, float]) -> np.ndarray:
    """Strokes of a pen, in millimetres on the page, as writing in a field's zone."""
    left, top, right, bottom = pixels(zone_of(field))
    page = np.zeros((bottom, right), np.uint8)
    for x0, y0, x1, y1 in strokes:
        ends = [(round(x * PX_PER_MM), round(y * PX_PER_MM)) for x, y in ((x0, y0), (x1, y1))]
        cv2.line(page, *ends, 180, 4)
    return page[top:, left:]


def stem(cell: float) -> tuple[float, float, float, float]:
    x = 10 + 7 * (cell + 0.5)
    return x, 11, x, 17


def numbers(*strokes: tuple[float, float, float, float]) -> list[int]:
    return [cell.number for cell in find_cells(zone(COMB, *strokes), COMB)]


def test_each_stroke_lies_in_its_cell() -> None:
    assert numbers(stem(0), stem(3), stem(5)) == [0, 3, 5]
    assert numbers() == []


def test_a_character_that_reaches_over_the_divider_stays_whole() -> None:
    bar = (11.0, 12.0, 18.5, 12.0)  # 6 mm in the first cell, 1.5 mm in the second
    (cell,) = find_cells(zone(COMB, bar), COMB)
    assert cell.number == 0
    assert cell.box.right - cell.box.left > 7.5 * PX_PER_MM


def test_characters_that_touch_are_cut_at_the_divider() -> None:
    joined = (12.0, 14.0, 29.0, 14.0)  # through the first three cells
    assert numbers(joined, stem(0), stem(1), stem(2)) == [0, 1, 2]


def test_a_cell_holds_its_own_ink_only() -> None:
    first, second = find_cells(zone(COMB, stem(0), stem(1)), COMB)
    assert first.box.right <= second.box.left
    assert first.ink.shape[1] < 3 * PX_PER_MM


def test_what_is_printed_is_no_writing(form: Template) -> None:
    depth = page_depth(align(print_form(form, 200), form).page)
    for field in form.fields:
        assert not writing_in(depth, field, form).any(), field.name


def test_print_inside_a_box_is_no_writing(form: Template) -> None:
    hinted = replace(form, labels=(Label("DDMMYY", 112, 83, 5.0),))
    depth = page_depth(align(print_form(hinted, 200), hinted).page)
    note = form.fields[4]
    assert writing_in(depth, note, form).any()
    assert not writing_in(depth, note, hinted).any()


def test_writing_beside_a_box_is_not_its_own(form: Template) -> None:
    page = print_form(form, 254).copy()  # ten pixels a millimetre
    note = form.fields[4].box
    below = round(note.bottom * 10) + 5
    page[below : below + 8, 1150:1400] = 30
    depth = page_depth(align(page, form).page)
    assert not writing_in(depth, form.fields[4], form).any()
    page[below - 60 : below, 1200:1206] = 30  # a descender: most of it is in the box
    page[below - 60 : below - 54, 1150:1400] = 30
    depth = page_depth(align(page, form).page)
    assert writing_in(depth, form.fields[4], form).any()


def test_writing_is_found_in_its_own_field_only(form: Template) -> None:
    rng = np.random.default_rng(0)
    page = fill_form(form, TEXTS, GLYPHS, rng, Pen(unrest=0.02))
    depth = page_depth(align(page, form).page)
    for field in form.fields:
        written = writing_in(depth, field, form).any()
        assert written == (TEXTS[field.name] not in ("", "false")), field.name


def test_a_pale_pencil_is_writing(form: Template) -> None:
    page = fill_form(form, TEXTS, GLYPHS, np.random.default_rng(0), Pen(grey=165))
    depth = page_depth(align(page, form).page)
    number = form.fields[0]
    assert len(find_cells(writing_in(depth, number, form), number)) == len(TEXTS["number"])


CROSS = ((10.5, 10.5, 14.5, 14.5), (14.5, 10.5, 10.5, 14.5))
TICK = ((11.0, 12.5, 12.0, 14.0), (12.0, 14.0, 15.5, 9.5))


@pytest.mark.parametrize(
    ("strokes", "text"), [(CROSS, "true"), (TICK, "true"), ((), "false")], ids=["x", "tick", "none"]
)
def test_a_cross_and_a_tick_are_true(strokes: tuple[Stroke, ...], text: str) -> None:
    reading = read_check(zone(CHECK, *strokes), CHECK)
    assert (reading.text, reading.accepted, reading.reason) == (text, True, None)
    assert reading.confidence > 0.9


def test_a_dot_and_a_blackened_box_are_ambiguous() -> None:
    dot = zone(CHECK)
    dot[30:36, 32:39] = 180
    for writing in (dot, np.full_like(dot, 180)):
        reading = read_check(writing, CHECK)
        assert (reading.accepted, reading.reason) == (False, Reason.ambiguous)
