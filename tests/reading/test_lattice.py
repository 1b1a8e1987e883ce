import itertools
import math

import numpy as np
import pytest

from hdalr.errors import DataError, ParameterError
from hdalr.reading import paths
from hdalr.reading.automaton import any_text
from hdalr.reading.lattice import Edge, decode_lattice, score_lattice
from hdalr.reading.lexicon import compile_lexicon
from hdalr.reading.pattern import compile_pattern

LABELS = "01a"
PATTERNS = [".*", r"\d{2}", r"\d+a?", "a(01|10)", r"(\d-)?a", "(aa|0)*", "0{4}", "a|aa|a0a"]


def random_edges(seed, n_nodes=6, reach=3):
    rng = np.random.default_rng(seed)
    edges = [
        Edge(start, end, np.log(rng.dirichlet(np.ones(len(LABELS)))) - rng.exponential())
        for start in range(n_nodes)
        for end in range(start + 1, min(n_nodes, start + 1 + reach))
    ]
    return [edges[place] for place in rng.permutation(len(edges))]


def by_enumeration(edges, n_nodes):
    """The best path of every row of labels."""
    best = {}
    waiting = [((), 0, 0.0, ())]
    while waiting:
        row, node, score, spans = waiting.pop()
        if node == n_nodes - 1:
            best[row] = max(best.get(row, (-np.inf, ())), (score, spans))
        for start, end, log_probs in edges:
            if start == node:
                for number, label in enumerate(LABELS):
                    longer = score + log_probs[number]
                    waiting.append(((*row, label), end, longer, (*spans, (start, end))))
    return {"".join(row): found for row, found in best.items()}


def write(seen, automaton):
    """The shortest first text with at most one hyphen that fits."""
    ways = [seen, *(seen[:place] + "-" + seen[place:] for place in range(len(seen) + 1))]
    fitting = [text for text in ways if automaton.accepts(text)]
    return min(fitting, key=lambda text: (len(text), text), default=None)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n_best", [1, 5, 1000])
def test_the_best_texts_are_those_of_all_paths(pattern, seed, n_best):
    edges = random_edges(seed)
    automaton = compile_pattern(pattern, LABELS)
    right = [
        (-score, text, spans)
        for seen, (score, spans) in by_enumeration(edges, 6).items()
        if (text := write(seen, automaton)) is not None
    ]
    found = decode_lattice(edges, 6, LABELS, automaton, n_best)
    right = sorted(right)[:n_best]
    assert [hypothesis.text for hypothesis in found] == [text for _, text, _ in right]
    for hypothesis, (cost, _, spans) in zip(found, right, strict=True):
        assert hypothesis.log_probability == pytest.approx(-cost)
        assert tuple(span for span in hypothesis.spans if span[0] < span[1]) == spans
        score = score_lattice(edges, 6, LABELS, hypothesis.text)
        assert score == pytest.approx(hypothesis.log_probability)


@pytest.mark.parametrize("max_steps", [1, 10_000])
def test_a_lexicon_is_obeyed_however_one_looks_ahead(monkeypatch, max_steps):
    monkeypatch.setattr(paths, "MAX_EXACT_ARCS", 0)
    monkeypatch.setattr(paths, "MAX_STEPS", max_steps)
    words = ["0", "01a", "10a", "1-1", "aa0", "000", "a" * 9]
    for seed in range(10):
        edges = random_edges(seed)
        automaton = compile_lexicon(words, LABELS)
        scores = {word: score_lattice(edges, 6, LABELS, word) for word in words}
        right = sorted((word for word in words if scores[word] > -np.inf), key=scores.get)[::-1]
        found = decode_lattice(edges, 6, LABELS, automaton, n_best=9)
        assert [hypothesis.text for hypothesis in found] == right


def test_a_label_that_only_the_outline_favours_does_not_hide_the_best(monkeypatch):
    monkeypatch.setattr(paths, "MAX_EXACT_ARCS", 0)
    # The outline takes what follows 0 and 1 for one: 0a looks best, and is no word.
    edges = [Edge(0, 1, np.log([0.6, 0.4, 0.1])), Edge(1, 2, np.log([0.1, 0.1, 0.8]))]
    (found,) = decode_lattice(edges, 3, LABELS, compile_lexicon(["00", "1a"], LABELS), n_best=1)
    assert found.text == "1a"


