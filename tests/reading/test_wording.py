import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdalr.errors import ParameterError
from hdalr.reading.pattern import compile_pattern
from hdalr.reading.request import make_request
from hdalr.reading.wording import fold_case, make_wording, restore_case

ALPHABET = tuple("01ABab")
PATTERNS = [r"[AB]\d", "(a|B)*", "A?b+", "[ab]{2}|[A]{3}", ".*"]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(text=st.text(alphabet="01ab", max_size=5))
def test_folding_accepts_what_fits_in_any_case(pattern, text):
    folded = fold_case(compile_pattern(pattern, ALPHABET))
    ways = [""]
    for character in text:
        ways = [way + c for way in ways for c in {character, character.upper()}]
    assert folded.accepts(text) == any(re.fullmatch(pattern, way) for way in ways)


@pytest.mark.parametrize("pattern", PATTERNS)
@given(text=st.text(alphabet="01ab", max_size=5))
def test_a_restored_text_fits_the_pattern(pattern, text):
    cased = compile_pattern(pattern, ALPHABET)
    if fold_case(cased).accepts(text):
        restored = "".join(restore_case(cased, list(text), lambda _place, _way: 0.5))
        assert restored.lower() == text
        assert re.fullmatch(pattern, restored)


def test_the_more_probable_case_is_written_where_both_fit():
    cased = compile_pattern("[ABab]{2}", ALPHABET)
    seen = {(0, "A"): 0.9, (0, "a"): 0.1, (1, "B"): 0.2, (1, "b"): 0.3}
    assert restore_case(cased, ["a", "b"], lambda place, way: seen[place, way]) == ("A", "b")


def test_case_of_the_alphabet_follows_the_request():
    assert make_wording(make_request(case="upper"), ALPHABET).symbols == ("0", "1", "A", "B")
    assert make_wording(make_request(case="lower"), ALPHABET).symbols == ("0", "1", "a", "b")
    assert make_wording(make_request(case="fold"), ALPHABET).symbols == ("0", "1", "a", "b")


def test_only_what_a_pattern_uses_is_left():
    wording = make_wording(make_request(pattern=r"\d{2}-[AB]"), ALPHABET)
    assert wording.symbols == ("0", "1", "A", "B")
    assert wording.automaton.accepts("01-B")


def test_words_are_written_in_the_case_that_was_asked_for():
    wording = make_wording(make_request(lexicon=["ab", "A1"], case="upper"), ALPHABET)
    assert [wording.automaton.accepts(word) for word in ("AB", "A1", "ab")] == [True, True, False]
    folded = make_wording(make_request(lexicon=["Ab", "A1"], case="fold"), ALPHABET)
    assert folded.automaton.accepts("ab")
    assert folded.cased is not None
    assert restore_case(folded.cased, ["a", "b"], lambda _place, _way: 1.0) == ("A", "b")


@pytest.mark.parametrize("words", ["word", [1], ["A", None], 7])
def test_a_lexicon_that_is_no_list_of_texts_is_refused(words):
    with pytest.raises(ParameterError, match="lexicon: got"):
        make_request(lexicon=words)


@pytest.mark.parametrize("case", ["keep", "fold"])
@pytest.mark.parametrize("pattern", ["", "-", "-*"])
def test_a_pattern_without_a_character_to_read_is_refused(pattern, case):
    with pytest.raises(ParameterError, match="hold no character of the alphabet"):
        make_wording(make_request(pattern=pattern, case=case), ALPHABET)


def test_words_that_fit_no_pattern_are_refused():
    wording = make_wording(make_request(lexicon=["AB", "A1"], pattern=r"A\d"), ALPHABET)
    assert [wording.automaton.accepts(word) for word in ("AB", "A1")] == [False, True]
    with pytest.raises(ParameterError, match="none of the 1 words"):
        make_wording(make_request(lexicon=["AB"], pattern=r"\d"), ALPHABET)
