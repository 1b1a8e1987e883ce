from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from hdalr.datasets import fetch_dataset
from hdalr.errors import DataError, ParameterError
from hdalr.images import hog
from hdalr.images.hog import Hog, blur, gradients, split_by_orientation

DIGITS = fetch_dataset("digits").train_images[:200]


def edge(turn_degrees: float) -> np.ndarray:
    """Dark on one side, bright on the other; the grey values rise in the direction given."""
    down, right = np.mgrid[:16, :16] - 7.5
    angle = np.deg2rad(turn_degrees)
    rise = right * np.cos(angle) + down * np.sin(angle)
    return np.clip(128 + 8 * rise, 0, 255).astype(np.uint8)[None]


def whole_picture(n_orientations: int, signed: bool) -> Hog:
    return Hog((16,), n_orientations, signed=signed, upright=False, blur_px=0)


def inner_orientations(picture: np.ndarray, n_orientations: int, signed: bool) -> np.ndarray:
    """What the pixels away from the picture's frame count, summed over them."""
    right, down = gradients(picture / np.float32(255))
    inside = (slice(None), slice(1, -1), slice(1, -1))
    planes = split_by_orientation(right[inside], down[inside], n_orientations, signed)
    return planes.sum(axis=(0, 1, 2))


@pytest.mark.parametrize("step", range(8))
def test_signed_orientations_run_clockwise_from_the_right(step: int) -> None:
    counts = inner_orientations(edge(45 * step), 8, signed=True)
    assert counts.argmax() == step
    assert counts[step] > 0.9 * counts.sum()


def test_unsigned_orientations_do_not_tell_opposite_directions_apart() -> None:
    for turn in (0, 45, 90, 135):
        counts = inner_orientations(edge(turn), 4, signed=False)
        opposite = inner_orientations(edge(turn + 180), 4, signed=False)
        assert counts.argmax() == opposite.argmax() == turn // 45


def test_a_gradient_between_two_orientations_is_divided_by_nearness() -> None:
    angle = np.deg2rad(45 + 45 * 0.25)
    gradient = (np.full((1, 1, 1), f(angle), np.float32) for f in (np.cos, np.sin))
    planes = split_by_orientation(*gradient, 8)
    np.testing.assert_allclose(planes[0, 0, 0], [0, 0.75, 0.25, 0, 0, 0, 0, 0], atol=1e-5)


def test_the_last_orientation_borders_on_the_first() -> None:
    angle = np.deg2rad(-45 * 0.25)
    gradient = (np.full((1, 1, 1), f(angle), np.float32) for f in (np.cos, np.sin))
    planes = split_by_orientation(*gradient, 8)
    np.testing.assert_allclose(planes[0, 0, 0], [0.75, 0, 0, 0, 0, 0, 0, 0.25], atol=1e-5)


def test_gradients_are_central_differences_over_a_dark_frame() -> None:
    ink = np.array([[[1, 2, 4], [0, 0, 0]]], np.float32)
    right, down = gradients(ink)
    np.testing.assert_array_equal(right[0], [[2, 3, -2], [0, 0, 0]])
    np.testing.assert_array_equal(down[0], [[0, 0, 0], [-1, -2, -4]])


def test_a_pixel_counts_in_the_cells_around_it() -> None:
    planes = np.zeros((1, 1, 8, 1), np.float32)
    planes[0, 0, 2, 0] = 1  # centres of two cells of 4: 1.5 and 5.5
    np.testing.assert_allclose(hog._count_in_cells(planes, 4), [[0.875, 0.125]])


@pytest.mark.parametrize(
    ("side", "cells", "n_features"),
    [(28, (4, 7), 780), (8, (4,), 48), (8, (4, 7, 14), 12 * 6), (32, (4,), 768), (5, (9,), 12)],
)
def test_a_grid_has_the_cells_that_come_nearest_and_one_at_least(
    side: int, cells: tuple[float, ...], n_features: int
) -> None:
    assert Hog(cells)(np.zeros((1, side, side), np.uint8)).shape == (1, n_features)


def test_each_grid_has_length_1_and_nothing_below_0() -> None:
    features = Hog((7, 14))(DIGITS)
    assert features.dtype == np.float32
    assert (features >= 0).all()
    fine, coarse = features[:, : 12 * 16], features[:, 12 * 16 :]
    np.testing.assert_allclose(np.linalg.norm(fine, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(coarse, axis=1), 1, rtol=1e-5)


def test_an_empty_picture_has_no_features() -> None:
    assert not Hog()(np.zeros((1, 9, 7), np.uint8)).any()


def test_half_the_contrast_changes_nothing() -> None:
    pictures = DIGITS // 2 * 2
    settings = Hog(upright=False)
    np.testing.assert_allclose(settings(pictures), settings(pictures // 2), atol=1e-5)


def test_transposed_pictures_swap_the_axes() -> None:
    settings = Hog((14,), 4, upright=False)
    one = settings(DIGITS).reshape(-1, 2, 2, 4)
    other = settings(DIGITS.transpose(0, 2, 1)).reshape(-1, 2, 2, 4)
    swapped = one.transpose(0, 2, 1, 3)[
        ..., [1, 0, 3, 2]
    ]  # right and down change places, left and up
    np.testing.assert_allclose(other, swapped, atol=1e-4)


def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Hog()(DIGITS)
    monkeypatch.setattr(hog, "CHUNK", 7)
    np.testing.assert_allclose(Hog()(DIGITS), whole, atol=1e-6)


def test_blur_is_the_gaussian_of_opencv() -> None:
    ink = np.zeros((1, 21, 17), np.float32)
    ink[0, 9, 8] = ink[0, 12, 5] = 1
    expected = cv2.GaussianBlur(ink[0], (0, 0), 0.8, borderType=cv2.BORDER_CONSTANT)
    np.testing.assert_allclose(blur(ink, 0.8)[0], expected, atol=2e-3)


def test_blur_comes_before_the_gradients() -> None:
    blurred = np.stack([cv2.GaussianBlur(np.pad(p, 4), (0, 0), 0.8) for p in DIGITS])[:, 4:-4, 4:-4]
    ours = Hog(upright=False, blur_px=0.8)(DIGITS)
    theirs = Hog(upright=False, blur_px=0)(blurred)
    np.testing.assert_allclose(ours, theirs, atol=0.05)
    assert np.abs(ours - theirs).mean() < 0.1 * np.abs(Hog(upright=False)(DIGITS) - theirs).mean()


def test_slant_is_taken_out_unless_asked_otherwise() -> None:
    slanted = np.zeros((1, 20, 20), np.uint8)
    for row in range(2, 18):
        slanted[0, row, 18 - row : 20 - row] = 255
    kept, removed = (Hog((20,), 4, upright=upright)(slanted)[0] for upright in (False, True))
    assert kept[0] == pytest.approx(kept[1], rel=0.1)  # a diagonal rises to the right and downward
    assert removed[0] > 2 * removed[1]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"cells_px": ()}, r"cells_px=\(\) is not allowed; choose sides in pixels above 0"),
        ({"cells_px": (4, 0)}, r"cells_px=\(4, 0\) is not allowed"),
        ({"n_orientations": 1}, "n_orientations=1 is not allowed; choose an integer from 2 up"),
        ({"blur_px": -1}, "blur_px=-1 is not allowed; choose a number from 0 up"),
    ],
)
def test_wrong_settings_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Hog(**parameters)


def test_wrong_pictures_are_refused() -> None:
    with pytest.raises(DataError, match="expected a non-empty uint8 array"):
        Hog()(np.zeros((2, 8, 8)))  # type: ignore[arg-type]
