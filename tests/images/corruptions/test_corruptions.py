"""The fifteen corruptions: what holds for all of them, and what each does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdalr.errors import DataError
from hdalr.images.corruptions import CORRUPTIONS
from hdalr.images.corruptions.filters import canny_edges, glass_blur, motion_blur
from hdalr.images.corruptions.light import brightness, fog, impulse_noise, plasma, shot_noise
from hdalr.images.corruptions.marks import dotted_line, spatter, stripe, zigzag
from hdalr.images.corruptions.moves import rotate, scale, shear, translate
from hdalr.images.crop import Box, find_ink

WITHOUT_CHANCE = {"scale", "brightness", "stripe", "canny edges"}


def draw_ring(n_images: int = 40, side_px: int = 28) -> np.ndarray:
    """A grey ring in the middle of each picture: a zero."""
    place = np.arange(side_px) - (side_px - 1) / 2
    radius = np.hypot(place[:, None], place) / side_px
    return np.tile(np.where((radius > 0.18) & (radius < 0.3), 200, 0).astype(np.uint8),
                   (n_images, 1, 1))  # fmt: skip


def draw_dot(n_images: int = 40) -> np.ndarray:
    """A bright block of 4 x 4 in the middle of each picture."""
    images = np.zeros((n_images, 28, 28), np.uint8)
    images[:, 12:16, 12:16] = 255
    return images


@pytest.fixture(params=CORRUPTIONS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_there_are_the_fifteen_of_the_paper() -> None:
    assert len(CORRUPTIONS) == 15


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 3), st.integers(1, 40), st.integers(1, 40), st.integers(0, 9))
def test_any_size_keeps_its_shape_and_the_input(n: int, height: int, width: int, seed: int) -> None:
    images = np.random.default_rng(seed).integers(0, 256, (n, height, width), dtype=np.uint8)
    before = images.copy()
    for corrupt in CORRUPTIONS.values():
        worse = corrupt(images, seed)
        assert worse.shape == images.shape
        assert worse.dtype == np.uint8
        assert not np.shares_memory(worse, images)
        np.testing.assert_array_equal(images, before)


def test_every_corruption_changes_the_picture_and_leaves_something_of_it(name: str) -> None:
    ring = draw_ring()
    worse = CORRUPTIONS[name](ring, 0)
    assert (worse != ring).any(axis=(1, 2)).mean() > 0.9
    assert (worse.std(axis=(1, 2)) > 5).all()


def test_the_seed_alone_decides(name: str) -> None:
    ring = draw_ring()
    first = CORRUPTIONS[name](ring, 3)
    np.testing.assert_array_equal(first, CORRUPTIONS[name](ring, 3))
    assert (first == CORRUPTIONS[name](ring, 4)).all() == (name in WITHOUT_CHANCE)


def test_equal_pictures_of_a_batch_are_not_corrupted_alike(name: str) -> None:
    if name not in WITHOUT_CHANCE:
        assert len(np.unique(CORRUPTIONS[name](draw_ring(), 0), axis=0)) > 1


def test_floats_are_refused(name: str) -> None:
    with pytest.raises(DataError, match="expected a non-empty uint8 array"):
        CORRUPTIONS[name](np.zeros((1, 8, 8)), 0)  # type: ignore[arg-type]


def test_shot_noise_keeps_the_mean_and_takes_four_values() -> None:
    grey = np.full((1, 300, 300), 85, np.uint8)  # one photon a pixel
    noisy = shot_noise(grey)
    assert set(np.unique(noisy)) == {0, 85, 170, 255}
    assert (noisy == 0).mean() == pytest.approx(np.exp(-1), abs=0.01)
    assert (shot_noise(np.zeros((1, 9, 9), np.uint8)) == 0).all()


def test_impulses_are_17_percent_half_of_them_white() -> None:
    noisy = impulse_noise(np.full((1, 300, 300), 100, np.uint8))
    assert (noisy == 255).mean() == pytest.approx(0.085, abs=0.005)
    assert (noisy == 0).mean() == pytest.approx(0.085, abs=0.005)


def test_brightness_is_added_and_cut_off() -> None:
    assert set(np.unique(brightness(draw_dot()))) == {128, 255}


def test_fog_keeps_the_ink_brighter_than_the_paper_beside_it() -> None:
    foggy = fog(draw_dot()).astype(int)
    assert (foggy[:, 13:15, 13:15].mean(axis=(1, 2)) > foggy[:, 13:15, 10].mean(axis=1) + 40).all()
    assert foggy[:, 0, 0].std() > 20  # a cloud each
    assert (fog(np.zeros((1, 28, 28), np.uint8)) == 0).all()


def test_a_cloud_is_smooth_where_it_decays_fast() -> None:
    rough, smooth = (plasma(64, decay, np.random.default_rng(0)) for decay in (1.1, 3.0))
    assert (rough.min(), rough.max()) == (0, 1)
    assert np.abs(np.diff(smooth)).mean() < np.abs(np.diff(rough)).mean() / 2


def test_glass_blur_keeps_ink_and_middle() -> None:
    glass = glass_blur(draw_dot()).astype(float)
    assert glass.sum(axis=(1, 2)).mean() == pytest.approx(16 * 255, rel=0.02)
    assert glass.max() < 255
    assert find_ink(glass.mean(axis=0).astype(np.uint8)).top in (11, 12)  # type: ignore[union-attr]


def test_motion_blur_smears_to_the_left_and_keeps_the_ink() -> None:
    moved = motion_blur(draw_dot()).astype(float)
    assert moved.sum(axis=(1, 2)) == pytest.approx(16 * 255, rel=0.05)
    ink = moved.mean(axis=0)
    assert (ink.sum(axis=0) * np.arange(28)).sum() / ink.sum() < 12.5
    assert (ink.sum(axis=1) * np.arange(28)).sum() / ink.sum() == pytest.approx(13.5, abs=0.7)


def test_edges_are_an_outline_without_filling() -> None:
    (edges,) = canny_edges(draw_ring(1, 56))
    assert set(np.unique(edges)) == {0, 255}
    assert edges[28, 28] == 0
    across = np.flatnonzero(edges[28])
    assert len(across) == 4  # two strokes, two sides each
    assert (edges > 0).mean() < 0.15


def test_translate_moves_by_three_pixels_in_both_directions() -> None:
    boxes = {find_ink(one) for one in translate(draw_dot())}
    shifts = [Box(12 + down, 16 + down, 12 + right, 16 + right)
              for down in (-3, 3) for right in (-3, 3)]  # fmt: skip
    assert boxes == set(shifts)


def test_translate_moves_further_in_larger_pictures() -> None:
    images = np.zeros((9, 56, 56), np.uint8)
    images[:, 28, 28] = 255
    assert {abs(int(np.argwhere(one)[0, 0]) - 28) for one in translate(images)} == {6}


def test_scale_shrinks_to_seven_tenths() -> None:
    before, after = (
        find_ink(images[0]) for images in (draw_ring(1, 100), scale(draw_ring(1, 100)))
    )
    assert before is not None
    assert after is not None
    assert after.height == pytest.approx(0.7 * before.height, abs=1)
    assert (after.top + after.bottom) / 2 == 50


@pytest.mark.parametrize(("move", "is_rotation"), [(rotate, True), (shear, False)])
def test_a_level_and_an_upright_bar_lean_by_23_degrees(move: object, is_rotation: bool) -> None:
    bars = np.zeros((20, 101, 101), np.uint8)
    bars[:, 50, 20:81] = bars[:, 20:81, 50] = 255
    leans = set()
    for one in move(bars):  # type: ignore[operator]
        top = np.flatnonzero(one[30] > 60).mean() - 50  # twenty rows above the middle
        leans.add(round(float(top) / 20, 1))
        level = one[50, 25] > 60
        assert level != is_rotation
        assert one[50, 50] > 200
    assert leans == {-0.4, 0.4}


def test_stripes_are_the_outer_quarters_turned_over() -> None:
    striped = stripe(draw_dot())
    assert (striped[:, :, :7] == 255).all()
    assert (striped[:, :, 21:] == 255).all()
    np.testing.assert_array_equal(striped[:, :, 7:21], draw_dot()[:, :, 7:21])


def test_mud_is_dark_grey_and_hides_ink() -> None:
    on_paper, on_ink = (spatter(np.full((30, 28, 28), grey, np.uint8)) for grey in (0, 255))
    assert set(np.unique(on_paper)) <= {0, *range(50, 64)}
    assert 0.05 < (on_paper > 0).mean() < 0.5
    np.testing.assert_array_equal(on_paper > 0, on_ink < 255)


def test_a_dotted_line_is_dashes_of_two_pixels_from_border_to_border() -> None:
    lines = dotted_line(np.zeros((50, 28, 28), np.uint8))
    drawn = lines.max(axis=1) > 0
    assert (drawn.mean(axis=0).reshape(7, 4) == [0, 0, 1, 1]).all()
    assert (lines.max(axis=1)[drawn] > 150).all()


def test_a_zigzag_goes_up_and_down_between_its_ends() -> None:
    lines = zigzag(np.zeros((50, 28, 28), np.uint8))
    assert (lines[:, :, 0] == 0).all()
    assert (lines[:, :, 27] == 0).all()
    inside = [one for one in lines if 6 < np.argwhere(one)[:, 0].mean() < 22]
    assert len(inside) > 10
    for one in inside:
        rows = one[:, 3:24].argmax(axis=0)
        slope = np.polyfit(np.arange(21), rows, 1)
        waves = rows - np.polyval(slope, np.arange(21))
        assert 1 < np.abs(waves).max() < 4
        assert (np.diff(np.sign(waves)) != 0).sum() >= 4
