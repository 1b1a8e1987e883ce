from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdalr.images.straight import find_straight_lines


def ruled(slope: float, thickness: int = 2) -> np.ndarray:
    ink = np.zeros((120, 400), np.uint8)
    cv2.line(ink, (20, 60), (380, round(60 + 360 * slope)), 255, thickness)
    return ink > 0


@pytest.mark.parametrize("slope", [-0.08, -0.02, 0, 0.02, 0.08])
@pytest.mark.parametrize("thickness", [2, 3, 5])
def test_a_tilted_line_is_one_line(slope: float, thickness: int) -> None:
    (line,) = find_straight_lines(ruled(slope, thickness), text_px=40)
    assert line.slope == pytest.approx(slope, abs=0.01)
    assert line.at(20) == pytest.approx(60, abs=1.5)
    assert abs(line.length - 361) < 8
    assert abs(line.thickness - thickness) <= 2


def test_what_crosses_a_line_does_not_bend_it() -> None:
    mask = ruled(0.0)
    mask[40:80, 100:400:70] = mask[52:60, 200:230] = True
    (line,) = find_straight_lines(mask, text_px=30)
    assert abs(line.slope) < 0.003
    assert line.at(200) == pytest.approx(60, abs=1)


def test_a_wave_a_bar_and_a_filled_picture_are_no_lines() -> None:
    wave = np.zeros((120, 400), bool)
    columns = np.arange(20, 380)
    for offset in range(3):
        wave[60 + offset + np.rint(8 * np.sin(columns / 25)).astype(int), columns] = True
    bar = np.zeros((120, 400), bool)
    bar[40:60, 20:380] = True
    assert all(line.length < 60 for line in find_straight_lines(wave, text_px=30))
    for mask in (bar, np.ones((120, 400), bool), np.zeros((120, 400), bool)):
        assert find_straight_lines(mask, text_px=30) == []


def test_a_line_is_found_at_the_border_and_moved_lines_agree() -> None:
    mask = np.zeros((40, 100), bool)
    mask[0:2] = True
    (line,) = find_straight_lines(mask, text_px=20)
    assert (line.start, line.end) == (0, 100)
    moved = line.moved(7)
    assert (moved.start, moved.end) == (7, 107)
    assert moved.at(17) == pytest.approx(line.at(10))


@pytest.mark.parametrize("text_px", [30, 35, 40, 45])
def test_the_ends_of_a_line_are_told_exactly(text_px: float) -> None:
    mask = np.zeros((60, 300), bool)
    mask[30:33, 40:260] = True
    (line,) = find_straight_lines(mask, text_px)
    assert (line.start, line.end, line.thickness) == (40, 260, 3)
    assert line.at(40) == pytest.approx(31)


def test_writing_that_sits_on_a_line_does_not_lift_it() -> None:
    mask = np.zeros((80, 400), bool)
    mask[60:62] = True
    for x in range(10, 380, 40):
        mask[54:60, x : x + 20] = True  # bases of Z, E, L
    (line,) = find_straight_lines(mask, text_px=60)
    assert line.at(0) == pytest.approx(60.5, abs=0.8)
    assert line.thickness <= 3
