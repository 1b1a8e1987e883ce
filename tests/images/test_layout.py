from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.images.writing import GLYPHS, draw, write

from hdalr.datasets import load_dataset
from hdalr.errors import DataError
from hdalr.images.layout import cut_line, find_gaps, find_layout, find_lines

INKS = arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 30)))


@given(INKS)
def test_any_picture_is_answered_and_boxes_lie_inside(ink: np.ndarray) -> None:
    before = ink.copy()
    kind, lines = find_layout(ink)
    least = {"blank": 0, "character": 1, "line": 1, "lines": 2}[kind]
    assert len(lines) == least or (kind == "lines" and len(lines) > least)
    for line in lines:
        assert 0 <= line.top < line.bottom <= ink.shape[0]
        assert 0 <= line.left < line.right <= ink.shape[1]
    for number in range(len(lines)):
        cut_line(ink, lines, number)
    find_gaps(ink)
    np.testing.assert_array_equal(ink, before)


@pytest.mark.parametrize("function", [find_layout, find_lines, find_gaps])
def test_floats_are_refused(function) -> None:
    with pytest.raises(DataError, match="expected a non-empty uint8 array"):
        function(np.zeros((4, 4)))


def test_paper_with_specks_is_blank() -> None:
    ink = np.zeros((60, 60), np.uint8)
    assert find_layout(ink).kind == "blank"
    ink[30, 30] = 255
    assert find_layout(ink).kind == "blank"


@pytest.mark.parametrize("character", sorted(set(GLYPHS) - {"-", "="}))
@pytest.mark.parametrize("thickness", [2, 6])
@pytest.mark.parametrize("margin_px", [0, 40])
def test_a_character_is_one(character: str, thickness: int, margin_px: int) -> None:
    ink = draw(character, thickness=thickness, margin_px=margin_px)
    assert find_layout(ink).kind == "character"


def test_the_bundled_digits_are_characters() -> None:
    images = load_dataset("digits").test_images[:200]
    kinds = [find_layout(np.kron(image, np.ones((3, 3), np.uint8))).kind for image in images]
    assert kinds.count("character") >= 196


def test_a_dot_a_loose_bar_and_a_broken_stroke_belong_to_the_character() -> None:
    five = draw("5", margin_px=10)
    five[:, 24:27] = 0  # the bar torn off
    eight = draw("8", margin_px=10)
    eight[30:34] = 0
    for ink in (draw("i", margin_px=10), five, eight):
        assert find_layout(ink).kind == "character"


@pytest.mark.parametrize("text", ["11", "1i", "0711", "58203", "ELITE", "Z0", "00"])
def test_characters_side_by_side_are_a_line(text: str) -> None:
    ink = write(text, gap_px=12)
    kind, (line,) = find_layout(ink)
    assert kind == "line"
    assert line == (16, ink.shape[0] - 16, 16, ink.shape[1] - 16)


def test_a_remnant_at_the_border_is_left_out() -> None:
    ink = np.pad(draw("8", margin_px=20), ((0, 10), (0, 0)))
    whole = find_layout(ink)
    ink[-4:, 30:36] = 255
    assert find_layout(ink) == whole
    assert whole.kind == "character"


def stacked(texts: list[str], pitch_px: int, tilt: float = 0.0) -> np.ndarray:
    """Lines of writing under each other, falling by ``tilt`` of their length."""
    lines = [write(text, gap_px=8, height_px=40) for text in texts]
    width = max(line.shape[1] for line in lines)
    page = np.zeros((pitch_px * len(lines) + 80 + round(tilt * width), width), np.uint8)
    for number, line in enumerate(lines):
        for column in range(line.shape[1]):
            top = number * pitch_px + round(tilt * column)
            part = page[top : top + line.shape[0], column]
            np.maximum(part, line[:, column], out=part)
    return page


TEXTS = ["58203-4", "902i48", "E-17ii5=", "40", "2357489"]


@pytest.mark.parametrize("pitch_px", [56, 70, 120])
@pytest.mark.parametrize("tilt", [0, 0.04])
def test_lines_are_found_in_reading_order(pitch_px: int, tilt: float) -> None:
    lines = find_lines(stacked(TEXTS, pitch_px, tilt))
    assert len(lines) == len(TEXTS)
    for number, line in enumerate(lines):
        assert line.left == 16
        assert abs(line.top - (16 + number * pitch_px)) <= 14
    assert find_layout(stacked(TEXTS, pitch_px, tilt)).kind == "lines"


def test_dots_and_dashes_join_their_line() -> None:
    page = stacked(["1i1i1i", "7i7i-"], 60)
    first, second = find_lines(page)
    assert (first.top, first.bottom) == (16, second.top - 15)
    assert second.right == np.flatnonzero(page[second.top :].any(axis=0))[-1] + 1


def test_parts_of_a_line_far_apart_are_one_line() -> None:
    left, right = write("582"), write("903")
    line = np.hstack([left, np.zeros((len(left), 600), np.uint8), right])
    assert len(find_lines(line)) == 1


def test_a_cut_line_holds_its_own_ink_only() -> None:
    page = np.zeros((110, 200), np.uint8)
    for x in range(20, 180, 30):
        page[10:50, x : x + 4] = 255
        page[60:100, x : x + 4] = 255
    page[10:75, 65:69] = 255  # a descender that hangs into the second line
    lines = find_lines(page)
    first, second = (cut_line(page, lines, number) for number in range(2))
    assert first.shape[0] == 65
    assert not first[50:, :40].any()
    assert not second[:, 45:49].any()
    assert int(first.sum() // 255) == (6 * 40 + 65) * 4
    assert int(second.sum() // 255) == 6 * 40 * 4


def test_gaps_between_words_are_told() -> None:
    word = write("582", gap_px=8, margin_px=0)
    line = np.hstack([word, np.zeros((len(word), 60), np.uint8), word])
    assert find_gaps(line) == [(word.shape[1], word.shape[1] + 60)]
    assert find_gaps(word) == []


@pytest.mark.parametrize("seed", [0, 1])
def test_a_page_of_noise_is_answered_in_time(seed: int) -> None:
    rng = np.random.default_rng(seed)
    noise = ((rng.random((1200, 900)) < (0.02, 0.3)[seed]) * 255).astype(np.uint8)
    start = time.process_time()
    find_layout(noise)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("text", ["101", "2222", "70E7"])
def test_characters_that_touch_are_a_line(text: str) -> None:
    assert find_layout(write(text, gap_px=0)).kind == "line"
    assert find_layout(write(text, gap_px=2)).kind == "line"


def test_three_slim_parts_that_overlap_are_a_line() -> None:
    ink = np.zeros((70, 90), np.uint8)
    for x in (10, 26, 42):
        cv2.line(ink, (x, 60), (x + 20, 10), 255, 3)
    assert find_layout(ink).kind == "line"
