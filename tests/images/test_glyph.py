from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdalr.datasets import load_dataset
from hdalr.images.crop import find_ink
from hdalr.images.glyph import BOX_PX, SIDE_PX, main_parts, normalise_glyphs, stroke_width


def ring(size: int, pen: int) -> np.ndarray:
    ink = np.zeros((size, size), np.uint8)
    cv2.circle(ink, (size // 2, size // 2), size // 3, 255, pen, cv2.LINE_AA)
    return ink


def test_the_ink_fills_the_box_and_lies_in_the_middle() -> None:
    for size in (20, 60, 300):
        box = find_ink(normalise_glyphs([ring(size, max(1, size // 15))])[0])
        assert box is not None
        assert abs(box.bottom - box.top - BOX_PX) <= 1
        assert abs(box.top + box.bottom - SIDE_PX) <= 2


def test_a_fine_pen_and_a_marker_come_out_alike() -> None:
    fine, broad = (normalise_glyphs([ring(120, pen)])[0] for pen in (2, 12))
    widths = [stroke_width((glyph > 127).astype(np.uint8)) for glyph in (fine, broad)]
    assert max(widths) / min(widths) < 1.6
    assert 1.8 < widths[0] < 4


def test_size_does_not_matter() -> None:
    small, large = normalise_glyphs([ring(60, 4)])[0], normalise_glyphs([ring(240, 16)])[0]
    assert np.abs(small.astype(int) - large).mean() < 20


def test_proportions_are_kept() -> None:
    bar = np.zeros((40, 40), np.uint8)
    bar[4:36, 18:22] = 255
    box = find_ink(normalise_glyphs([bar])[0])
    assert box is not None
    assert box.right - box.left <= 4


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (28, 28)])
def test_blank_ink_stays_blank(shape: tuple[int, int]) -> None:
    assert not normalise_glyphs([np.zeros(shape, np.uint8)]).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (2, 3)])
def test_full_ink_of_any_shape_is_answered(shape: tuple[int, int]) -> None:
    assert normalise_glyphs([np.full(shape, 255, np.uint8)]).shape == (1, SIDE_PX, SIDE_PX)


def test_no_glyphs_give_an_empty_batch() -> None:
    assert normalise_glyphs([]).shape == (0, SIDE_PX, SIDE_PX)


def test_the_dot_of_an_i_is_kept_and_dust_is_dropped() -> None:
    ink = np.zeros((60, 40), np.uint8)
    ink[20:55, 18:22] = 255
    ink[8:13, 18:22] = 255
    ink[40, 35] = 255
    kept = main_parts(ink)
    assert kept[10, 20] == 255
    assert kept[40, 35] == 0


def test_bundled_digits_keep_their_label_to_the_nearest_neighbour() -> None:
    digits = load_dataset("digits")
    train = normalise_glyphs(list(digits.train_images)).reshape(-1, 784).astype(np.float32)
    test = normalise_glyphs(list(digits.test_images)).reshape(-1, 784).astype(np.float32)
    distance = (test**2).sum(1)[:, None] - 2 * test @ train.T + (train**2).sum(1)[None]
    found = digits.train_labels[distance.argmin(axis=1)]
    assert (found == digits.test_labels).mean() > 0.9
