from __future__ import annotations

import itertools

import numpy as np

from hdalr.datasets import load_dataset
from hdalr.images.glyph import normalise_glyphs
from hdalr.images.synthetic.characters import FRAME_PX, distort, draw_nothing, widen

IMAGES = load_dataset("digits").train_images


def test_a_distorted_character_is_still_near_itself() -> None:
    rng = np.random.default_rng(0)
    own, other = [], []
    for image, another in itertools.pairwise(IMAGES[:61]):
        first, second, third = normalise_glyphs([distort(image, rng), image, another]).astype(
            np.float32
        )
        own.append(np.abs(first - second).mean())
        other.append(np.abs(first - third).mean())
    assert np.mean(own) < 0.85 * np.mean(other)


def test_no_character_is_lost_on_the_way_to_the_photograph() -> None:
    rng = np.random.default_rng(1)
    inks = [distort(image, rng, photographed=1.0) for image in IMAGES[:80]]
    assert all((ink > 127).any() for ink in inks)


def test_the_same_seed_distorts_alike() -> None:
    first, second = (distort(IMAGES[0], np.random.default_rng(4)) for _ in range(2))
    assert first.shape == (FRAME_PX, FRAME_PX)
    assert (first == second).all()


def test_widened_characters_keep_their_height() -> None:
    rng = np.random.default_rng(0)
    height, width = IMAGES[0].shape
    shapes = [widen(IMAGES[0], rng).shape for _ in range(50)]
    assert {shape[0] for shape in shapes} == {height}
    assert width <= min(shape[1] for shape in shapes) < 1.2 * width
    assert 1.7 * width < max(shape[1] for shape in shapes) < 2 * width


def test_nothing_is_drawn_in_every_kind() -> None:
    rng = np.random.default_rng(2)
    inks = [draw_nothing(lambda: IMAGES[int(rng.integers(99))], rng) for _ in range(200)]
    assert all(ink.dtype == np.uint8 and ink.ndim == 2 and ink.size for ink in inks)
    assert np.mean([bool(ink.any()) for ink in inks]) > 0.95
