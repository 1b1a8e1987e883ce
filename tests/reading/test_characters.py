"""One character: a net that is not sure looks again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from hdalr.bundles import Bundle, load_bundle
from hdalr.images.picture import Picture
from hdalr.reading import characters
from hdalr.reading.characters import SLANTS, Scores, score_again

INK = np.zeros((60, 40), np.uint8)
INK[5:55, 18:23] = 255


def pad(row: list[float]) -> list[float]:
    """Probabilities of the first two digits and of no character, with the other digits' zeros."""
    return [*row[:2], *[0.0] * 8, row[2]]


def answers(monkeypatch: pytest.MonkeyPatch, first: list[float], others: list[float]) -> list[int]:
    """Let the net say this of the picture as it is, and that of any other view of it."""
    asked: list[int] = []
    (first, others) = (pad(one) for one in (first, others))

    def score(_bundle: Bundle, inks: Sequence[Picture]) -> Scores:
        asked.append(len(inks))
        rows = np.array([first if ink is INK else others for ink in inks])
        return Scores(rows[:, :-1], rows[:, -1])

    monkeypatch.setattr(characters, "score_glyphs", score)
    return asked


@pytest.mark.parametrize("first", [[0.94, 0.06, 0.0], [0.03, 0.03, 0.94]])
def test_a_net_that_is_sure_is_asked_once(
    monkeypatch: pytest.MonkeyPatch, first: list[float]
) -> None:
    asked = answers(monkeypatch, first, [0.0, 1.0, 0.0])
    scores = score_again(load_bundle("digits"), INK)
    assert asked == [1]
    assert [*scores.labels[0], *scores.none] == pad(first)


def test_views_outvote_a_doubtful_look(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, [0.6, 0.3, 0.1], [0.1, 0.8, 0.1])
    scores = score_again(load_bundle("digits"), INK)
    assert asked == [1, len(SLANTS)]
    expected = np.cbrt([0.6 * 0.1**2, 0.3 * 0.8**2, 0.1 * 0.1**2])
    found = [*scores.labels[0], *scores.none]
    np.testing.assert_allclose(found, pad(list(expected / expected.sum())), atol=1e-6)


def test_no_look_tells_look_alikes_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = load_bundle("characters")
    row = np.zeros((1, len(bundle.labels)))
    row[0, [bundle.labels.index(label) for label in "0Oo"]] = 0.4, 0.3, 0.26
    asked = []

    def score(_bundle: Bundle, inks: Sequence[Picture]) -> Scores:
        asked.append(len(inks))
        return Scores(row, np.array([0.04]))

    monkeypatch.setattr(characters, "score_glyphs", score)
    score_again(bundle, INK)
    assert asked == [1]


def test_what_no_view_can_be_is_no_nan(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, [0.7, 0.3, 0.0], [0.0, 1.0, 0.0])
    scores = score_again(load_bundle("digits"), INK)
    assert scores.labels.sum() + scores.none.sum() == pytest.approx(1)
    assert scores.none[0] < 1e-6
