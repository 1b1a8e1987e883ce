"""Printed lines go, the ink on them stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hdalr.reading.forms.rules import remove_strokes
from hdalr.reading.forms.template import Stroke

LINE = Stroke(1, 5.05, 29, 5.05)  # row 50 at ten pixels a millimetre


def page(line: int, row: int = 50) -> np.ndarray:
    depth = np.zeros((100, 300), np.uint8)
    depth[row - 1 : row + 2, 10:290] = line
    return depth


@pytest.mark.parametrize("row", [45, 48, 50, 53, 55])
@pytest.mark.parametrize("line", [30, 70, 220])
def test_a_line_is_found_near_its_place_and_goes(row: int, line: int) -> None:
    assert remove_strokes(page(line, row), [LINE], 10).max() < 25


@pytest.mark.parametrize("line", [60, 220])
def test_ink_that_crosses_a_line_is_not_cut(line: int) -> None:
    depth = page(line)
    depth[20:80, 100:106] = 200
    clean = remove_strokes(depth, [LINE], 10)
    assert clean[20:80, 101:105].min() >= 180
    assert clean[:, 150:].max() < 25


def test_ink_away_from_the_line_is_not_touched() -> None:
    depth = page(60)
    depth[20:30, 100:200] = 90
    np.testing.assert_array_equal(remove_strokes(depth, [LINE], 10)[:40], depth[:40])


def test_upright_lines_go_as_well() -> None:
    depth = np.ascontiguousarray(page(60).T)
    assert remove_strokes(depth, [Stroke(5.05, 1, 5.05, 29)], 10).max() < 25


@given(arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 30))))
def test_any_picture_is_taken_and_nothing_is_added(depth: np.ndarray) -> None:
    strokes = [Stroke(0, 1, 3, 1), Stroke(1, 0, 1, 3), Stroke(0, 9, 9, 9)]
    before = depth.copy()
    clean = remove_strokes(depth, strokes, 8)
    assert clean.shape == depth.shape
    assert (clean <= depth).all()
    np.testing.assert_array_equal(depth, before)
