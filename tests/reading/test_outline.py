import numpy as np
import pytest

from hdalr.reading.lexicon import compile_lexicon
from hdalr.reading.outline import expand, find_outline
from hdalr.reading.pattern import compile_pattern
from hdalr.reading.visible import see


def texts_of(first, labels, targets, final, longest=6):
    """All rows of labels that arcs between states, or classes, allow."""
    found, waiting = set(), [((), 0)]
    while waiting:
        row, state = waiting.pop()
        if final[state]:
            found.add(row)
        if len(row) < longest:
            arcs = range(first[state], first[state + 1])
            waiting += [((*row, int(labels[arc])), int(targets[arc])) for arc in arcs]
    return found


@pytest.mark.parametrize(
    "automaton",
    [
        compile_lexicon(["a", "abc", "cab", "bbb", "bbc"], "abc"),
        compile_pattern("(ab|c)*a?", "abc"),
        compile_pattern("a{3}|b{5}c", "abc"),
    ],
)
@pytest.mark.parametrize("most_arcs", [0, 100])
def test_an_outline_allows_at_least_as_much(automaton, most_arcs):
    visible = see(automaton, ("a", "b", "c"))
    outline = find_outline(visible, most_arcs)
    n_classes = len(outline.final)
    first = np.searchsorted(outline.sources, np.arange(n_classes + 1))
    exact = texts_of(visible.first, visible.arc_labels, visible.arc_targets, visible.final)
    rough = texts_of(first, outline.labels, outline.targets, outline.final)
    assert exact <= rough
    assert outline.classes[0] == 0
    if most_arcs:
        assert exact == rough


def test_pairs_are_what_the_arcs_lead_to():
    visible = see(compile_pattern("(ab|c)*a?", "abc"), ("a", "b", "c"))
    outline = find_outline(visible, 0)
    assert (outline.pair_labels[outline.pairs] == visible.arc_labels).all()
    assert (outline.pair_classes[outline.pairs] == outline.classes[visible.arc_targets]).all()
    assert (outline.pair_labels[outline.arc_pairs] == outline.labels).all()
    assert (outline.pair_classes[outline.arc_pairs] == outline.targets).all()


def test_a_large_lexicon_has_a_small_outline():
    words = [f"{number:05d}" for number in range(0, 100_000, 37)]
    visible = see(compile_lexicon(words, "0123456789"), tuple("0123456789"))
    assert len(find_outline(visible, 100).final) == 6 < len(visible.final)


def test_arcs_are_listed_with_the_states_that_they_leave():
    owners, arcs = expand(np.array([0, 2, 2, 5]), np.array([2, 0, 1, 2]))
    assert owners.tolist() == [0, 0, 0, 1, 1, 3, 3, 3]
    assert arcs.tolist() == [2, 3, 4, 0, 1, 2, 3, 4]


def test_the_start_has_a_class_of_its_own_beside_states_that_cannot_be_met():
    visible = see(compile_lexicon(["ab", "ca", "b"], "abc"), ("a", "b"))
    outline = find_outline(visible, 0)
    assert outline.classes[0] == 0
    assert set(outline.labels[outline.sources == 0].tolist()) == {0, 1}


def test_states_are_taken_together_that_are_as_far_from_the_start_and_from_an_end():
    visible = see(compile_lexicon(["a", "abc", "cab"], "abc"), ("a", "b", "c"))
    classes = find_outline(visible, 0).classes.tolist()  # of "", a, c, ab, ca, abc, cab
    assert len(set(classes)) == 5
    assert classes[1] != classes[2]
    assert classes[3] == classes[4]
    assert classes[5] == classes[6]
