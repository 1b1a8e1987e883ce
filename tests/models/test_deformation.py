"""The compiled distance against a slow one, written pixel by pixel from its definition."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hdalr.images.batch import Images
from hdalr.models.deformation import find_nearest

RIGHT = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])  # Sobel
RNG = np.random.default_rng(0)


def distance(picture: Images, reference: Images, warp_px: int = 2, context_px: int = 1) -> float:
    one = find_nearest(picture[None], reference[None], np.array([[0]]), 1, warp_px, context_px)
    return float(one[0][0, 0])


def slow_distance(picture: Images, reference: Images, warp_px: int, context_px: int) -> float:
    height, width = picture.shape
    context = range(-context_px, context_px + 1)
    total = 0
    for row, column in np.ndindex(height, width):
        total += min(
            sum(
                pixel_difference(picture, reference, (row + i, column + j), (down, right))
                for i, j in itertools.product(context, repeat=2)
            )
            for down, right in itertools.product(range(-warp_px, warp_px + 1), repeat=2)
        )
    return total


def pixel_difference(
    picture: Images, reference: Images, place: tuple[int, int], shift: tuple[int, int]
) -> int:
    there = (place[0] + shift[0], place[1] + shift[1])
    pairs = zip(gradient(picture, place), gradient(reference, there), strict=True)
    return sum((a - b) ** 2 for a, b in pairs)


def gradient(picture: Images, place: tuple[int, int]) -> tuple[int, int]:
    around = np.pad(picture.astype(int), 9)[place[0] + 8 : place[0] + 11, place[1] + 8 :][:, :3]
    return int((around * RIGHT).sum()), int((around * RIGHT.T).sum())


@pytest.mark.parametrize(
    ("shape", "warp_px", "context_px"),
    [((4, 5), 2, 1), ((5, 4), 1, 2), ((3, 3), 0, 0), ((1, 1), 2, 1), ((15, 2), 1, 1)],
)
def test_the_distance_is_the_one_of_its_definition(
    shape: tuple[int, int], warp_px: int, context_px: int
) -> None:
    picture, reference = RNG.integers(0, 256, (2, *shape), dtype=np.uint8)
    expected = slow_distance(picture, reference, warp_px, context_px)
    assert distance(picture, reference, warp_px, context_px) == pytest.approx(expected, rel=1e-5)


def test_one_pixel_by_hand() -> None:
    # A single pixel of 10 has no gradient on itself, so alone it is 0 away from a dark one; with
    # its neighbours the Sobel gradients around it count: four corners of 10 and 10, and 20 right,
    # left, above and below: 4 x (100 + 100) + 4 x 400.
    bright, dark = np.full((1, 1), 10, np.uint8), np.zeros((1, 1), np.uint8)
    assert distance(bright, dark, warp_px=0, context_px=0) == 0
    assert distance(bright, dark, warp_px=0, context_px=1) == 2400


def test_a_picture_moved_within_the_warp_range_is_the_same() -> None:
    picture, moved = np.zeros((2, 16, 16), np.uint8)
    picture[6:10, 6:10] = RNG.integers(0, 256, (4, 4), dtype=np.uint8)
    moved[8:12, 5:9] = picture[6:10, 6:10]
    assert distance(picture, moved, warp_px=2) == 0
    assert distance(picture, moved, warp_px=1) > 0


def test_the_nearest_come_first_whatever_the_order_of_the_candidates() -> None:
    pictures = RNG.integers(0, 256, (3, 9, 8), dtype=np.uint8)
    references = RNG.integers(0, 256, (12, 9, 8), dtype=np.uint8)
    apart = np.array([[distance(one, other) for other in references] for one in pictures])
    for order in (np.arange(12), apart[0].argsort(), apart[0].argsort()[::-1]):
        distances, rows = find_nearest(pictures, references, np.tile(order, (3, 1)), 4, 2, 1)
        np.testing.assert_allclose(distances, np.sort(apart, axis=1)[:, :4], rtol=1e-6)
        np.testing.assert_array_equal(rows, apart.argsort(axis=1)[:, :4])


def test_only_the_candidates_are_compared() -> None:
    pictures = RNG.integers(0, 256, (1, 5, 5), dtype=np.uint8)
    references = np.concatenate([pictures, pictures // 2, pictures // 4])
    _, rows = find_nearest(pictures, references, np.array([[2, 1]]), 2, 1, 1)
    assert rows.tolist() == [[1, 2]]


def test_of_equal_candidates_the_earlier_comes_first() -> None:
    pictures = RNG.integers(0, 256, (1, 5, 5), dtype=np.uint8)
    references = np.repeat(pictures, 3, axis=0)
    distances, rows = find_nearest(pictures, references, np.array([[2, 0, 1]]), 2, 1, 1)
    assert rows.tolist() == [[2, 0]]
    assert (distances == 0).all()
