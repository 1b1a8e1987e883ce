import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdalr.errors import DataError, ParameterError
from hdalr.reading import guide
from hdalr.reading.alphabets import find_alphabet
from hdalr.reading.automaton import any_text
from hdalr.reading.ctc import align_ctc, decode_ctc, score_ctc, score_texts
from hdalr.reading.lexicon import compile_lexicon
from hdalr.reading.pattern import compile_pattern

LABELS = "01a"
PATTERNS = [
    ".*",
    r"\d{2}",
    r"\d+a?",
    "a(01|10)",
    r"(\d-)?a",
    "(aa|0)*",
    "0{3}",
    ".{0,1}",
    "a|aa|a0a",
]


def random_frames(seed, n_frames=5, n_labels=3, sharpness=1.0):
    scores = np.random.default_rng(seed).normal(size=(n_frames, 1 + n_labels)) * sharpness
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)


def all_texts(longest, labels=LABELS):
    for length in range(longest + 1):
        yield from map("".join, itertools.product(labels, repeat=length))


def by_enumeration(frames, automaton, spelled=lambda text: [text]):
    """Every text that fits and can be written, the best first."""
    seen = list(all_texts(len(frames)))
    found = []
    for text, score in zip(seen, score_texts(frames, LABELS, seen), strict=True):
        if fitting := [way for way in spelled(text) if automaton.accepts(way)]:
            found.append((-score, min(fitting, key=lambda way: (len(way), way))))
    return [(text, -cost) for cost, text in sorted(found) if cost < np.inf]


def with_hyphens(seen):
    """All ways to put one hyphen into a text, or none."""
    return [seen, *(seen[:place] + "-" + seen[place:] for place in range(len(seen) + 1))]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("seed", range(4))
def test_a_beam_as_large_as_the_texts_is_exact(pattern, seed):
    frames = random_frames(seed, sharpness=1 + seed)
    automaton = compile_pattern(pattern, LABELS)
    right = by_enumeration(frames, automaton, with_hyphens)
    found = decode_ctc(frames, LABELS, automaton, n_best=2000, beam=2000, margin=math.inf)
    assert [hypothesis.text for hypothesis in found] == [text for text, _ in right]
    scores = [hypothesis.log_probability for hypothesis in found]
    np.testing.assert_allclose(scores, [score for _, score in right])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_usual_beam_finds_the_best_of_a_small_problem(pattern):
    automaton = compile_pattern(pattern, LABELS)
    for seed in range(10):
        frames = random_frames(seed, sharpness=3)
        right = by_enumeration(frames, automaton, with_hyphens)
        found = decode_ctc(frames, LABELS, automaton)
        assert found[0].text == right[0][0]
        assert found[0].log_probability == pytest.approx(right[0][1])


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    pattern=st.sampled_from(["0{9}", "(01){3}a", r"\d{7}(-a)?", "a|0101010"]),
    n_frames=st.integers(1, 20),
)
def test_a_text_that_fits_is_found_even_by_the_smallest_beam(seed, pattern, n_frames):
    frames = random_frames(seed, n_frames, sharpness=30)
    automaton = compile_pattern(pattern, LABELS)
    needed = {"0{9}": 17, "(01){3}a": 7, r"\d{7}(-a)?": 7, "a|0101010": 1}[pattern]
    found = decode_ctc(frames, LABELS, automaton, n_best=1, beam=1)
    assert bool(found) == (n_frames >= needed)
    assert all(automaton.accepts(hypothesis.text) for hypothesis in found)


def test_a_pattern_wins_over_what_the_frames_say():
    frames = np.log(np.full((9, 4), 0.02))
    frames[:, 0] = math.log(0.9)
    for place, label in ((1, 3), (4, 2), (7, 3)):  # a1a
        frames[place] = np.log([0.02, 0.04, 0.04, 0.04])
        frames[place, label] = math.log(0.9)
    assert decode_ctc(frames, LABELS, any_text(LABELS))[0].text == "a1a"
    two_digits = decode_ctc(frames, LABELS, compile_pattern(r"a?\d-\d", LABELS))
    assert two_digits[0].text == "a1-0"  # 0 and 1 are equal there: in the order of the texts
    assert two_digits[1].text == "a1-1"
    assert two_digits[0].spans == ((1, 2), (4, 5), (5, 5), (7, 8))


