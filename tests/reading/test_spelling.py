import numpy as np
import pytest

from hdalr.reading.lookalikes import LOOKALIKES, merge_lookalikes
from hdalr.reading.spelling import MERGED, Case, make_spelling, writer

LABELS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("case", Case)
@pytest.mark.parametrize("merge", [False, True])
@pytest.mark.parametrize("allowed", [LABELS, "0123456789", "ABC", "7"])
def test_no_probability_is_lost(case, merge, allowed):
    write = writer(case, merge)
    spelling = make_spelling(LABELS, write, list(dict.fromkeys(map(write, allowed))))
    np.testing.assert_allclose(spelling.shares.sum(axis=1), 1)
    assert len(set(spelling.written)) == len(spelling.written)
    assert spelling.allowed == tuple(dict.fromkeys(map(write, allowed)))


def test_merging_gives_the_47_labels_of_emnist():
    assert len({writer(Case.keep, True)(label) for label in LABELS}) == 47
    assert len(MERGED) == 15


def test_a_look_alike_of_several_is_shared_among_them():
    spelling = make_spelling("1Il", writer(Case.keep, False), "1I")
    assert spelling.spell(np.array([0.0, 0.0, 1.0])).tolist() == [0.5, 0.5]


def test_a_label_that_cannot_change_case_in_one_character_stays():
    assert writer(Case.upper, False)("ß") == "ß"
    assert writer(Case.upper, False)("क्ष") == "क्ष"


def test_each_character_is_in_one_class_of_look_alikes():
    characters = "".join(LOOKALIKES)
    assert len(set(characters)) == len(characters)
    assert merge_lookalikes(characters) == "".join(c[0] * len(c) for c in LOOKALIKES)
