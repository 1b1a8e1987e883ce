import itertools
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdalr.errors import ParameterError
from hdalr.reading.alphabets import find_alphabet
from hdalr.reading.pattern import compile_pattern

ALPHABET = "".join(find_alphabet("alphanumeric"))
SEEN = "ab1_"  # an alphabet in which all that the patterns below can demand is seen

TEXTS = ["".join(text) for length in range(5) for text in itertools.product(SEEN, repeat=length)]

ATOMS = st.sampled_from(
    ["a", "b", "1", "_", ".", r"\d", r"\w", r"\D", r"\W", r"\S", "[ab]", "[^a]", r"[^\d]", "[a-b1]"]
)
QUANTIFIERS = st.sampled_from(["?", "*", "+", "{2}", "{1,}", "{,2}", "{1,3}", "{0}"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("({0[0]}|{0[1]})".format),
        st.tuples(inner, QUANTIFIERS).map("(?:{0[0]}){0[1]}".format),
        inner.map("({})?".format),
    ),
    max_leaves=8,
)


def refusal(pattern, alphabet=ALPHABET):
    started = time.process_time()
    with pytest.raises(ParameterError) as error:
        compile_pattern(pattern, alphabet)
    assert time.process_time() - started < 10  # an idle machine needs less than one
    return str(error.value)


@settings(deadline=None)
@given(pattern=PATTERNS)
def test_what_fits_is_what_re_says(pattern):
    fitting = [text for text in TEXTS if re.fullmatch(pattern, text)]
    try:
        automaton = compile_pattern(pattern, SEEN)
    except ParameterError:  # no text fits
        assert fitting == []
    else:
        assert [text for text in TEXTS if automaton.accepts(text)] == fitting


@settings(deadline=None)
@given(pattern=PATTERNS)
def test_every_state_leads_to_an_end_and_is_needed(pattern):
    try:
        automaton = compile_pattern(f"{pattern}|a", SEEN)
    except ParameterError:
        return
    transitions, accepting = automaton.transitions, automaton.accepting
    kinds = {state: state in accepting for state in range(len(automaton))}
    for _ in transitions:  # Moore: tell states apart by what they lead to
        kinds = {
            state: (kinds[state], *((c, kinds[t]) for c, t in transitions[state].items()))
            for state in kinds
        }
        number = {kind: place for place, kind in enumerate(dict.fromkeys(kinds.values()))}
        kinds = {state: number[kind] for state, kind in kinds.items()}
    assert len(set(kinds.values())) == len(automaton)
    leading = set(accepting)
    for _ in transitions:
        leading |= {s for s, moves in enumerate(transitions) if leading & set(moves.values())}
    assert len(leading) == len(automaton)


@pytest.mark.parametrize(
    ("pattern", "fits", "fails"),
    [
        (r"\d{5}(-\d{4})?", ["12345", "12345-6789"], ["1234", "123456789", "12345-"]),
        (r"^[A-Z]{2}\d+$", ["AB1"], ["A1", "ab1"]),
        (r"[]a]", ["a"], [""]),
        (r"a\.b", ["a.b"], ["ab"]),
        (r"a b\$", ["a b$"], ["ab"]),
        (r"a*|b", ["", "aa", "b"], ["ab", "ba"]),
        (r"a|b$", ["a", "b"], ["ab"]),
        ("", [""], ["a"]),
        ("a{,2}", ["", "a", "aa"], ["aaa"]),
        ("a}]", ["a}]"], ["a"]),
        (r"[a\-z]", ["a", "z"], ["b"]),
        ("[az-]", ["a", "z"], ["b"]),
        (r"\d\s\d", ["1 2"], ["12"]),
    ],
)
def test_worked_examples(pattern, fits, fails):
    automaton = compile_pattern(pattern, ALPHABET)
    assert all(automaton.accepts(text) for text in fits)
    assert not any(automaton.accepts(text) for text in fails)
    assert all(re.fullmatch(pattern, text) for text in fits)
    assert not any(re.fullmatch(pattern, text) for text in fails)


def test_of_a_class_of_separators_the_first_is_written():
    automaton = compile_pattern(r"\d[-/.]\d", "0123456789")
    assert automaton.accepts("1-2")
    assert not automaton.accepts("1/2")


def test_a_class_that_the_alphabet_shows_in_part_is_that_part():
    automaton = compile_pattern("[-01]+", "0123456789")
    assert automaton.accepts("0110")
    assert not automaton.accepts("0-1")


