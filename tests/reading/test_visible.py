import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdalr.errors import ParameterError
from hdalr.reading.alphabets import find_alphabet
from hdalr.reading.automaton import any_text
from hdalr.reading.lexicon import compile_lexicon
from hdalr.reading.pattern import compile_pattern
from hdalr.reading.visible import see

LETTERS = find_alphabet("alphanumeric")
WORDS = st.lists(st.text("ab-/", min_size=1, max_size=5), min_size=1, max_size=6)


def accepts(visible, row):
    state = 0
    for label in row:
        arcs = range(visible.first[state], visible.first[state + 1])
        (*_, state) = [
            visible.arc_targets[arc] for arc in arcs if visible.arc_labels[arc] == label
        ] or [None]
        if state is None:
            return False
    return bool(visible.final[state])


@settings(deadline=None)
@given(words=WORDS, row=st.lists(st.integers(0, 1), max_size=5))
def test_rows_are_accepted_that_some_word_shows(words, row):
    visible = see(compile_lexicon(words, "ab"), ("a", "b"))
    seen = "".join("ab"[label] for label in row)
    fitting = [word for word in words if word.replace("-", "").replace("/", "") == seen]
    assert accepts(visible, row) == bool(fitting)
    if fitting:
        path = visible.write(row)
        text = "".join(part for part, _ in path)
        assert text == min(fitting, key=lambda word: (len(word), word))
        assert [shown for _, shown in path] == [part in "ab" for part in text]


def test_a_separator_in_the_labels_is_seen():
    automaton = compile_pattern("a-b", "ab")
    assert see(automaton, ("a", "b")).silent == {"-"}
    assert accepts(see(automaton, ("a", "b")), [0, 1])
    assert see(automaton, ("a", "b", "-")).silent == set()
    assert accepts(see(automaton, ("a", "b", "-")), [0, 2, 1])


def test_arcs_of_labels_that_the_net_lacks_are_left_out_with_what_leads_to_them():
    visible = see(compile_lexicon(["ab", "ca", "bac"], "abc"), ("a", "b"))
    assert visible.arc_labels[: visible.first[1]].tolist() == [0]
    assert accepts(visible, [0, 1])


def test_what_is_free_is_known():
    assert see(any_text("ab"), ("a", "b")).is_free
    assert not see(compile_pattern("a+", "ab"), ("a", "b")).is_free
    assert not see(compile_pattern("(aa)*", "ab"), ("a", "b")).is_free


def test_arcs_are_in_the_order_of_their_texts():
    visible = see(compile_pattern("-?b|-a", "ab"), ("b", "a"))
    assert visible.arc_labels[: visible.first[1]].tolist() == [1, 0]


def test_the_same_automaton_is_seen_once():
    automaton = any_text("ab")
    assert see(automaton, ("a", "b")) is see(automaton, ("a", "b"))


@pytest.mark.parametrize(
    "pattern",
    [
        r"[01]*-1\d{20}",
        r"([01]*-1\d{9}/){3}",
        r"(\d*-){40}[01]*-1.{30}",
        r"(\d*-)*1.{25}",
    ],
)
def test_silent_characters_that_explode_are_refused(pattern):
    digits = tuple("0123456789")
    started = time.process_time()
    with pytest.raises(ParameterError, match=r"- can be in too many|-/ can be in too many"):
        see(compile_pattern(pattern, digits), digits)
    assert time.process_time() - started < 10  # less than a second, most of the time


def test_an_explosion_over_many_labels_is_refused_as_soon():
    started = time.process_time()
    with pytest.raises(ParameterError, match="- can be in too many"):
        see(compile_pattern(r"(\w|-){500}", LETTERS), LETTERS)
    assert time.process_time() - started < 5  # half a second, most of the time


def test_silent_characters_may_be_anywhere_in_a_simple_pattern():
    digits = tuple("0123456789")
    visible = see(compile_pattern(r"(\d{1,3},)*\d{3}\.\d\d|\d*-\d{12}", digits), digits)
    assert "".join(part for part, _ in visible.write([1, 2, 3, 4, 5])) == "123.45"
