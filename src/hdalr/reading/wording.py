"""Which texts may stand: alphabet, pattern and lexicon in one automaton, whatever the case."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hdalr.errors import ParameterError
from hdalr.reading.automaton import Automaton, any_text, build_automaton
from hdalr.reading.choices import Case
from hdalr.reading.lexicon import compile_lexicon
from hdalr.reading.pattern import compile_pattern
from hdalr.reading.request import Request
from hdalr.reading.spelling import Write, writer

RAREST = 1e-9  # probability of a case that the net does not know
MOST_STATES = 20_000  # of a pattern with its two cases taken together

Evidence = Callable[[int, str], float]  # part of the text, way to write it -> probability


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """What may be written.

    Attributes
    ----------
    automaton
        The texts, as `write` spells labels.
    symbols
        The labels that occur in them.
    write
        How a net's label is spelled in the automaton.
    cased
        With case ``fold``: the texts in the case that was asked for. Else None.
    """

    automaton: Automaton
    symbols: tuple[str, ...]
    write: Write
    cased: Automaton | None = None


def make_wording(request: Request, alphabet: Sequence[str]) -> Wording:
    r"""Compile what a request allows.

    Parameters
    ----------
    request
        Its pattern, lexicon, case and `merge` are used.
    alphabet
        The labels that may occur.

    Raises
    ------
    ParameterError
        If no text fits, or if the pattern or the lexicon is not allowed.

    Examples
    --------
    >>> wording = make_wording(Request(pattern=r"[A-C]\d"), ["A", "B", "C", "D", "1"])
    >>> wording.symbols, wording.automaton.accepts("B1")
    (('A', 'B', 'C', '1'), True)
    """
    folding = request.case is Case.fold
    write = writer(Case.keep if folding else request.case, request.merge)
    labels = tuple(dict.fromkeys(map(write, alphabet)))
    if request.lexicon is not None and not folding:
        words: tuple[str, ...] | None = tuple("".join(map(write, w)) for w in request.lexicon)
    else:
        words = request.lexicon
    automaton = compile_texts(request.pattern, words, labels)
    if not folding:
        return Wording(automaton, _used(automaton, labels), write)
    lowered = tuple(dict.fromkeys(label.lower() for label in labels))
    if words is not None and request.pattern is None:
        folded = compile_lexicon([word.lower() for word in words], lowered)
    else:
        folded = fold_case(automaton)
    return Wording(folded, _used(folded, lowered), writer(Case.fold, request.merge), automaton)


def compile_texts(
    pattern: str | None, words: Sequence[str] | None, labels: Sequence[str]
) -> Automaton:
    r"""Compile what a pattern and a lexicon allow, together or alone; with neither, any text.

    Raises
    ------
    ParameterError
        If no text fits, or if the pattern or the lexicon is not allowed.

    Examples
    --------
    >>> town = compile_texts("B.*", ["Ulm", "Bonn"], "BUlmno")
    >>> town.accepts("Bonn"), town.accepts("Ulm")
    (True, False)
    """
    if pattern is None:
        return any_text(labels) if words is None else compile_lexicon(words, labels)
    automaton = compile_pattern(pattern, labels)
    if words is None:
        return automaton
    fitting = [word for word in words if automaton.accepts(word)]
    if not fitting:
        raise ParameterError(
            f"none of the {len(words)} words of the lexicon fits the pattern {pattern[:60]!r}"
        )
    return compile_lexicon(fitting, labels)


def fold_case(automaton: Automaton) -> Automaton:
    """Accept, in small letters, what the automaton accepts in any case.

    Raises
    ------
    ParameterError
        If that takes more than 20,000 states.

    Examples
    --------
    >>> folded = fold_case(compile_pattern("[AB]a|bB", "abAB"))
    >>> [folded.accepts(text) for text in ("aa", "bb", "ab", "AA")]
    [True, True, False, False]
    """
    numbers = {frozenset([automaton.start]): 0}
    transitions: list[dict[str, int]] = []
    for states in (waiting := list(numbers)):  # grows while it is walked
        reached: dict[str, set[int]] = {}
        for state in states:
            for character, target in automaton.moves(state).items():
                reached.setdefault(_lower(character), set()).add(target)
        moves = {}
        for character, targets in reached.items():
            following = frozenset(targets)
            if following not in numbers:
                numbers[following] = len(numbers)
                waiting.append(following)
            moves[character] = numbers[following]
        transitions.append(moves)
        if len(numbers) > MOST_STATES:
            raise ParameterError(
                f"the pattern needs more than {MOST_STATES} states with case folded; "
                "choose case keep, upper or lower, or a simpler pattern"
            )
    ends = [number for states, number in numbers.items() if automaton.final[list(states)].any()]
    return build_automaton(transitions, ends)


def restore_case(cased: Automaton, parts: Sequence[str], evidence: Evidence) -> tuple[str, ...]:
    """Write each part of a folded text in the case that fits and is most probable.

    Parameters
    ----------
    cased
        The texts that may stand, in their own case.
    parts
        A text in small letters that `fold_case` of the automaton accepts.
    evidence
        Probability of a way to write a part, by the part's number.

    Examples
    --------
    >>> cased = compile_pattern("[A-Z][a-z]+", "abAB")
    >>> restore_case(cased, ["a", "b"], lambda part, text: 0.5)
    ('A', 'b')
    """
    best: dict[int, tuple[float, tuple[str, ...]]] = {cased.start: (0.0, ())}
    for number, part in enumerate(parts):
        following: dict[int, tuple[float, tuple[str, ...]]] = {}
        for state, (score, written) in best.items():
            for text in dict.fromkeys((part, part.upper())):
                target = cased.step(state, text)
                if target is None:
                    continue
                total = score + math.log(max(evidence(number, text), RAREST))
                if target not in following or total > following[target][0]:
                    following[target] = (total, (*written, text))
        best = following
    ends = [way for state, way in best.items() if cased.final[state]]
    return max(ends)[1] if ends else tuple(parts)


def _used(automaton: Automaton, labels: Sequence[str]) -> tuple[str, ...]:
    """The labels whose characters the automaton has arcs for."""
    characters = set(map(chr, set(automaton.codes.tolist())))
    used = tuple(label for label in labels if characters.issuperset(label))
    if not used:
        raise ParameterError(
            f"the texts that fit hold no character of the alphabet {''.join(labels)[:80]}; "
            "expected a pattern or words that do"
        )
    return used


def _lower(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character
