import cv2
import numpy as np
import pytest
from tests.reading.drawing import draw_text

from hdalr.images.crop import Box
from hdalr.images.ink import ink_of
from hdalr.reading import page
from hdalr.reading.choices import Layout


def test_what_was_said_wins_over_what_was_found():
    ink = ink_of(draw_text("42"))
    assert page.take_apart(ink, None).layout is Layout.line
    assert page.take_apart(ink, Layout.character).layout is Layout.character
    assert page.take_apart(np.zeros((30, 30), np.uint8), Layout.line).layout is None


@pytest.mark.parametrize("degrees", [-8.0, 5.0])
def test_boxes_of_a_tilted_line_are_those_of_the_picture(monkeypatch, degrees):
    ink = np.zeros((200, 400), np.uint8)
    for left in (80, 180, 280):
        ink[90:110, left : left + 30] = 255
    matrix = cv2.getRotationMatrix2D((200, 100), -degrees, 1.0)
    tilted = cv2.warpAffine(ink, matrix, (400, 200))
    monkeypatch.setattr(page, "estimate_skew", lambda _ink: degrees)
    sheet = page.take_apart(tilted, Layout.line)
    line = sheet.line(0)
    assert abs(line.shape[0] - (1 + 2 * page.ROOM) * 20) <= 4  # level again, with room around it
    found = sheet.place(Box(0, line.shape[0], 0, line.shape[1]), 0)
    rows, columns = np.flatnonzero(tilted.any(axis=1)), np.flatnonzero(tilted.any(axis=0))
    assert found.left == pytest.approx(columns[0], abs=9)
    assert found.right == pytest.approx(columns[-1], abs=9)
    assert found.top <= rows[0] + 3
    assert found.bottom >= rows[-1] - 3
    assert found.bottom <= 200


@pytest.mark.parametrize(("side", "height"), [(60, 40), (300, 260), (900, 60)])
def test_one_character_is_found_in_pictures_of_all_sizes(side: int, height: int) -> None:
    picture = np.full((side, 2 * side), 230, np.uint8)
    top, left = side // 10, side
    picture[top : top + height, left : left + max(3, height // 8)] = 40
    sheet = page.find_character(picture)
    ink = sheet.line(0)
    assert page.LEAST_PX <= ink.shape[0] <= max(page.CHARACTER_PX, 60)
    found = sheet.place(Box(0, *ink.shape[:1], 0, ink.shape[1]), 0)
    grain = picture.shape[1] / sheet.ink.shape[1]
    assert found.top == pytest.approx(top, abs=1.5 * grain)
    assert found.bottom == pytest.approx(top + height, abs=1.5 * grain)
    assert found.left == pytest.approx(left, abs=1.5 * grain)


def test_a_blank_page_has_no_character() -> None:
    assert page.find_character(np.full((500, 400), 230, np.uint8)).layout is None
