import pytest

from hdalr.reading.finding import Finding, decide, join_lines
from hdalr.reading.result import Reason


def test_a_page_is_as_sure_as_all_its_lines_together():
    lines = [Finding("a", 0.9, threshold=0.6), Finding("b", 0.8, threshold=0.7)]
    page = join_lines(lines)
    assert page.confidence == pytest.approx(0.72)
    assert page.threshold == 0.7
    assert decide(page) is None


def test_the_first_reason_against_a_line_speaks_against_the_page():
    lines = [Finding("a", 0.9), Finding("b", 0.8, reason=Reason.not_a_character)]
    assert decide(join_lines(lines)) is Reason.not_a_character


def test_the_doubt_is_that_of_the_weakest_line():
    lines = [Finding("a", 0.9), Finding("b", 0.1, doubt=Reason.pattern)]
    assert decide(join_lines(lines)) is Reason.pattern


def test_alternatives_of_a_page_are_the_most_probable_ways_through_its_lines():
    lines = [
        Finding("a", 0.6, alternatives=(("a", 0.6), ("b", 0.4))),
        Finding("c", 0.9, alternatives=(("c", 0.9), ("d", 0.1))),
    ]
    found = join_lines(lines, n_best=3).alternatives
    assert [text for text, _ in found] == ["a\nc", "b\nc", "a\nd"]
    assert [chance for _, chance in found] == pytest.approx([0.54, 0.36, 0.06])


def test_one_line_stays_as_it_is():
    line = Finding("a", 0.9)
    assert join_lines([line]) is line
