import unicodedata

import pytest

from hdalr.datasets.sources import DATASETS
from hdalr.errors import ParameterError, UnknownNameError
from hdalr.reading.alphabets import ALPHABETS, check_labels, find_alphabet
from hdalr.reading.separators import is_separator


@pytest.mark.parametrize("name", ALPHABETS)
def test_every_alphabet_has_different_labels_in_their_usual_form(name):
    labels = find_alphabet(name)
    assert check_labels(labels) == labels
    assert all(unicodedata.normalize("NFC", label) == label for label in labels)
    assert not any(map(is_separator, "".join(labels)))


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("digits", 10),
        ("letters", 52),
        ("alphanumeric", 62),
        ("hexadecimal", 22),
        ("devanagari", 46),
    ],
)
def test_sizes(name, size):
    assert len(find_alphabet(name)) == size


@pytest.mark.parametrize(("source", "name"), [("mnist", "digits"), ("devanagari", "devanagari")])
def test_labels_are_the_classes_of_the_data_set_in_its_order(source, name):
    assert tuple(DATASETS[source].classes) == find_alphabet(name)


def test_ones_own_characters_are_taken_once_in_their_order():
    assert find_alphabet("chars:CAB-A") == ("C", "A", "B", "-")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("chars:", "0 characters; expected 1 to 1000"),
        ("chars:" + "a" * 1001, "1001 characters"),
        ("chars:a b", r"U\+0020 cannot be seen"),
        ("chars:a\x00", r"U\+0000 cannot be seen"),
        ("chars:\ud800", r"U\+D800 cannot be seen"),
    ],
)
def test_ones_own_characters_are_checked(name, said):
    with pytest.raises(ParameterError, match=said):
        find_alphabet(name)


def test_an_unknown_name_lists_those_that_exist():
    with pytest.raises(UnknownNameError, match="did you mean 'digits'"):
        find_alphabet("digit")


def test_separators_are_no_letters_digits_or_signs_on_letters():
    assert all(map(is_separator, "-/.,: $€+#'\u00a0"))
    assert not any(map(is_separator, "aZ5é०क\u094d\n\u2028\x00\ud800"))