def test_silent_characters_are_written():
    digits = "0123456789"
    frames = np.full((27, 11), -12.0)
    for place, character in enumerate("123456789"):
        frames[3 * place + 1, 1 + int(character)] = -0.01
    frames[:, 0] = np.where(frames.max(1) > -1, -6, -0.01)
    automaton = compile_pattern(r"\d{5}(-\d{4})?", digits)
    best = decode_ctc(frames, digits, automaton)[0]
    assert best.text == "12345-6789"
    assert best.parts == tuple("12345-6789")
    assert best.spans[4:7] == ((13, 14), (14, 14), (16, 17))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("1-?2", "12"),  # the shortest
        ("1(-|/)2", "1-2"),  # then the first in the order of code points
        ("-*12", "12"),
        ("(--|/)12.?", "/12."),
        ("#12|1-2", "#12"),
    ],
)
def test_of_two_ways_to_write_what_is_silent_the_shortest_first_one_is_taken(pattern, text):
    frames = np.log([[0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    automaton = compile_pattern(pattern.replace(".?", r"\."), "12")
    assert decode_ctc(frames, "12", automaton)[0].text == text


def test_labels_of_several_code_points_are_parts():
    labels = find_alphabet("devanagari")
    place = labels.index("क्ष"), labels.index("क")
    frames = np.full((4, 47), -9.0)
    frames[[0, 2], [1 + place[0], 1 + place[1]]] = -0.1
    frames[[1, 3], 0] = -0.1
    best = decode_ctc(frames, labels, compile_pattern(".-.", labels))[0]
    assert best.text == "क्ष-क"
    assert best.parts == ("क्ष", "-", "क")
    assert best.spans == ((0, 1), (1, 1), (2, 3))
    assert best.log_probability == pytest.approx(score_ctc(frames, labels, best.text))
    assert align_ctc(frames, labels, best.text) == list(best.spans)


@pytest.mark.parametrize("most_arcs", [0, 10_000])
def test_a_lexicon_is_obeyed_with_an_outline_or_without(monkeypatch, most_arcs):
    monkeypatch.setattr(guide, "MAX_EXACT_ARCS", most_arcs)
    words = ["0", "01a", "10a", "1-1", "aa0", "000"]
    for seed in range(15):
        automaton = compile_lexicon(words, LABELS)  # a new one: outlines are remembered
        frames = random_frames(seed, 7, sharpness=3)
        right = sorted(words, key=lambda word: -score_ctc(frames, LABELS, word))
        found = decode_ctc(frames, LABELS, automaton, n_best=6, margin=math.inf)
        assert [hypothesis.text for hypothesis in found] == right


def test_an_alphabet_that_the_net_lacks_in_part_is_passed_over():
    automaton = compile_lexicon(["ab", "a1", "1"], "ab1")
    frames = random_frames(3, 5, 2)
    found = decode_ctc(frames, "a1", automaton)
    assert sorted(hypothesis.text for hypothesis in found) == ["1", "a1"]
    assert decode_ctc(frames, "xy", automaton) == []


def test_too_few_frames_give_nothing():
    assert decode_ctc(random_frames(0, 3), LABELS, compile_pattern("0{4}", LABELS)) == []
    assert decode_ctc(random_frames(0, 3), LABELS, compile_pattern("00", LABELS))[0].text == "00"
    assert decode_ctc(random_frames(0, 2), LABELS, compile_pattern("00", LABELS)) == []
    assert decode_ctc(np.zeros((0, 4)), LABELS, compile_pattern("0", LABELS)) == []


def test_no_frames_read_the_empty_text_where_it_is_allowed():
    (found,) = decode_ctc(np.zeros((0, 4)), LABELS, compile_pattern("-?", LABELS))
    assert (found.text, found.log_probability, found.spans) == ("", 0.0, ())


def test_texts_of_probability_zero_are_not_given():
    frames = np.full((3, 4), -np.inf)
    frames[:, 1] = 0.0  # 0 on all frames
    assert [h.text for h in decode_ctc(frames, LABELS, any_text(LABELS))] == ["0"]
    assert decode_ctc(frames, LABELS, compile_pattern("a", LABELS)) == []
    assert score_ctc(frames, LABELS, "a") == -np.inf


def test_equal_texts_are_in_the_order_of_the_text():
    frames = np.log(np.full((1, 4), 0.25))
    found = decode_ctc(frames, LABELS, any_text(LABELS))
    assert [hypothesis.text for hypothesis in found] == ["", "0", "1", "a"]
    assert found == decode_ctc(frames, LABELS, any_text(LABELS))


def test_an_improbable_text_is_scored_without_underflow():
    frames = np.full((60, 4), -2000.0)
    frames[:, 0] = 0.0
    best = decode_ctc(frames, LABELS, compile_pattern("0101", LABELS))[0]
    assert best.log_probability == pytest.approx(-8000, abs=20)


def test_the_score_of_many_texts_is_that_of_each():
    frames = random_frames(1)
    texts = ["", "0", "1-a", "é", "0" * 9]
    assert score_texts(frames, LABELS, texts) == [score_ctc(frames, LABELS, text) for text in texts]
    assert score_ctc(frames, LABELS, "1-a") == score_ctc(frames, LABELS, "1a")
    assert score_ctc(frames, LABELS, "é") == -np.inf


@pytest.mark.parametrize("text", ["é", "0000000"])
def test_a_text_that_cannot_be_written_has_no_alignment(text):
    with pytest.raises(ParameterError, match="cannot be written on 5 frames"):
        align_ctc(random_frames(0), LABELS, text)


@pytest.mark.parametrize(
    "frames",
    [
        np.full((5, 4), np.nan),
        np.full((5, 4), np.inf),
        np.zeros((5, 3)),
        np.zeros(4),
        np.zeros((2, 5, 4)),
        np.array([["a"] * 4]),
        np.zeros((5, 4), complex),
        None,
    ],
)
def test_numbers_that_are_no_log_probabilities_are_refused(frames):
    for call in (
        lambda: decode_ctc(frames, LABELS, any_text(LABELS)),
        lambda: score_ctc(frames, LABELS, "0"),
        lambda: align_ctc(frames, LABELS, "0"),
    ):
        with pytest.raises(DataError, match="CTC log-probabilities"):
            call()


@pytest.mark.parametrize(
    "options", [{"n_best": 0}, {"beam": 0}, {"margin": -1.0}, {"margin": math.nan}]
)
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(ParameterError, match="expected 1 or more"):
        decode_ctc(random_frames(0), LABELS, any_text(LABELS), **options)


def test_an_automaton_too_large_for_the_frames_is_refused(monkeypatch):
    monkeypatch.setattr(guide, "MAX_CELLS", 100)
    with pytest.raises(ParameterError, match="11 states is too large for 30 frames"):
        decode_ctc(random_frames(0, 30), LABELS, compile_pattern("0{10}", LABELS))
