"""Filled forms that the program makes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.reading.forms.drawing import GLYPHS, TEXTS

from hdalr.errors import ParameterError
from hdalr.reading.checks import CHECKS
from hdalr.reading.forms import Style, Template, load_template, print_form
from hdalr.reading.forms.filling import FILL_DPI, draw_texts, fill_form
from hdalr.reading.forms.photo import photograph
from hdalr.reading.forms.spelling import compile_field

EXAMPLES = Path(__file__).parents[3] / "examples" / "forms"


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_drawn_texts_may_stand_in_their_fields(path: Path) -> None:
    template = load_template(path)
    for seed in range(5):
        texts = draw_texts(template, np.random.default_rng(seed))
        for field in template.fields:
            text = texts[field.name]
            if field.style is Style.check:
                assert text in ("true", "false")
            elif text or field.required:
                assert compile_field(field).accepts(text)
                assert field.check is None or CHECKS[field.check](text)


def test_a_field_that_nothing_passes_is_named(form: Template) -> None:
    never = replace(form.fields[0], pattern="1234", check="date-iso")
    with pytest.raises(ParameterError, match="field 'number': no text that fits was met"):
        draw_texts(replace(form, fields=(never,)), np.random.default_rng(0), blank=0)


def test_a_form_filled_with_nothing_is_the_blank_form(form: Template) -> None:
    page = fill_form(form, {}, GLYPHS, np.random.default_rng(0))
    np.testing.assert_array_equal(page, print_form(form, FILL_DPI))


def test_a_seed_fixes_page_and_photo(form: Template) -> None:
    def make(seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        page = fill_form(form, TEXTS, GLYPHS, rng)
        return page, photograph(page, rng)[0]

    first, again, other = make(1), make(1), make(2)
    for one, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, same)
    assert first[1].shape != other[1].shape or (first[1] != other[1]).any()
