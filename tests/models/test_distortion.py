"""Distortions on the device: what each does, and that the amounts stay in their range."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hdalr.models.distortion import Distortion


def blocks(n: int = 200) -> torch.Tensor:
    """A block of 8 x 6 pixels about the centre of 28 x 28."""
    images = torch.zeros(n, 1, 28, 28)
    images[:, :, 10:18, 11:17] = 1.0
    return images


def moments(images: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Centre (n, 2) and covariance (n, 2, 2) of the ink, rows first, in pixels."""
    ink = (images[:, 0] / images.sum(dim=(1, 2, 3))[:, None, None]).double()
    rows, columns = (torch.arange(side, dtype=torch.double) for side in ink.shape[1:])
    row = ink.sum(2) @ rows
    column = ink.sum(1) @ columns
    down = rows[None, :, None] - row[:, None, None]
    right = columns[None, None, :] - column[:, None, None]
    covariance = [[(ink * a * b).sum((1, 2)) for b in (down, right)] for a in (down, right)]
    return (
        torch.stack([row, column], 1).numpy(),
        torch.stack([torch.stack(line, 1) for line in covariance], 1).numpy(),
    )


@pytest.fixture(autouse=True)
def fixed_chance() -> None:
    torch.manual_seed(0)


def test_nothing_asked_nothing_done() -> None:
    torch.testing.assert_close(Distortion()(blocks()), blocks(), rtol=0, atol=1e-5)


def test_shift_moves_by_up_to_the_asked_pixels_along_both_axes() -> None:
    moved = moments(Distortion(shift_px=3)(blocks()))[0] - moments(blocks())[0]
    assert abs(moved).max() <= 3 + 1e-3
    assert (abs(moved).max(axis=0) > 2.5).all()


def test_squeeze_makes_narrower_never_wider_and_keeps_the_height() -> None:
    before, after = moments(blocks())[1], moments(Distortion(squeeze=0.25)(blocks()))[1]
    ratio = np.sqrt(after[:, 1, 1] / before[:, 1, 1])
    assert 0.72 < ratio.min() < 0.8
    assert ratio.max() < 1.01
    np.testing.assert_allclose(after[:, 0, 0], before[:, 0, 0], rtol=1e-3)


def test_zoom_stretches_height_and_width_each_on_its_own() -> None:
    before, after = moments(blocks())[1], moments(Distortion(zoom=0.2)(blocks()))[1]
    stretch = np.sqrt(after[:, [0, 1], [0, 1]] / before[:, [0, 1], [0, 1]])
    assert stretch.max() < 1.25
    assert stretch.min() > 0.77
    assert abs(np.corrcoef(stretch.T)[0, 1]) < 0.3


def test_shear_slants_without_turning() -> None:
    after = moments(Distortion(shear=0.3)(blocks()))[1]
    slant = after[:, 0, 1] / after[:, 0, 0]
    assert 0.2 < abs(slant).max() < 0.33
    before = moments(blocks())[1]
    np.testing.assert_allclose(after[:, 0, 0], before[:, 0, 0], rtol=1e-2)


def test_rotation_turns_by_up_to_the_asked_degrees() -> None:
    after = moments(Distortion(rotation_degrees=30)(blocks()))[1]
    angle = np.degrees(np.arctan2(2 * after[:, 0, 1], after[:, 0, 0] - after[:, 1, 1]) / 2)
    assert 25 < abs(angle).max() < 31


def test_elastic_bends_smoothly_by_about_the_asked_pixels() -> None:
    ramp = torch.arange(28.0).expand(200, 1, 28, 28) / 27
    bent = (Distortion(elastic_px=1.5)(ramp) - ramp)[:, 0, 8:20, 8:20] * 27
    assert 0.5 < float(bent.std()) < 1.2  # each picture's deviation is drawn from 0 to 1.5
    assert float(bent.diff(dim=2).abs().mean()) < 0.35 * float(bent.abs().mean())


def test_strokes_become_thicker_in_some_and_thinner_in_others() -> None:
    ink = Distortion(stroke=0.5)(blocks()).sum(dim=(1, 2, 3))
    full = float(blocks(1).sum())
    assert float(ink.min()) < 0.85 * full
    assert float(ink.max()) > 1.2 * full


def test_a_square_of_the_asked_side_is_erased_inside_the_picture() -> None:
    erased = Distortion(erase_px=4)(torch.ones(200, 1, 28, 20))
    assert ((erased == 0).sum(dim=(1, 2, 3)) == 16).all()


def test_erasing_more_than_the_picture_erases_all_of_it() -> None:
    assert float(Distortion(erase_px=9)(torch.ones(3, 1, 8, 6)).sum()) == 0


def test_each_picture_is_distorted_in_its_own_way_and_the_input_is_not_changed() -> None:
    images = blocks(4)
    distorted = Distortion(rotation_degrees=20, elastic_px=1, stroke=0.5, erase_px=3)(images)
    assert len({picture.numpy().tobytes() for picture in distorted}) == 4
    assert torch.equal(images, blocks(4))
