"""A comb is read as a whole, and each cell is judged by what may stand in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.reading.forms.drawing import GLYPHS, LABELS, Nearest

from hdalr.reading.forms import Field, Rect, Style
from hdalr.reading.forms.comb import read_comb
from hdalr.reading.result import Reason

FIELD = Field("f", Rect(0, 0, 70, 8), Style.comb, cells=10)


class Told:
    """Says of each cell what it was told; what is left is "not a character"."""

    def __init__(self, *cells: dict[str, float]) -> None:
        self.cells = cells

    def character_log_probs(self, inks, alphabet=None):
        rows = [[cell.get(label, 0.0) for label in LABELS] for cell in self.cells]
        left = [1 - sum(row) for row in rows]
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(np.column_stack([rows, left]), 0)), tuple(LABELS)


def read(field: Field, *cells: dict[str, float]):
    return read_comb([GLYPHS["0"][0]] * len(cells), field, Told(*cells))


def test_characters_are_read_in_their_order(reader: Nearest) -> None:
    comb = read_comb([GLYPHS[character][0] for character in "72B4A"], FIELD, reader)
    assert comb.text == "72B4A"
    assert comb.reason is None
    assert comb.confidence > 0.9


def test_the_pattern_decides_over_the_whole_comb() -> None:
    code = replace(FIELD, pattern="4B|9A")
    # Cell by cell 9B would be read, which may not stand; 9A is the more probable of the two.
    comb = read(code, {"4": 0.2, "9": 0.8}, {"A": 0.4, "B": 0.6})
    assert comb.text == "9A"
    assert comb.shares == pytest.approx((0.8, 0.4))


def test_a_look_alike_counts_only_where_it_cannot_be_meant() -> None:
    code = replace(FIELD, pattern="[A-Z][0-9]")
    comb = read(code, {"O": 0.9, "0": 0.1}, {"O": 0.9, "0": 0.1})
    assert comb.text == "O0"
    assert comb.shares == pytest.approx((1.0, 1.0))
    assert comb.confidence > 0.9


def test_a_forbidden_character_is_not_masked_into_a_sure_one() -> None:
    comb = read(replace(FIELD, alphabet="digits"), {"A": 0.97, "4": 0.02}, {"7": 0.99})
    assert comb.text == "47"
    assert comb.confidence < 0.05
    assert comb.doubt is Reason.pattern


def test_separators_of_the_pattern_are_written_and_take_no_cell() -> None:
    date = replace(FIELD, pattern=r"\d\d\.\d\d")
    comb = read(date, *({digit: 0.99} for digit in "3112"))
    assert comb.text == "31.12"
    assert comb.shown == ("3", "1", "1", "2")


def test_too_few_characters_fit_no_pattern() -> None:
    comb = read(replace(FIELD, pattern=r"\d{5}"), *({digit: 0.99} for digit in "311"))
    assert (comb.text, comb.reason, comb.confidence) == ("", Reason.pattern, 0.0)
    assert comb.shown == ("3", "1", "1")
    assert comb.shares == pytest.approx((0.99,) * 3, abs=0.01)
    assert [options[0][0] for options in comb.alternatives] == ["3", "1", "1"]


def test_what_passes_no_check_is_shown_nevertheless() -> None:
    comb = read(replace(FIELD, pattern="17", check="luhn"), {"1": 0.99}, {"7": 0.99})
    assert (comb.text, comb.reason, comb.shown) == ("", Reason.pattern, ("1", "7"))


def test_the_best_text_that_passes_the_check_is_taken() -> None:
    number = replace(FIELD, alphabet="digits", check="luhn")
    # 18 passes, 17 does not.
    comb = read(number, {"1": 0.99}, {"7": 0.6, "8": 0.39})
    assert comb.text == "18"


def test_a_blot_is_no_character() -> None:
    comb = read(FIELD, {"1": 0.99}, {"7": 0.1})
    assert comb.reason is Reason.not_a_character


def test_equally_probable_texts_are_ambiguous() -> None:
    comb = read(FIELD, {"1": 0.5, "7": 0.5}, {"2": 1.0})
    assert comb.confidence == pytest.approx(0.5, abs=0.01)
    assert comb.doubt is Reason.ambiguous


def test_small_letters_count_as_capitals_where_only_these_may_stand() -> None:
    assert read(replace(FIELD, alphabet="upper"), {"A": 0.6, "B": 0.3}).text == "A"
