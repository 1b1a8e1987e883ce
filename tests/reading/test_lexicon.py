import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdalr.errors import DataError, ParameterError
from hdalr.reading import lexicon as module
from hdalr.reading.alphabets import find_alphabet
from hdalr.reading.lexicon import compile_lexicon, read_lexicon

WORDS = st.lists(st.text("abc-", max_size=6), min_size=1, max_size=12).filter(any)


@settings(deadline=None)
@given(words=WORDS, other=st.text("abc-", max_size=6))
def test_the_words_and_nothing_else_are_accepted(words, other):
    automaton = compile_lexicon(words, "abc")
    for text in [*words, other, ""]:
        assert automaton.accepts(text) == (text != "" and text in words)


@settings(deadline=None)
@given(words=WORDS)
def test_the_trie_has_a_state_for_each_beginning(words):
    automaton = compile_lexicon(words, "abc")
    assert len(automaton) == len({word[:n] for word in words for n in range(len(word) + 1)})
    assert automaton.final.sum() == len({*words} - {""})


def test_words_may_be_there_twice_and_in_any_order():
    one = compile_lexicon(["b", "ab", "a", "b", ""], "ab")
    assert one.transitions == compile_lexicon(["a", "ab", "b"], "ab").transitions


def test_a_word_outside_the_alphabet_is_named():
    with pytest.raises(ParameterError, match=r"word 3, 'Bé': not made of the alphabet ABC"):
        compile_lexicon(["A", "A-B", "Bé"], "ABC")


def test_labels_of_several_code_points_make_words():
    labels = find_alphabet("devanagari")
    assert compile_lexicon(["क्षक", "त्र-क"], labels).accepts("क्षक")
    with pytest.raises(ParameterError, match="word 2"):
        compile_lexicon(["क", "क्"], labels)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no words"),
        (["", ""], "no words"),
        (["a" * 101], "word 1, 'aaa.*at most 100 characters"),
        (["a", 7], "word 2, 7: expected text"),
    ],
)
def test_lists_that_are_none_are_refused(words, said):
    with pytest.raises(ParameterError, match=said):
        compile_lexicon(words, "abc")


def test_too_many_words_are_refused_before_they_are_all_held(monkeypatch):
    monkeypatch.setattr(module, "MAX_WORDS", 10)
    with pytest.raises(ParameterError, match="more than 10 words"):
        compile_lexicon(("a" for _ in iter(int, 1)), "a")


def test_fifty_thousand_words_take_seconds():
    words = [f"{number * 7919 % 1_000_003:06d}" for number in range(50_000)]
    started = time.process_time()
    automaton = compile_lexicon(words, "0123456789")
    assert time.process_time() - started < 30  # a third of a second on an idle machine
    assert all(automaton.accepts(word) for word in words[::5000])


def test_a_file_holds_one_word_a_line(tmp_path):
    path = tmp_path / "words.txt"
    path.write_bytes("\ufeffUlm\r\n\n Köln \nUlm".encode())
    assert read_lexicon(path) == ["Ulm", "", "Köln", "Ulm"]


def test_the_number_of_a_word_is_that_of_its_line(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("A\n\nB\n7\n")
    with pytest.raises(ParameterError, match="word 4, '7'"):
        compile_lexicon(read_lexicon(path), "AB")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no words"),
        (b"\n \n", "no words"),
        (b"A\nB\xff\n", "line 2: not UTF-8"),
        ("A".encode("utf-16"), "line 1: not UTF-8"),
    ],
)
def test_bad_files_are_refused_by_name(tmp_path, content, said):
    path = tmp_path / "words.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=said) as error:
        read_lexicon(path)
    assert "words.txt" in str(error.value)


def test_a_file_that_is_missing_or_too_large_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "words.txt"
    with pytest.raises(DataError, match="cannot be read"):
        read_lexicon(path)
    path.write_bytes(b"A\n" * 10)
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 19)
    with pytest.raises(DataError, match="more than 19 bytes"):
        read_lexicon(path)
