from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.images.writing import draw, write

from hdalr.errors import DataError
from hdalr.images.cuts import find_cuts, pair_cuts, piece

INKS = arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 40)))


def place(text: str, gaps_px: int) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Characters so far apart (negative: overlapping), whose ink each pixel is, true cuts."""
    glyphs = [draw(character, height_px=44, thickness=4) for character in text]
    height, width = max(map(len, glyphs)), sum(glyph.shape[1] for glyph in glyphs)
    ink = np.zeros((height + 12, width + 24 + max(0, gaps_px) * len(text)), np.uint8)
    owner = np.full(ink.shape, -1)
    left, cuts = 10, []
    for number, glyph in enumerate(glyphs):
        top = 6 + height - len(glyph)
        window = (slice(top, top + len(glyph)), slice(left, left + glyph.shape[1]))
        ink[window] = np.maximum(ink[window], glyph)
        owner[window][glyph > 0] = number
        left += glyph.shape[1] + gaps_px
        cuts.append(left - gaps_px / 2)
    return ink, owner, cuts[:-1]


TEXTS = ["58203", "90248", "11711", "80080", "40931", "HIT51", "25258"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("gap_px", [-3, -1, 0, 2, 10])
def test_every_true_cut_is_among_the_candidates(text: str, gap_px: int) -> None:
    ink, _, true_cuts = place(text, gap_px)
    cuts = find_cuts(ink)
    missed = [cut for cut in true_cuts if min(abs(cut - x) for x in cuts.xs) > 0.15 * 44]
    assert not missed
    assert len(pair_cuts(cuts)) <= 14 * len(text)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("gap_px", [1, 6])
def test_some_piece_is_each_character_and_nothing_else(text: str, gap_px: int) -> None:
    ink, owner, _ = place(text, gap_px)
    cuts = find_cuts(ink)
    for number in range(len(text)):
        own = owner == number
        best = 0.0
        for start, end in pair_cuts(cuts):
            inside = (cuts.cells >= start) & (cuts.cells < end) & (ink > 0)
            best = max(best, float((inside & own).sum() / (inside | own).sum()))
        assert best > 0.95


def test_a_gap_is_cut_in_its_middle_and_nothing_else_is_cut_there() -> None:
    line = np.zeros((60, 200), np.uint8)
    line[10:50, 20:24] = line[10:50, 120:124] = 255
    assert find_cuts(line).xs == (20, 72, 124)


def test_slanted_strokes_that_overlap_are_cut_apart() -> None:
    line = np.zeros((60, 120), np.uint8)
    for x in (20, 40, 60):
        cv2.line(line, (x, 54), (x + 28, 6), 255, 3)
    cuts = find_cuts(line)
    _, strokes = cv2.connectedComponents(line)
    for number in (1, 2, 3):
        alone = np.where(strokes == number, line, 0).sum()
        pieces = [piece(line, cuts, start, end) for start, end in pair_cuts(cuts)]
        assert any(part.sum() == alone and cv2.connectedComponents(part)[0] == 2 for part in pieces)


@given(INKS)
def test_pieces_of_any_picture_put_together_give_its_ink(ink: np.ndarray) -> None:
    before = ink.copy()
    cuts = find_cuts(ink)
    n_cells = len(cuts.columns)
    assert len(cuts.xs) == n_cells + 1
    assert all(one <= other for one, other in itertools.pairwise(cuts.xs))
    assert cuts.cells.shape == ink.shape
    assert cuts.cells.min() >= 0
    assert cuts.cells.max() < n_cells
    assert {(number, number + 1) for number in range(n_cells)} <= set(pair_cuts(cuts))
    together = sum(int(piece(ink, cuts, n, n + 1)[ink.shape[0] // 2].sum()) for n in range(n_cells))
    assert together <= int(ink[ink.shape[0] // 2].sum())
    np.testing.assert_array_equal(ink, before)


def test_all_ink_is_in_the_pieces_once() -> None:
    ink = write("58203", gap_px=0)
    cuts = find_cuts(ink)
    pieces = [piece(ink, cuts, number, number + 1) for number in range(len(cuts.columns))]
    assert sum(int(part.sum()) for part in pieces) == int(ink.sum())
    whole = piece(ink, cuts, 0, len(cuts.columns))
    assert int(whole.sum()) == int(ink.sum())


def test_the_size_of_the_writing_does_not_matter() -> None:
    ink = write("58203", gap_px=2)
    large = np.asarray(cv2.resize(ink, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC), np.uint8)
    xs, large_xs = find_cuts(ink).xs, find_cuts(large).xs
    for x in xs:
        assert min(abs(x - other / 4) for other in large_xs) < 0.15 * 48


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (40, 200)])
@pytest.mark.parametrize("value", [0, 255])
def test_even_pictures_are_answered(shape: tuple[int, int], value: int) -> None:
    ink = np.full(shape, value, np.uint8)
    cuts = find_cuts(ink)
    assert (cuts.xs[0], cuts.xs[-1]) == (0, shape[1])
    assert piece(ink, cuts, 0, len(cuts.columns)).shape == shape


def test_wide_pieces_are_left_out_but_never_a_single_cell() -> None:
    line = np.zeros((40, 400), np.uint8)
    line[10:30, [20, 200, 380]] = 255
    line[18:22, 195:390] = 255
    cuts = find_cuts(line)
    pairs = pair_cuts(cuts, most_cells=3, widest=1.0)
    assert all(end - start <= 3 for start, end in pairs)
    assert (0, 2) not in pairs


def test_floats_are_refused() -> None:
    with pytest.raises(DataError, match="expected a non-empty uint8 array"):
        find_cuts(np.zeros((4, 4)))
