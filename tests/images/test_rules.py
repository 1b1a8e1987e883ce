from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.images.writing import GLYPHS, draw, write

from hdalr.datasets import load_dataset
from hdalr.errors import DataError
from hdalr.images.rules import find_rules, remove_rules

INKS = arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)))


def turned(ink: np.ndarray, degrees: float) -> np.ndarray:
    height, width = ink.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(ink, turn, (width, height)), np.uint8)


def kept_share(before: np.ndarray, after: np.ndarray) -> float:
    """Share of the ink of one picture that is still in another."""
    return float(np.minimum(before, after).sum()) / float(before.sum())


@given(INKS)
def test_nothing_becomes_darker_and_the_input_stays(ink: np.ndarray) -> None:
    before = ink.copy()
    after = remove_rules(ink)
    assert after.dtype == np.uint8
    assert not np.shares_memory(after, ink)
    assert (after <= ink).all()
    np.testing.assert_array_equal(ink, before)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (30, 30)])
@pytest.mark.parametrize("value", [0, 1, 255])
def test_even_pictures_of_any_shape_are_answered(shape: tuple[int, int], value: int) -> None:
    ink = np.full(shape, value, np.uint8)
    assert remove_rules(ink).shape == shape
    find_rules(ink)


def test_floats_are_refused() -> None:
    with pytest.raises(DataError, match="expected a non-empty uint8 array"):
        find_rules(np.zeros((4, 4)))


@pytest.mark.parametrize("degrees", [-3, -1, 0, 1, 3])
@pytest.mark.parametrize("grey", [110, 255])
def test_a_ruled_line_under_the_writing_goes(degrees: float, grey: int) -> None:
    writing = write("58203", gap_px=8)
    rule = np.zeros_like(writing)
    rule[-8:-6] = grey
    ink, writing = turned(np.maximum(writing, rule), degrees), turned(writing, degrees)
    after = remove_rules(ink)
    assert kept_share(turned(rule, degrees), after) < 0.05
    assert kept_share(writing, after) > 0.98


def test_a_stroke_that_crosses_a_rule_is_not_torn() -> None:
    ink = np.zeros((60, 300), np.uint8)
    cv2.line(ink, (40, 10), (30, 55), 255, 4)
    cv2.line(ink, (100, 10), (100, 55), 255, 4)
    strokes = ink.copy()
    ink[40:42] = 255
    after = remove_rules(ink)
    assert kept_share(strokes, after) > 0.99
    assert not after[40:42, 150:].any()


def test_a_faint_rule_through_the_middle_leaves_the_level_strokes() -> None:
    ink = np.zeros((60, 300), np.uint8)
    ink[30:32] = 110
    for x in range(20, 280, 60):
        cv2.line(ink, (x, 31), (x + 20, 31), 255, 4)  # the bar of an H
        cv2.line(ink, (x, 10), (x, 50), 255, 4)
        cv2.line(ink, (x + 20, 10), (x + 20, 50), 255, 4)
    after = remove_rules(ink)
    assert (after[31, 30:280:60] == 255).all()
    assert not after[31, 50:70].any()


def comb(text: str, grey: int = 255) -> tuple[np.ndarray, np.ndarray]:
    """Digits in the cells of a comb; the digits alone."""
    writing = write(text, gap_px=24, margin_px=24)
    height, width = writing.shape
    box = np.zeros_like(writing)
    cv2.rectangle(box, (4, 6), (width - 5, height - 7), grey, 2)
    step = (width - 9) / len(text)
    for number in range(1, len(text)):
        x = round(4 + number * step)
        cv2.line(box, (x, 6), (x, height - 7), grey, 2)
    return np.maximum(writing, box), writing


@pytest.mark.parametrize("degrees", [-2, 0, 2])
def test_a_comb_and_its_dividers_go(degrees: float) -> None:
    ink, writing = (turned(picture, degrees) for picture in comb("902483"))
    after = remove_rules(ink)
    frame = np.where(writing > 0, 0, ink).astype(np.uint8)
    assert kept_share(frame, after) < 0.1
    assert kept_share(writing, after) > 0.97


def test_the_comb_is_told() -> None:
    rules = find_rules(comb("902483")[0])
    assert len(rules.horizontal) == 2
    assert len(rules.vertical) == 7
    assert list(rules.vertical) == sorted(rules.vertical, key=lambda box: box.left)


def test_an_empty_box_becomes_blank() -> None:
    ink = np.zeros((60, 60), np.uint8)
    cv2.rectangle(ink, (5, 5), (54, 54), 255, 2)
    assert np.count_nonzero(remove_rules(ink)) == 0


@pytest.mark.parametrize("character", sorted(GLYPHS))
@pytest.mark.parametrize("thickness", [2, 5, 8])
@pytest.mark.parametrize("margin_px", [0, 12])
def test_bars_and_stems_of_characters_stay(character: str, thickness: int, margin_px: int) -> None:
    ink = draw(character, thickness=thickness, margin_px=margin_px)
    np.testing.assert_array_equal(remove_rules(ink), ink)


@pytest.mark.parametrize("text", ["11", "111", "1711", "EEE", "T-T"])
def test_characters_side_by_side_stay(text: str) -> None:
    ink = write(text, gap_px=12)
    np.testing.assert_array_equal(remove_rules(ink), ink)


def test_the_bundled_digits_stay() -> None:
    for image in load_dataset("digits").test_images[:100]:
        large = np.asarray(cv2.resize(image, (64, 64), interpolation=cv2.INTER_CUBIC), np.uint8)
        np.testing.assert_array_equal(remove_rules(large), large)


def test_a_table_goes_and_its_writing_stays() -> None:
    ink = np.zeros((330, 500), np.uint8)
    writing = np.zeros_like(ink)
    for row, column in [(0, 1), (1, 0), (2, 3), (4, 2)]:
        top, left = 20 + 60 * row, 60 + 100 * column
        glyph = draw("Z", height_px=30)
        writing[top : top + len(glyph), left : left + glyph.shape[1]] = glyph
    for y in range(10, 320, 60):
        ink[y : y + 2, 20:480] = 255
    for x in (20, 478):
        ink[10:312, x : x + 2] = 255
    for x in range(120, 478, 100):
        ink[10:312, x : x + 2] = 255
    after = remove_rules(np.maximum(ink, writing))
    np.testing.assert_array_equal(after, writing)


def test_short_level_dividers_between_posts_go() -> None:
    ink = np.zeros((240, 90), np.uint8)
    cv2.rectangle(ink, (10, 10), (79, 229), 255, 2)
    for y in range(65, 220, 55):
        cv2.line(ink, (10, y), (79, y), 255, 2)
    writing = np.zeros_like(ink)
    writing[20:50, 35:40] = writing[75:105, 35:40] = writing[130:160, 35:40] = 255
    after = remove_rules(np.maximum(ink, writing))
    np.testing.assert_array_equal(after, writing)


@pytest.mark.parametrize("thickness", [4, 6])
def test_a_square_zero_drawn_with_a_pen_is_no_box(thickness: int) -> None:
    ink = np.zeros((80, 80), np.uint8)
    cv2.rectangle(ink, (20, 15), (56, 62), 255, thickness)
    np.testing.assert_array_equal(remove_rules(ink), ink)
