from __future__ import annotations

import numpy as np
import pytest

from hdalr.images.synthetic.strokes import AMONG_DIGITS, SHAPES, draw_digit


@pytest.mark.parametrize("among_digits", [False, True])
@pytest.mark.parametrize("digit", sorted(SHAPES))
def test_every_shape_of_a_digit_lies_within_its_frame(digit: str, among_digits: bool) -> None:
    rng = np.random.default_rng(0)
    inks = [draw_digit(digit, rng, among_digits=among_digits) for _ in range(60)]
    assert min((ink > 200).sum() for ink in inks) > 100
    assert np.mean([ink[0].any() or ink[-1].any() for ink in inks]) < 0.1


def test_there_is_a_shape_for_each_digit() -> None:
    assert sorted(SHAPES) == sorted(AMONG_DIGITS) == list("0123456789")


def test_a_crossed_seven_is_wider_in_its_middle_than_a_one() -> None:
    rng = np.random.default_rng(1)
    sevens = np.mean([(draw_digit("7", rng)[42:52] > 100).sum() for _ in range(80)])
    ones = np.mean([(draw_digit("1", rng)[42:52] > 100).sum() for _ in range(80)])
    assert sevens > 1.3 * ones
