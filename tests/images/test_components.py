from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hdalr.errors import DataError
from hdalr.images.components import (
    MOST_COMPONENTS,
    check_ink,
    find_components,
    mask_ink,
    select_components,
    text_height,
)

INKS = arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([[0]], "got list"),
        (np.zeros((3, 3)), "type float64"),
        (np.zeros((1, 3, 3), np.uint8), r"shape \(1, 3, 3\)"),
        (np.zeros((0, 3), np.uint8), r"shape \(0, 3\)"),
    ],
)
def test_what_is_no_picture_is_refused(wrong: object, said: str) -> None:
    with pytest.raises(DataError, match=said):
        check_ink(wrong)  # type: ignore[arg-type]


@given(INKS)
def test_a_mask_holds_the_darkest_and_nothing_that_is_paper(ink: np.ndarray) -> None:
    mask = mask_ink(ink)
    assert mask.shape == ink.shape
    assert not mask[ink == 0].any()
    if ink.max() >= 48:
        assert mask[ink == ink.max()].all()
    else:
        assert not mask.any()


def test_background_print_is_not_ink() -> None:
    ink = np.zeros((40, 40), np.uint8)
    ink[::4] = 60  # security print
    ink[10:30, 18:22] = 255
    mask = mask_ink(ink)
    assert mask[10:30, 18:22].all()
    assert mask.sum() == 80


@given(INKS)
def test_labels_boxes_and_areas_tell_the_same(ink: np.ndarray) -> None:
    parts = find_components(mask_ink(ink))
    assert (parts.labels > 0).sum() == parts.areas.sum()
    for number, (top, bottom, left, right) in enumerate(parts.boxes, start=1):
        rows, columns = np.nonzero(parts.labels == number)
        assert (rows.min(), rows.max() + 1) == (top, bottom)
        assert (columns.min(), columns.max() + 1) == (left, right)


def test_specks_are_dropped_from_the_labels_as_well() -> None:
    mask = np.zeros((9, 9), bool)
    mask[0, 0] = mask[4:7, 4] = True
    parts = find_components(mask, smallest_px=2)
    assert parts.boxes.tolist() == [[4, 7, 4, 5]]
    assert parts.labels[0, 0] == 0
    assert parts.labels[5, 4] == 1


def test_of_a_million_specks_the_largest_are_kept() -> None:
    mask = np.zeros((300, 300), bool)
    mask[::2, ::2] = True
    mask[150, 100:140] = True
    parts = find_components(mask)
    assert len(parts.areas) == MOST_COMPONENTS
    assert parts.areas.max() > 40


def test_selecting_none_leaves_paper() -> None:
    parts = find_components(np.ones((3, 3), bool))
    none = select_components(parts, np.array([False]))
    assert not none.labels.any()
    assert none.boxes.shape == (0, 4)


def test_dots_and_dashes_do_not_change_the_text_height() -> None:
    mask = np.zeros((60, 400), bool)
    for x in range(10, 200, 20):
        mask[10:40, x : x + 3] = True
    mask[50:52, 10:400:6] = True  # a dotted line
    mask[25:27, 220:380] = True  # a dash
    assert text_height(find_components(mask)) == 30


def test_a_blank_picture_has_no_text_height() -> None:
    assert text_height(find_components(np.zeros((5, 5), bool))) == 0
