from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hdalr.datasets import load_dataset
from hdalr.images.synthetic import lines
from hdalr.images.synthetic.lines import MARKS, GlyphStore, draw_hand, write_line
from hdalr.images.synthetic.strokes import Shape, shapes_of

DIGITS = load_dataset("digits")
STORE = GlyphStore(DIGITS.train_images, DIGITS.train_labels, DIGITS.classes)


def columns_of_ink(ink: np.ndarray) -> int:
    inked = (ink > 100).any(axis=0).astype(int)
    return int((np.diff(inked, prepend=0) == 1).sum())


def test_the_store_knows_its_characters_in_order() -> None:
    assert STORE.characters == "0123456789"


def test_the_store_gives_pictures_of_the_character() -> None:
    rng = np.random.default_rng(0)
    ones = [STORE.draw("1", rng) for _ in range(20)]
    zeros = [STORE.draw("0", rng) for _ in range(20)]
    assert np.mean([one.shape[1] for one in ones]) < np.mean([zero.shape[1] for zero in zeros])


def test_the_same_seed_writes_the_same_line() -> None:
    first, second = (write_line("2026", STORE, np.random.default_rng(7)) for _ in range(2))
    assert (first == second).all()


def test_characters_far_apart_stand_apart() -> None:
    rng = np.random.default_rng(1)
    hand = dataclasses.replace(
        draw_hand(rng), gap=0.8, gap_spread=0.01, ligatures=0.0, drawn=0.0, slant=0.0, level=60.0
    )
    counts = [columns_of_ink(write_line("0382", STORE, rng, hand)) for _ in range(9)]
    assert np.median(counts) == 4


@pytest.mark.parametrize(("text", "among_digits"), [("29", True), ("2-9", True), ("2A", False)])
def test_shapes_like_letters_are_drawn_among_digits_only(
    text: str, among_digits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def shapes(digit: str, *, among_digits: bool, european: bool) -> tuple[Shape, ...]:
        asked.append(among_digits)
        return shapes_of(digit, among_digits=among_digits, european=european)

    monkeypatch.setattr(lines, "shapes_of", shapes)
    store = GlyphStore(DIGITS.train_images, DIGITS.train_labels, (*"012345678", "A"))
    rng = np.random.default_rng(0)
    write_line(text, store, rng, dataclasses.replace(draw_hand(rng), drawn=1.0))
    assert set(asked) == {among_digits}


@pytest.mark.parametrize(("steady", "n_drawn"), [(1.0, 2), (0.0, 6)])
def test_a_steady_hand_writes_a_character_as_before(
    steady: float, n_drawn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    draw = GlyphStore.draw

    def count(store: GlyphStore, character: str, rng: np.random.Generator) -> np.ndarray:
        drawn.append(character)
        return draw(store, character, rng)

    monkeypatch.setattr(GlyphStore, "draw", count)
    rng = np.random.default_rng(0)
    hand = dataclasses.replace(draw_hand(rng), drawn=0.0, steady=steady, european=False)
    write_line("353535", STORE, rng, hand)
    assert len(drawn) == n_drawn


@pytest.mark.parametrize("european", [True, False])
def test_who_begins_ones_with_an_upstroke_crosses_sevens(european: bool) -> None:
    shapes = shapes_of("7", among_digits=True, european=european)
    assert all(len(shape) == 2 for shape in shapes) == european
    assert set(shapes_of("5", european=european)) == set(shapes_of("5"))


def test_a_longer_text_is_wider() -> None:
    hand = draw_hand(np.random.default_rng(2))
    wide = write_line("00000000", STORE, np.random.default_rng(3), hand)
    assert wide.shape[1] > 2 * write_line("00", STORE, np.random.default_rng(3), hand).shape[1]


@pytest.mark.parametrize("mark", sorted(MARKS))
def test_marks_are_drawn(mark: str) -> None:
    assert write_line(mark, STORE, np.random.default_rng(0)).any() == (mark != " ")


def test_a_ligature_joins_what_stood_apart() -> None:
    rng = np.random.default_rng(5)
    apart = dataclasses.replace(
        draw_hand(rng), gap=0.3, gap_spread=0.0, ligatures=0.0, drawn=0.0, slant=0.0, level=60.0
    )
    joined = dataclasses.replace(apart, ligatures=1.0)
    counts = [
        sum(
            columns_of_ink(write_line("0000", STORE, np.random.default_rng(i), hand))
            for i in range(9)
        )
        for hand in (apart, joined)
    ]
    assert counts[1] < counts[0]
