"""What may stand in a field: its alphabet, pattern and lexicon as one automaton."""

from __future__ import annotations

import heapq
from functools import lru_cache

from hdalr.errors import DataError, ParameterError, UnknownNameError
from hdalr.reading.alphabets import find_alphabet
from hdalr.reading.automaton import Automaton
from hdalr.reading.checks import find_check
from hdalr.reading.choices import Case
from hdalr.reading.forms.template import Field, Style
from hdalr.reading.wording import compile_texts

ALPHABET = "alphanumeric"  # of a field that names none


@lru_cache(maxsize=500)
def compile_field(field: Field) -> Automaton:
    r"""Make the automaton of all texts that may stand in a field; remembered for the next form.

    Raises
    ------
    UnknownNameError
        If there is no alphabet of this name.
    ParameterError
        If the pattern or a word cannot be written with the alphabet, or no text fits all.

    Examples
    --------
    >>> from hdalr.reading.forms.template import Rect
    >>> zip_code = Field("zip", Rect(0, 0, 30, 8), Style.comb, cells=5, pattern=r"[1-9]\d{4}")
    >>> compile_field(zip_code).accepts("01234"), compile_field(zip_code).accepts("12345")
    (False, True)
    """
    limit = f".{{0,{field.max_length}}}" if field.max_length else None
    return compile_texts(
        field.pattern or limit,
        field.lexicon or None,
        find_alphabet(field.alphabet or ALPHABET),
    )


def case_of(field: Field) -> Case:
    """What becomes of case: where only capitals may stand, a small letter is read as its capital.

    Examples
    --------
    >>> from hdalr.reading.forms.template import Rect
    >>> case_of(Field("ward", Rect(0, 0, 30, 8), Style.comb, alphabet="upper"))
    <Case.upper: 'upper'>
    """
    letters = "".join(find_alphabet(field.alphabet or ALPHABET))
    if letters.isupper():
        return Case.upper
    return Case.lower if letters.islower() else Case.keep


def check_spelling(field: Field, where: str) -> None:
    """Raise an error that names what of a field's spelling cannot be.

    Raises
    ------
    DataError
        If a check box asks for text, a name is unknown, no text fits, or none fits the cells.
    """
    if field.style is Style.check:
        _check_bare(field, where)
        return
    try:
        automaton = compile_field(field)
        if field.check:
            find_check(field.check)
    except (UnknownNameError, ParameterError) as error:
        raise DataError(f"{where}: {error}") from error
    if field.max_length and (field.pattern or field.lexicon):
        raise DataError(
            f"{where}: max_length goes without a pattern or a lexicon; expected these to say it"
        )
    if field.style is Style.comb:
        _check_cells(field, automaton, where)


def _check_bare(field: Field, where: str) -> None:
    asked = ("alphabet", "pattern", "lexicon", "check", "max_length")
    if given := [key for key in asked if getattr(field, key)]:
        raise DataError(f"{where}: {', '.join(given)} given, but a check box holds no text")


def _check_cells(field: Field, automaton: Automaton, where: str) -> None:
    if field.max_length and field.max_length > field.cells:
        raise DataError(
            f"{where}: max_length: {field.max_length}; expected at most {field.cells}, the cells"
        )
    alphabet = frozenset("".join(find_alphabet(field.alphabet or ALPHABET)))
    needed = _least_written(automaton, alphabet)
    if needed > field.cells:
        raise DataError(
            f"{where}: the shortest text that fits needs {needed} cells; the comb has {field.cells}"
        )


def _least_written(automaton: Automaton, alphabet: frozenset[str]) -> int:
    """Characters of the alphabet in the text that needs fewest; separators take no cell."""
    best = {automaton.start: 0}
    waiting = [(0, automaton.start)]
    while waiting:
        count, state = heapq.heappop(waiting)
        if automaton.final[state]:
            return count
        for character, target in automaton.moves(state).items():
            longer = count + (character in alphabet)
            if longer < best.get(target, longer + 1):
                best[target] = longer
                heapq.heappush(waiting, (longer, target))
    raise AssertionError("an automaton accepts at least one text")