def test_a_separator_has_an_empty_span():
    edges = [Edge(place, place + 1, np.log([0.8, 0.1, 0.1])) for place in range(3)]
    (found,) = decode_lattice(edges, 4, LABELS, compile_pattern("0-00", LABELS))
    assert found.text == "0-00"
    assert found.spans == ((0, 1), (1, 1), (1, 2), (2, 3))


def test_a_path_leads_from_the_first_node_to_the_last():
    inner = [Edge(1, 2, np.zeros(3))]
    assert decode_lattice(inner, 4, LABELS, any_text(LABELS)) == []
    assert decode_lattice([], 2, LABELS, any_text(LABELS)) == []
    assert score_lattice(inner, 4, LABELS, "0") == -np.inf


def test_one_node_reads_the_empty_text():
    (found,) = decode_lattice([], 1, LABELS, any_text(LABELS))
    assert (found.text, found.log_probability) == ("", 0.0)
    assert decode_lattice([], 1, LABELS, compile_pattern("0", LABELS)) == []


def test_equal_texts_are_in_the_order_of_the_text_and_take_few_steps():
    edges = [
        Edge(start, end, np.zeros(3))
        for start in range(40)
        for end in range(start + 1, min(40, start + 5))
    ]
    found = decode_lattice(edges, 40, "a01", any_text("a01"), n_best=4)
    texts = [hypothesis.text for hypothesis in found]
    assert texts == ["0" * length for length in range(10, 14)]
    assert {hypothesis.log_probability for hypothesis in found} == {0.0}


def test_labels_of_probability_zero_are_not_read():
    edges = [Edge(0, 1, [-np.inf, -1.0, -np.inf])]
    assert [h.text for h in decode_lattice(edges, 2, LABELS, any_text(LABELS))] == ["1"]
    assert decode_lattice(edges, 2, LABELS, compile_pattern("a", LABELS)) == []


def test_a_text_with_other_characters_has_no_probability():
    edges = [Edge(0, 1, np.zeros(3))]
    assert score_lattice(edges, 2, LABELS, "é") == -np.inf
    assert score_lattice(edges, 2, LABELS, "-1") == 0.0
    assert score_lattice(edges, 2, LABELS, "11") == -np.inf


@pytest.mark.parametrize("ends", [(0, 0), (1, 0), (-1, 1), (0, 3)])
def test_an_edge_that_leads_nowhere_is_refused(ends):
    with pytest.raises(ParameterError, match=f"edge 0 leads from {ends[0]} to {ends[1]}"):
        decode_lattice([Edge(*ends, np.zeros(3))], 3, LABELS, any_text(LABELS))


@pytest.mark.parametrize("numbers", [np.zeros(2), np.full(3, np.nan), [math.inf, 0, 0], "abc"])
def test_numbers_that_are_no_log_probabilities_are_refused(numbers):
    with pytest.raises(DataError, match="edge 1"):
        decode_lattice([Edge(0, 1, np.zeros(3)), Edge(0, 1, numbers)], 2, LABELS, any_text(LABELS))


def test_numbers_out_of_range_are_refused(monkeypatch):
    with pytest.raises(ParameterError, match="n_best 0"):
        decode_lattice([], 1, LABELS, any_text(LABELS), n_best=0)
    with pytest.raises(ParameterError, match="n_nodes 0"):
        decode_lattice([], 0, LABELS, any_text(LABELS))
    monkeypatch.setattr(paths, "MAX_CELLS", 10)
    with pytest.raises(ParameterError, match="4 states is too large for 6 nodes"):
        decode_lattice(random_edges(0), 6, LABELS, compile_pattern("000", LABELS))


def test_two_ways_to_cut_are_one_text():
    edges = [Edge(*ends, np.zeros(1)) for ends in itertools.combinations(range(4), 2)]
    found = decode_lattice(edges, 4, "1", any_text("1"), n_best=9)
    assert [hypothesis.text for hypothesis in found] == ["1", "11", "111"]
