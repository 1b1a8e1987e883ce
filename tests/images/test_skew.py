from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.images.writing import GLYPHS, draw, write

from hdalr.errors import DataError
from hdalr.images.skew import deskew, estimate_skew

INKS = arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 30)))


def downhill(ink: np.ndarray, degrees: float) -> np.ndarray:
    """The picture turned so that its right end sinks, on a canvas that holds all of it."""
    framed = np.pad(ink, round(max(ink.shape) * 0.3))
    height, width = framed.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return np.asarray(cv2.warpAffine(framed, turn, (width, height)), np.uint8)


def page() -> np.ndarray:
    lines = [write(text) for text in ("5820317", "9024835", "2357489", "ETLZ502")]
    width = max(line.shape[1] for line in lines)
    return np.vstack([np.pad(line, ((0, 0), (0, width - line.shape[1]))) for line in lines])


@pytest.mark.parametrize("degrees", [-12, -4, 4, 12])
@pytest.mark.parametrize("ink", [page(), write("902483527")], ids=["page", "line"])
def test_skew_is_found_within_a_degree(ink: np.ndarray, degrees: float) -> None:
    assert estimate_skew(downhill(ink, degrees)) == pytest.approx(degrees, abs=1)


@pytest.mark.parametrize("ink", [page(), write("902483"), write("1717111")])
def test_level_writing_is_level(ink: np.ndarray) -> None:
    assert abs(estimate_skew(ink)) < 0.7


def test_slanted_handwriting_is_no_slanted_line() -> None:
    ink = write("1111711", gap_px=20)
    lean = np.array([[1, -0.5, 30], [0, 1, 0]])
    slanted = cv2.warpAffine(ink, lean, (ink.shape[1] + 40, ink.shape[0]))
    assert abs(estimate_skew(np.asarray(slanted, np.uint8))) < 1


@pytest.mark.parametrize("character", sorted(GLYPHS))
@pytest.mark.parametrize("degrees", [-10, 0, 10])
def test_a_single_character_is_never_turned(character: str, degrees: float) -> None:
    ink = downhill(draw(character, margin_px=10), degrees)
    assert estimate_skew(ink) == 0
    np.testing.assert_array_equal(deskew(ink), ink)


@pytest.mark.parametrize("degrees", [-8, 6])
def test_deskewed_writing_is_level_and_whole(degrees: float) -> None:
    ink = downhill(page(), degrees)
    level = deskew(ink)
    assert abs(estimate_skew(level)) < 0.7
    assert float(level.sum()) == pytest.approx(float(ink.sum()), rel=0.02)


@given(INKS)
def test_any_picture_is_answered(ink: np.ndarray) -> None:
    before = ink.copy()
    assert -15 <= estimate_skew(ink) <= 15
    assert deskew(ink).dtype == np.uint8
    np.testing.assert_array_equal(ink, before)


def test_floats_are_refused() -> None:
    with pytest.raises(DataError, match="expected a non-empty uint8 array"):
        deskew(np.zeros((4, 4)))
