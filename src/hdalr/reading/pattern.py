r"""Patterns: a regular expression becomes an automaton over the alphabet."""

from __future__ import annotations

from collections.abc import Sequence

from hdalr.errors import ParameterError
from hdalr.reading.alphabets import check_labels
from hdalr.reading.automaton import Automaton, build_automaton
from hdalr.reading.expression import Choice, Node, Repeat, Row, Symbols, parse_expression
from hdalr.reading.minimise import minimise
from hdalr.reading.nfa import MAX_POSITIONS, Nfa, determinise, too_many
from hdalr.reading.separators import is_silent

Labels = tuple[str, ...]


def compile_pattern(pattern: str, alphabet: Sequence[str]) -> Automaton:
    r"""Compile a regular expression to the automaton of the texts that fit it as a whole.

    The syntax is the regular part of that of Python's ``re``, see `hdalr.reading.expression`.
    Classes, ``.`` and kinds such as ``\d`` mean the labels of the alphabet only. A separator that
    is demanded but not in the alphabet, such as the hyphen of ``\d{5}(-\d{4})?``, stays in the
    automaton: reading passes over it and writes it. Of a class of such separators (``[-/]``) the
    first is written.

    Parameters
    ----------
    pattern
        The regular expression.
    alphabet
        The labels: a string of characters, or a sequence where a label may have several code
        points, in which case ``.`` or a kind may stand for it.

    Returns
    -------
    automaton
        The smallest one, numbered in the order of its shortest texts.

    Raises
    ------
    ParameterError
        If the pattern is not of this syntax; if no text of the alphabet fits it; or if it explodes:
        more than 1,000 characters, a count above 1,000, groups more than 50 deep, 20,000 positions,
        5,000 states or a million steps to find them.

    Examples
    --------
    >>> code = compile_pattern(r"\d{5}(-\d{4})?", "0123456789")
    >>> code.accepts("12345-6789"), code.accepts("123456789"), code.accepts("12345")
    (True, False, True)
    """
    tree = parse_expression(pattern)
    labels = check_labels(alphabet)
    known = frozenset(character for label in labels for character in label)
    if _size(tree, labels) > MAX_POSITIONS:
        raise too_many(f"{MAX_POSITIONS} positions")
    nfa = Nfa()
    start = nfa.add_state()
    end = _build(tree, nfa, start, labels, known)
    table, accepting, groups = determinise(nfa, start, end)
    if not accepting:
        raise ParameterError(
            f"pattern {pattern[:60]!r}: no text of the alphabet fits; the alphabet is "
            f"{''.join(labels)[:80]}, and only punctuation, symbols and spaces may be missing in it"
        )
    table, accepting = minimise(table, accepting)
    return build_automaton(
        [{c: target for group, target in row.items() for c in groups[group]} for row in table],
        accepting,
    )


def _size(node: Node, labels: Labels) -> int:
    if isinstance(node, Symbols):
        return 2 + sum(2 * len(label) for label in labels if len(label) > 1)
    if isinstance(node, Row):
        return 1 + sum(_size(part, labels) for part in node.parts)
    if isinstance(node, Choice):
        return 1 + sum(_size(branch, labels) for branch in node.branches)
    return 2 + _size(node.body, labels) * (node.least + 1 if node.most is None else node.most)


def _build(node: Node, nfa: Nfa, start: int, labels: Labels, known: frozenset[str]) -> int:
    """Add what a node allows after a state, and give the state after it."""
    if isinstance(node, Symbols):
        return _build_symbols(node, nfa, start, labels, known)
    if isinstance(node, Row):
        for part in node.parts:
            start = _build(part, nfa, start, labels, known)
        return start
    if isinstance(node, Choice):
        end = nfa.add_state()
        for branch in node.branches:
            nfa.add_free(_build(branch, nfa, start, labels, known), end)
        return end
    return _build_repeat(node, nfa, start, labels, known)


def _build_repeat(node: Repeat, nfa: Nfa, start: int, labels: Labels, known: frozenset[str]) -> int:
    for _ in range(node.least):
        start = _build(node.body, nfa, start, labels, known)
    end = nfa.add_state()
    if node.most is None:  # a state of its own, so that no arrow leads back into what came before
        nfa.add_free(start, end)
        nfa.add_free(_build(node.body, nfa, end, labels, known), end)
        return end
    for _ in range(node.most - node.least):
        nfa.add_free(start, end)
        start = _build(node.body, nfa, start, labels, known)
    nfa.add_free(start, end)
    return end


def _build_symbols(
    node: Symbols, nfa: Nfa, start: int, labels: Labels, known: frozenset[str]
) -> int:
    end = nfa.add_state()
    allowed = [label for label in labels if node.allow(label)]
    written = node.written
    if not allowed and written is not None and (written in known or is_silent(written, known)):
        allowed = [written]  # in no label, or in the middle of one
    if single := frozenset(label for label in allowed if len(label) == 1):
        nfa.add_arc(start, single, end)
    for label in allowed:
        if len(label) > 1:
            _build_chain(label, nfa, start, end)
    return end


def _build_chain(label: str, nfa: Nfa, start: int, end: int) -> None:
    for character in label[:-1]:
        following = nfa.add_state()
        nfa.add_arc(start, frozenset(character), following)
        start = following
    nfa.add_arc(start, frozenset(label[-1]), end)
