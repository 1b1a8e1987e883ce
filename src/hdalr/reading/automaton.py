"""Deterministic finite automata over characters: what a pattern or a lexicon becomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hdalr.errors import ParameterError
from hdalr.reading.alphabets import check_labels

Transitions = Sequence[Mapping[str, int]]  # for each state: character -> next state


@dataclass(frozen=True, eq=False)
class Automaton:
    """A deterministic finite automaton over single characters (code points).

    The transitions lie in arrays, sorted by state and then by character, so that a lexicon of a
    million words takes some tens of megabytes; `transitions` shows them as dicts. It is trimmed:
    an accepting state can be reached from every state. State 0 is the start.

    Attributes
    ----------
    first
        int64, shape (n_states + 1,): the arcs of state ``s`` are ``first[s] : first[s + 1]``.
    codes
        uint32, shape (n_arcs,): the code point of each arc.
    targets
        int64, shape (n_arcs,): the state that each arc leads to.
    final
        bool, shape (n_states,): whether a text may end in this state.

    Examples
    --------
    >>> automaton = build_automaton([{"a": 1}, {"b": 1}], accepting=[1])
    >>> automaton.accepts("abb"), automaton.accepts("b")
    (True, False)
    >>> automaton.transitions
    ({'a': 1}, {'b': 1})
    """

    first: NDArray[np.int64]
    codes: NDArray[np.uint32]
    targets: NDArray[np.int64]
    final: NDArray[np.bool_]
    _seen: dict[int, dict[str, int]] = field(default_factory=dict, repr=False)
    start: int = 0

    def __len__(self) -> int:
        """Count the states."""
        return len(self.final)

    @cached_property
    def accepting(self) -> frozenset[int]:
        """The states in which a text may end."""
        return frozenset(np.flatnonzero(self.final).tolist())

    @property
    def transitions(self) -> tuple[dict[str, int], ...]:
        """For each state, the next state by character; for a large lexicon use `moves`."""
        return tuple(self.moves(state) for state in range(len(self)))

    def moves(self, state: int) -> dict[str, int]:
        """Give the next states of one state by character, in the order of the characters."""
        if state not in self._seen:
            arcs = slice(self.first[state], self.first[state + 1])
            characters = map(chr, self.codes[arcs].tolist())
            self._seen[state] = dict(zip(characters, self.targets[arcs].tolist(), strict=True))
        return self._seen[state]

    def step(self, state: int, characters: str) -> int | None:
        """Walk from a state through one character, or through a label of several.

        Returns
        -------
        state
            The state after the last character, or None if the automaton does not go there.
        """
        for character in characters:
            following = self.moves(state).get(character)
            if following is None:
                return None
            state = following
        return state

    def accepts(self, text: str) -> bool:
        """Say whether the whole text is allowed."""
        state = self.step(self.start, text)
        return state is not None and bool(self.final[state])


def build_automaton(transitions: Transitions, accepting: Iterable[int]) -> Automaton:
    """Make an automaton from dicts; state 0 is the start.

    States that cannot be reached, or that lead to no accepting one, are left out; the others are
    numbered in the order in which they are met, by length and then by character, so that equal
    languages of minimal automata give equal arrays.

    Parameters
    ----------
    transitions
        For each state, the next state by character.
    accepting
        The states in which a text may end.

    Raises
    ------
    ParameterError
        If no text at all is accepted.
    """
    ends = set(accepting)
    useful = _leading_to(transitions, ends)
    if 0 not in useful:
        raise ParameterError("the automaton accepts no text; expected at least one")
    order, arcs = _in_order_met(transitions, useful)
    counts = np.zeros(len(order) + 1, np.int64)
    np.add.at(counts, [source + 1 for source, _, _ in arcs], 1)
    return Automaton(
        first=np.cumsum(counts),
        codes=np.array([code for _, code, _ in arcs], np.uint32),
        targets=np.array([target for _, _, target in arcs], np.int64),
        final=np.array([state in ends for state in order], bool),
    )


def any_text(alphabet: Sequence[str]) -> Automaton:
    """Accept every text made of the alphabet's labels, the empty one too.

    Parameters
    ----------
    alphabet
        The labels: a string of characters, or a sequence where a label may have several.

    Raises
    ------
    ParameterError
        If the alphabet is empty, or holds an empty label or one twice.

    Examples
    --------
    >>> free = any_text("abc")
    >>> free.accepts("cab"), free.accepts(""), free.accepts("abd")
    (True, True, False)
    >>> any_text(["क", "क्ष"]).accepts("कक्षक")
    True
    """
    labels = frozenset(check_labels(alphabet))
    characters = sorted({character for label in labels for character in label})
    begun = frozenset(label[:length] for label in labels for length in range(1, len(label)))
    numbers = {frozenset([""]): 0}  # what may have been begun, "" if nothing: the state's number
    transitions: list[dict[str, int]] = []
    for state in (waiting := list(numbers)):  # grows while it is walked
        moves: dict[str, int] = {}
        for character in characters:
            if following := _advance(state, character, labels, begun):
                if following not in numbers:
                    numbers[following] = len(numbers)
                    waiting.append(following)
                moves[character] = numbers[following]
        transitions.append(moves)
    return build_automaton(transitions, [numbers[state] for state in waiting if "" in state])


def _advance(
    state: frozenset[str], character: str, labels: frozenset[str], begun: frozenset[str]
) -> frozenset[str]:
    longer = {prefix + character for prefix in state}
    return frozenset(longer & begun) | frozenset([""] if longer & labels else [])


def _leading_to(transitions: Transitions, ends: set[int]) -> set[int]:
    before: list[list[int]] = [[] for _ in transitions]
    for source, moves in enumerate(transitions):
        for target in moves.values():
            before[target].append(source)
    useful = set(ends)
    waiting = list(ends)
    while waiting:
        new = set(before[waiting.pop()]) - useful
        useful |= new
        waiting.extend(new)
    return useful


def _in_order_met(
    transitions: Transitions, useful: set[int]
) -> tuple[list[int], list[tuple[int, int, int]]]:
    number = {0: 0}
    order = [0]
    arcs = []
    for state in order:  # grows while it is walked
        for character, target in sorted(transitions[state].items()):
            if target in useful:
                if target not in number:
                    number[target] = len(order)
                    order.append(target)
                arcs.append((number[state], ord(character), number[target]))
    return order, arcs
