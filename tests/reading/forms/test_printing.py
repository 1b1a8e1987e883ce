"""The blank form as picture and file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hdalr.errors import DataError, ParameterError, StorageError
from hdalr.images.door import open_pages
from hdalr.reading.forms import Template, print_form, save_form
from hdalr.reading.forms.marks import mark_boxes
from hdalr.reading.forms.printing import DROP_OUT, blank_page


def test_the_page_has_its_size_and_its_marks(form: Template) -> None:
    page = print_form(form, dpi=127)  # five pixels a millimetre
    assert page.shape == (740, 1050)
    for box in mark_boxes(form):
        inside = page[
            round(box.top * 5) + 1 : round(box.bottom * 5) - 1,
            round(box.left * 5) + 1 : round(box.right * 5) - 1,
        ]
        assert (inside == 0).all()


def test_lines_to_write_in_are_pale_and_lie_where_they_should(form: Template) -> None:
    page = print_form(form, dpi=254)  # ten pixels a millimetre
    (number,) = (field for field in form.fields if field.name == "number")
    for index in range(number.cells + 1):
        column = round((number.box.left + index * number.box.width / number.cells) * 10)
        dark = np.flatnonzero(page[440, column - 5 : column + 5] < 255) - 5
        assert len(dark) == 2
        assert abs(dark.mean() + 0.5) <= 1
    assert page[440, 200:900].min() == DROP_OUT


def test_without_marks_and_title_only_fields_are_printed(form: Template) -> None:
    bare = replace(form, marks=False, title="", labels=(), fields=form.fields[:1])
    page = print_form(bare, dpi=127)
    rows = np.flatnonzero((page < 255).any(axis=1))
    assert rows[0] >= 35 * 5
    assert rows[-1] <= 49 * 5


def test_a_form_is_printed_alike_each_time(form: Template) -> None:
    np.testing.assert_array_equal(print_form(form), print_form(form))


@pytest.mark.parametrize("dpi", [0, 49, 601, float("nan")])
def test_a_wrong_resolution_is_refused(form: Template, dpi: float) -> None:
    with pytest.raises(ParameterError, match=r"dpi=.* is not allowed; choose a number from 50"):
        print_form(form, dpi)


def test_a_page_too_large_is_refused_before_it_is_drawn(form: Template) -> None:
    poster = replace(form, width=1000.0, height=1000.0)
    with pytest.raises(ParameterError, match="makes a page of 23622 x 23622 pixels; choose less"):
        print_form(poster, dpi=600)


def test_a_png_holds_the_page_and_its_resolution(form: Template, tmp_path: Path) -> None:
    path = save_form(form, tmp_path / "new" / "form.png", dpi=150)
    with Image.open(path) as picture:
        assert picture.info["dpi"] == pytest.approx((150, 150), abs=0.1)
        np.testing.assert_array_equal(np.asarray(picture), print_form(form, 150))


def test_a_pdf_has_the_true_size(form: Template, tmp_path: Path) -> None:
    path = save_form(form, str(tmp_path / "form.PDF"), dpi=100)
    (page,) = open_pages(path)  # rendered at 200 dots an inch
    assert page.picture.shape == pytest.approx((148 / 25.4 * 200, 210 / 25.4 * 200), abs=3)


def test_other_endings_and_places_are_refused(form: Template, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"written as .png or .pdf, not '.jpg'"):
        save_form(form, tmp_path / "form.jpg")
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not be written"):
        save_form(form, tmp_path / "file" / "form.png")
    (tmp_path / "form.png").mkdir()
    with pytest.raises(StorageError, match="could not be written"):
        save_form(form, tmp_path / "form.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "form.png"]


def test_the_own_picture_stands_for_the_blank_form(form: Template, tmp_path: Path) -> None:
    Image.fromarray(print_form(form, 100)).save(tmp_path / "blank.png")
    template = replace(form, picture=tmp_path / "blank.png")
    assert blank_page(template, 127).shape == (740, 1050)
    with pytest.raises(DataError, match=r"826 x 583 pixels; expected the proportions|827 x 583"):
        blank_page(replace(template, height=210.0), 100)
