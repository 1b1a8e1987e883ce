from __future__ import annotations

import cv2
import numpy as np

from hdalr.images.ink import ink_of
from hdalr.images.synthetic.paper import background_print, photograph, rules, uneven_light


def bars() -> np.ndarray:
    ink = np.zeros((60, 200), np.uint8)
    for x in range(20, 190, 30):
        cv2.line(ink, (x, 12), (x + 4, 48), 255, 4, cv2.LINE_AA)
    return ink


def test_most_photographs_show_the_ink_again() -> None:
    ink = bars()
    found = 0
    for seed in range(60):
        seen = ink_of(photograph(ink, np.random.default_rng(seed)))
        found += bool(seen[ink > 200].mean() > seen[ink == 0].mean() + 60)
    assert found >= 48


def test_the_same_seed_gives_the_same_photograph() -> None:
    first, second = (photograph(bars(), np.random.default_rng(3)) for _ in range(2))
    assert (first == second).all()


def test_photographs_of_large_lines_are_possible() -> None:
    ink = np.zeros((300, 1500), np.uint8)
    for seed in range(5):
        assert photograph(ink, np.random.default_rng(seed)).shape == ink.shape


def test_fields_lie_between_nothing_and_all() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        for field in (background_print(40, 90, rng), rules(40, 90, rng), uneven_light(40, 90, rng)):
            assert field.dtype == np.float32
            assert field.min() >= 0
            assert field.max() <= 1