@pytest.mark.parametrize("pattern", [r"A\d{4}", "[A-Z]", "é", "[^0-9]", "\n", "(?:)[a]"])
def test_letters_and_digits_are_never_silent(pattern):
    message = refusal(pattern, "0123456789")
    assert "no text of the alphabet fits; the alphabet is 0123456789" in message


def test_a_branch_that_cannot_fit_is_left_out():
    assert compile_pattern(r"[A-Z]|\d", "012").transitions == ({"0": 1, "1": 1, "2": 1}, {})


def test_a_label_of_several_code_points_is_one_symbol():
    labels = find_alphabet("devanagari")
    automaton = compile_pattern(r".{2}", labels)
    assert automaton.accepts("कख")
    assert automaton.accepts("क्षत्र")
    assert not automaton.accepts("क")
    assert not automaton.accepts("क्")
    assert compile_pattern("क्षक?", labels).accepts("क्षक")
    assert compile_pattern(r"\d", labels).transitions[0].keys() == set("०१२३४५६७८९")
    assert compile_pattern("[^क]", labels).accepts("क्ष")
    assert not compile_pattern("[क-ह]", labels).accepts("क्ष")


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("a(?=b)", "character 2: '(?=b', as of looking around"),
        ("(?i)a", "character 1: '(?i)', as of looking around, flags or names"),
        ("(?P<n>a)", "'(?P<'"),
        (r"(a)\1", r"character 4: a back reference, \1; expected"),
        (r"\bA", r"an escape that is not known here, \b"),
        (r"\x41", r"\x; expected \d \w"),
        ("a*?", "character 3: a second quantifier"),
        ("a*+", "a second quantifier"),
        ("a{2}{3}", "character 5: a second quantifier"),
        ("*a", r"character 1: a quantifier with nothing before it; expected \*"),
        ("(|+)", "character 3: a quantifier with nothing before"),
        ("a{", r"a { without counts; expected {m}"),
        ("a{x}", "character 2: a { without counts"),
        ("a{,}", "a { without counts"),
        ("a{3,2}", "the counts {3,2}; expected 0 to 1000, the smaller one first"),
        ("a{1001}", "the counts {1001}"),
        ("(a", "character 1: a group that is not closed"),
        ("a)", "character 2: a ) that closes nothing"),
        ("[ab", "character 1: a class that is not closed"),
        ("[]", "a class that is not closed"),
        ("[b-a]", "character 2: the range b-a"),
        (r"[\d-a]", r"the range \d-a"),
        ("a\\", "a backslash at the end"),
        ("a^b", r"character 2: a ^ inside the pattern; expected none"),
        ("a$b", r"a $ inside the pattern"),
        ("a" * 1001, "pattern of 1001 characters; expected at most 1000"),
        ("(" * 51 + "a" + ")" * 51, "groups in groups; expected at most 50 deep"),
        (7, "pattern: int; expected a string"),
    ],
)
def test_what_is_not_allowed_is_named_with_its_place(pattern, said):
    assert said in refusal(pattern)


@pytest.mark.parametrize(
    ("pattern", "limit"),
    [
        ("(((a{99}){99}){99})", "20000 positions"),
        ("((((((a{1000}){1000}){1000}){1000}){1000}){1000})", "20000 positions"),
        ("((a?){100}){100}", "20000 positions"),
        (".*a.{30}", "5000 states"),
        ("(.{0,99}a){20}", "5000 states"),
        ("(a?){1000}", "1000000 steps"),
        ("(.{1,1000}){4}", "1000000 steps"),
        ("(((a?)*b?)*c?){300}", "1000000 steps"),
        ("((){1000}){1000}", "20000 positions"),
    ],
)
def test_a_pattern_that_explodes_is_refused_with_the_limit(pattern, limit):
    assert f"needs more than {limit} as an automaton" in refusal(pattern)


def test_nested_stars_are_one_state():
    assert len(compile_pattern("(" * 40 + "a|a" + ")*" * 40, ALPHABET)) == 1


def test_a_repetition_of_a_loop_stays_apart_from_what_is_before():
    automaton = compile_pattern("(ab*){2}", "ab")
    assert automaton.accepts("abbab")
    assert not automaton.accepts("abb")


@pytest.mark.parametrize("alphabet", ["", "aa", ["a", ""]])
def test_the_alphabet_is_checked(alphabet):
    with pytest.raises(ParameterError, match="expected"):
        compile_pattern("a", alphabet)
