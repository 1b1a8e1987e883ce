import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdalr.errors import ParameterError
from hdalr.reading.automaton import any_text, build_automaton
from hdalr.reading.pattern import compile_pattern

TEXTS = st.text("abc", max_size=6)
WORDS = st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=8)


def test_steps_and_transitions_say_the_same():
    automaton = build_automaton([{"a": 1, "b": 0}, {"c": 2}, {}], accepting=[2])
    assert automaton.start == 0
    assert automaton.accepting == {2}
    for state, moves in enumerate(automaton.transitions):
        for character in "abc":
            assert automaton.step(state, character) == moves.get(character)


def test_a_label_of_several_characters_is_one_step():
    automaton = build_automaton([{"a": 1}, {"b": 2}, {}], accepting=[2])
    assert automaton.step(0, "ab") == 2
    assert automaton.step(0, "ba") is None


def test_states_that_lead_nowhere_or_are_never_met_are_left_out():
    automaton = build_automaton([{"a": 1, "b": 2}, {}, {"b": 2}, {"a": 1}], accepting=[1])
    assert automaton.transitions == ({"a": 1}, {})


def test_states_are_numbered_in_the_order_of_the_texts():
    one = build_automaton([{"b": 1, "a": 2}, {}, {"a": 1}], accepting=[1])
    other = build_automaton([{"a": 1, "b": 2}, {"a": 2}, {}], accepting=[2])
    assert one.transitions == other.transitions == ({"a": 1, "b": 2}, {"a": 2}, {})


def test_an_automaton_without_texts_is_refused():
    with pytest.raises(ParameterError, match="accepts no text; expected at least one"):
        build_automaton([{"a": 0}], accepting=[])


@settings(deadline=None)
@given(labels=st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, unique=True), text=TEXTS)
def test_any_text_is_what_labels_can_write(labels, text):
    writable = {""}
    for _ in text:
        writable |= {begun + label for begun in writable for label in labels}
        writable = {begun for begun in writable if text.startswith(begun)}
    assert any_text(labels).accepts(text) == (text in writable)


@pytest.mark.parametrize("alphabet", ["", [], ["a", ""], "aa", [1]])
def test_an_alphabet_without_different_labels_is_refused(alphabet):
    with pytest.raises(ParameterError, match="expected"):
        any_text(alphabet)


def test_arrays_are_sorted_by_state_and_character():
    automaton = compile_pattern("(c|a)(b|a)*", "abc")
    for state in range(len(automaton)):
        arcs = slice(automaton.first[state], automaton.first[state + 1])
        assert (np.diff(automaton.codes[arcs].astype(int)) > 0).all()
