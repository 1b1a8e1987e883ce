import math

import numpy as np
import pytest

from hdalr.reading.alignment import sum_paths
from hdalr.reading.automaton import any_text
from hdalr.reading.beam import BeamSearch
from hdalr.reading.lexicon import compile_lexicon
from hdalr.reading.pattern import compile_pattern
from hdalr.reading.visible import see

LABELS = ("0", "1")


def random_frames(seed, n_frames=5):
    return np.log(np.random.default_rng(seed).dirichlet(np.ones(1 + len(LABELS)), n_frames))


@pytest.mark.parametrize("pattern", [".*", "0*1?", "(00|1)*", "0{3}|01"])
@pytest.mark.parametrize("seed", range(3))
def test_without_limits_the_search_sums_all_paths(pattern, seed):
    frames = random_frames(seed)
    visible = see(compile_pattern(pattern, LABELS), LABELS)
    found = BeamSearch(frames, visible, beam=1000, margin=math.inf, least=1000).run()
    rows = [row for row, _ in found]
    scores = [score for _, score in found]
    np.testing.assert_allclose(scores, sum_paths(frames, rows), atol=1e-9)
    assert scores == sorted(scores, reverse=True)
    assert len(set(rows)) == len(rows)
    if pattern == ".*":
        assert np.logaddexp.reduce(scores) == pytest.approx(0)


@pytest.mark.parametrize("margin", [0.5, 2.0, 4.0])
def test_what_is_less_probable_than_the_margin_is_dropped(margin):
    frames = random_frames(1, 7)
    visible = see(any_text(LABELS), LABELS)
    found = BeamSearch(frames, visible, beam=1000, margin=margin, least=1).run()
    best = found[0][1]
    assert all(score >= best - margin for _, score in found)
    least = BeamSearch(frames, visible, beam=1000, margin=margin, least=40).run()
    assert len(least) >= 40 > len(found)


def test_no_more_than_the_beam_are_kept():
    frames = random_frames(2, 7)
    visible = see(any_text(LABELS), LABELS)
    assert len(BeamSearch(frames, visible, beam=6, margin=math.inf, least=1).run()) == 6


def test_a_larger_beam_is_taken_where_an_outline_guides(monkeypatch):
    monkeypatch.setattr("hdalr.reading.guide.MAX_EXACT_ARCS", 0)
    words = [f"{number:04b}" for number in range(16)]
    visible = see(compile_lexicon(words, LABELS), LABELS)
    assert len(BeamSearch(random_frames(3, 9), visible, 1, math.inf, 1).run()) > 1
