import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdalr.reading.edits import align_texts, count_edits

TEXTS = st.text(alphabet="ab1", max_size=8)


def slow_count(true, read):
    if not true or not read:
        return len(true) + len(read)
    return min(
        slow_count(true[1:], read[1:]) + (true[0] != read[0]),
        slow_count(true[1:], read) + 1,
        slow_count(true, read[1:]) + 1,
    )


@pytest.mark.parametrize(
    ("true", "read", "n"), [("", "", 0), ("12", "", 2), ("", "7", 1), ("kitten", "sitting", 3)]
)
def test_known_distances(true, read, n):
    assert count_edits(true, read) == n


@given(st.text(alphabet="ab1", max_size=5), st.text(alphabet="ab1", max_size=5))
def test_the_count_is_the_least(true, read):
    assert count_edits(true, read) == slow_count(true, read)


@given(TEXTS, TEXTS)
def test_an_alignment_spells_both_texts_with_as_many_edits(true, read):
    pairs = align_texts(true, read)
    assert "".join(a for a, _ in pairs) == true
    assert "".join(b for _, b in pairs) == read
    assert sum(a != b for a, b in pairs) == count_edits(true, read)


def test_long_texts_are_aligned_quickly():
    rng = np.random.default_rng(0)
    one, other = ("".join(rng.choice(list("abc"), 2000)) for _ in range(2))
    assert 0 < count_edits(one, other) < 2000
