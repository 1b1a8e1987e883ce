import itertools

import numpy as np
import pytest

from hdalr.reading import guide
from hdalr.reading.lexicon import compile_lexicon
from hdalr.reading.pattern import compile_pattern
from hdalr.reading.visible import see

LABELS = ("0", "1")
N_FRAMES = 4


def random_frames(seed):
    return np.log(np.random.default_rng(seed).dirichlet(np.ones(1 + len(LABELS)), N_FRAMES))


def completion(frames, visible, state, last):
    """The best of all ways to go on from a state to an end, tried one by one."""
    best = -np.inf
    for path in itertools.product(range(1 + len(LABELS)), repeat=len(frames)):
        score, at, before = 0.0, state, last
        for frame, label in zip(frames, path, strict=True):
            score += frame[label]
            if label and label - 1 != before:
                at = step(visible, at, label - 1)
            before = label - 1
        if at is not None and visible.final[at]:
            best = max(best, score)
    return best


def step(visible, state, label):
    if state is None:
        return None
    arcs = range(visible.first[state], visible.first[state + 1])
    return next((visible.arc_targets[a] for a in arcs if visible.arc_labels[a] == label), None)


@pytest.mark.parametrize("pattern", ["00", "0{3}|1", "(01)*", "0+1?", "(00|11)+"])
@pytest.mark.parametrize("seed", range(3))
def test_the_guide_is_the_best_completion(pattern, seed):
    frames = random_frames(seed)
    visible = see(compile_pattern(pattern, LABELS), LABELS)
    found = guide.look_ahead(frames, visible)
    assert found.is_exact
    for number in range(N_FRAMES + 1):
        rest = frames[number:]
        for state in range(len(visible.final)):
            right = completion(rest, visible, state, -1)
            assert found.blank[number, state] == pytest.approx(right, abs=1e-5)
        for arc, pair in enumerate(found.outline.pairs):
            label, target = visible.arc_labels[arc], visible.arc_targets[arc]
            right = completion(rest, visible, target, label)
            assert found.label[number, pair] == pytest.approx(right, abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_an_outline_promises_no_less(monkeypatch, seed):
    monkeypatch.setattr(guide, "MAX_EXACT_ARCS", 0)
    frames = random_frames(seed)
    visible = see(compile_lexicon(["00", "011", "1", "110", "101"], LABELS), LABELS)
    found = guide.look_ahead(frames, visible)
    assert not found.is_exact
    for number in range(N_FRAMES + 1):
        for state, place in enumerate(found.outline.classes):
            exact = completion(frames[number:], visible, state, -1)
            assert found.blank[number, place] >= exact - 1e-5


def test_where_all_is_allowed_nothing_has_to_be_known():
    found = guide.look_ahead(random_frames(0), see(compile_pattern("[01]*", LABELS), LABELS))
    assert not found.blank.any()
    assert not found.label.any()
