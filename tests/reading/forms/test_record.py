"""A filled form becomes a record."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.reading.forms.drawing import GLYPHS, TEXTS, Nearest

from hdalr.errors import DataError, ParameterError
from hdalr.reading.forms import Field, Rect, Style, Template, read_form
from hdalr.reading.forms.filling import FILL_DPI, Pen, fill_form
from hdalr.reading.forms.photo import photograph
from hdalr.reading.result import Reason

PEN = Pen(grey=30, size=0.7, unrest=0.02)
READ_AS_LINES = {"amount": "42"}  # what the stand-in says of any line


def fill(form: Template, **texts: str) -> np.ndarray:
    return fill_form(form, TEXTS | texts, GLYPHS, np.random.default_rng(0), PEN)


def test_every_field_is_read_in_the_order_of_the_template(form: Template, reader: Nearest) -> None:
    record = read_form(fill(form), form, reader)
    assert list(record.fields) == [field.name for field in form.fields]
    texts = {name: reading.text for name, reading in record.fields.items()}
    assert texts == TEXTS | READ_AS_LINES
    assert (record.accepted, record.reason) == (True, None)


def test_a_photo_gives_what_the_page_gives(form: Template, reader: Nearest) -> None:
    photo, _ = photograph(fill(form), np.random.default_rng(4))
    record = read_form(photo, form, reader)
    assert {name: r.text for name, r in record.fields.items()} == TEXTS | READ_AS_LINES


def test_the_record_is_plain_json(form: Template, reader: Nearest) -> None:
    content = json.loads(json.dumps(read_form(fill(form), form, reader).to_dict()))
    assert list(content)[:3] == ["form", "text", "accepted"]
    assert content["fields"]["number"]["text"] == TEXTS["number"]
    assert content["alignment"]["method"] == "marks"
    assert "number: 4070123" in content["text"].splitlines()


def test_boxes_are_in_pixels_of_the_picture_as_given(form: Template, reader: Nearest) -> None:
    page = fill(form)
    for turns in (0, 2):
        turned = np.rot90(page, turns).copy()
        first = read_form(turned, form, reader).fields["number"].characters[0].box
        piece = turned[first.top : first.bottom, first.left : first.right]
        cell = form.fields[0].cell(0)
        middle = (
            np.array([cell.top + cell.height / 2, cell.left + cell.width / 2]) * FILL_DPI / 25.4
        )
        if turns:
            middle = np.array(page.shape) - middle
        found = np.array([first.top + first.bottom, first.left + first.right]) / 2
        assert np.abs(found - middle).max() < 15
        assert piece.min() < 60


def test_lines_are_read_with_what_the_template_asks(form: Template, reader: Nearest) -> None:
    read_form(fill(form), form, reader, max_error=0.05)
    (asked,) = reader.asked
    assert asked["layout"] == "line"
    assert asked["alphabet"] == "digits"
    assert asked["max_error"] == 0.05
    assert np.median(asked["picture"]) == 255  # dark writing on white, the rule taken away


def test_a_required_blank_field_rejects_the_form(form: Template, reader: Nearest) -> None:
    strict = replace(form, fields=tuple(replace(f, required=True) for f in form.fields[:1]))
    record = read_form(fill(form, number=""), strict, reader)
    assert (record.accepted, record.reason) == (False, "fields")
    number = record.fields["number"]
    assert (number.text, number.accepted, number.reason) == ("", False, Reason.blank)


def test_a_blank_form_reads_as_nothing(form: Template, reader: Nearest) -> None:
    record = read_form(fill_form(form, {}, GLYPHS, np.random.default_rng(0)), form, reader)
    assert record.accepted
    assert {reading.text for reading in record.fields.values()} == {"", "false"}
    assert not reader.asked


def test_a_gap_is_a_space_where_nothing_speaks_against(reader: Nearest) -> None:
    field = Field("free", Rect(20, 40, 63, 8), Style.comb, cells=9, alphabet="digits")
    form = Template("gap", 105, 105, (field,), title="Gaps")
    page = fill_form(form, {"free": "41"}, GLYPHS, np.random.default_rng(0), PEN)
    right = round(field.cell(4).left / 25.4 * FILL_DPI)
    scale = FILL_DPI / 25.4
    cell = page[
        round(40.5 * scale) : round(47.5 * scale), round(27.6 * scale) : round(33.4 * scale)
    ]
    moved = cell.copy()
    cell[:] = 255
    page[round(40.5 * scale) :, right + 6 :][: moved.shape[0], : moved.shape[1]] = moved
    for pattern, text in ((None, "4   1"), (r"\d+", "41")):
        template = replace(form, fields=(replace(field, pattern=pattern),))
        assert read_form(page, template, reader).fields["free"].text == text


def test_a_strict_error_rate_rejects_more(form: Template, reader: Nearest) -> None:
    loose, strict = (read_form(fill(form), form, reader, max_error=p) for p in (0.5, 1e-9))
    assert loose.fields["number"].accepted
    assert not strict.fields["number"].accepted
    assert strict.fields["number"].text == TEXTS["number"]


def test_another_picture_is_a_rejected_record(form: Template, reader: Nearest) -> None:
    record = read_form(np.full((800, 1000), 230, np.uint8), form, reader)
    assert (record.accepted, record.reason, dict(record.fields)) == (False, "alignment", {})
    assert record.to_dict()["confidence"] == 0


def test_what_cannot_be_is_refused(form: Template, reader: Nearest) -> None:
    with pytest.raises(ParameterError, match=r"max_error=0 is not allowed; expected more than 0"):
        read_form(fill(form), form, reader, max_error=0)
    with pytest.raises(DataError, match="the page has type float64"):
        read_form(np.zeros((500, 500)), form, reader)
