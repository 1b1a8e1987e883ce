from __future__ import annotations

import numpy as np

from hdalr.images.distortions import ArrayDistortion
from hdalr.images.features import Pixels
from hdalr.models.copies import describe_copies

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 8, 6), dtype=np.uint8)
SHIFT = ArrayDistortion(shift_px=1)


def test_the_pictures_themselves_come_first() -> None:
    vectors = describe_copies(IMAGES, Pixels(), 2, SHIFT, random_state=0)
    assert vectors.shape == (3, 4, 48)
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors[0], Pixels()(IMAGES))


def test_no_copies_are_the_pictures_alone() -> None:
    vectors = describe_copies(IMAGES, Pixels(), 0, SHIFT, random_state=0)
    np.testing.assert_array_equal(vectors, Pixels()(IMAGES)[None])


def test_each_copy_differs_and_the_seed_decides_how() -> None:
    first, again, other = (
        describe_copies(IMAGES, Pixels(), 2, SHIFT, random_state=seed) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first[1] != first[2]).any()
    assert (first[1] != other[1]).any()
