from __future__ import annotations

import numpy as np
import pytest

from hdalr.images.line import HEIGHT_PX, NARROWEST_PX, WIDEST_PX, normalise_line, writing_band


def writing(height: int, width: int, top: int, bottom: int) -> np.ndarray:
    ink = np.zeros((height, width), np.uint8)
    ink[top:bottom, 5 : width - 5 : 6] = 255
    return ink


def test_the_band_of_the_writing_fills_the_height() -> None:
    line = normalise_line(writing(200, 300, 80, 120))
    rows = np.flatnonzero((line > 60).any(axis=1))
    assert line.shape[0] == HEIGHT_PX
    assert rows[-1] - rows[0] >= 24


def test_proportions_are_kept() -> None:
    assert normalise_line(writing(200, 300, 80, 120)).shape[1] == pytest.approx(
        300 * 32 / 48, abs=2
    )


def test_a_speck_above_does_not_widen_the_band() -> None:
    ink = writing(200, 300, 80, 120)
    ink[3, 50] = 255
    assert writing_band(ink)[0] > 70


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (32, 20_000)])
def test_any_shape_is_brought_within_the_limits(shape: tuple[int, int]) -> None:
    for value in (0, 255):
        line = normalise_line(np.full(shape, value, np.uint8))
        assert line.shape[0] == HEIGHT_PX
        assert NARROWEST_PX <= line.shape[1] <= WIDEST_PX
