"""What a net can see of an automaton: arcs by label, with the silent characters passed over.

An automaton says which texts are allowed. A net tells labels apart, not characters: a label may
have several code points, and a separator that is in no label is not seen at all. `Visible` is the
automaton that both decoders walk, and writes the text that a row of labels stands for.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from hdalr.errors import ParameterError
from hdalr.reading.automaton import Automaton
from hdalr.reading.separators import is_silent

MAX_STATES = 5_000  # of what is seen, or as many as the automaton has
MAX_VISITS = 1_000_000  # of arcs on the way there, and ten for each of the automaton's

Path = tuple[tuple[str, bool], ...]  # parts of a text, each with whether it is seen


@dataclass(frozen=True, eq=False)
class Visible:
    """A deterministic automaton over the numbers of labels; state 0 is the start.

    Attributes
    ----------
    automaton, labels
        What it was made of.
    first
        int64, shape (n_states + 1,): the arcs of state ``s`` are ``first[s] : first[s + 1]``, in
        the order of their texts.
    arc_labels
        int64, shape (n_arcs,): the label of each arc.
    arc_targets
        int64, shape (n_arcs,): the state that each arc leads to.
    final
        bool, shape (n_states,).
    silent
        The separators of the automaton that are in no label.
    """

    automaton: Automaton
    labels: tuple[str, ...]
    first: NDArray[np.int64]
    arc_labels: NDArray[np.int64]
    arc_targets: NDArray[np.int64]
    final: NDArray[np.bool_]
    silent: frozenset[str]

    @cached_property
    def sources(self) -> NDArray[np.int64]:
        """The state that each arc leaves, shape (n_arcs,)."""
        return np.repeat(np.arange(len(self.final)), np.diff(self.first))

    @property
    def is_free(self) -> bool:
        """Whether its labels may follow each other as they like, and end anywhere."""
        return len(self.final) == 1 and bool(self.final[0])

    def write(self, labels: Iterable[int]) -> Path:
        """Write the text that a row of labels stands for.

        Where silent characters can be put in several ways, the shortest text is written, and of
        these the first in the order of code points.

        Parameters
        ----------
        labels
            Numbers of labels; the automaton must accept them.

        Returns
        -------
        path
            The parts of the text, each with whether the picture shows it.
        """
        if not self.silent:
            return tuple((self.labels[number], True) for number in labels)
        texts = self._add_silent({0: (0, "", ())})
        for number in labels:
            following: dict[int, tuple[int, str, Path]] = {}
            for state, text in texts.items():
                target = self.automaton.step(state, self.labels[number])
                if target is not None:
                    longer = _longer(text, self.labels[number], seen=True)
                    following[target] = min(longer, following.get(target, longer))
            texts = self._add_silent(following)
        return min(text for state, text in texts.items() if self.automaton.final[state])[2]

    def _add_silent(
        self, texts: dict[int, tuple[int, str, Path]]
    ) -> dict[int, tuple[int, str, Path]]:
        """Follow silent characters from each state (Dijkstra; the text itself is the cost)."""
        waiting = [(text, state) for state, text in texts.items()]
        heapq.heapify(waiting)
        best: dict[int, tuple[int, str, Path]] = {}
        while waiting:
            text, state = heapq.heappop(waiting)
            if state not in best:
                best[state] = text
                for character, target in self.automaton.moves(state).items():
                    if character in self.silent:
                        heapq.heappush(waiting, (_longer(text, character, seen=False), target))
        return best


@lru_cache(maxsize=32)
def see(automaton: Automaton, labels: tuple[str, ...]) -> Visible:
    """Find what a net with these labels can see of an automaton; remembered for the next picture.

    Parameters
    ----------
    automaton
        Which texts are allowed.
    labels
        The labels of the net, checked.

    Raises
    ------
    ParameterError
        If the silent characters can be in so many places that what is seen explodes.
    """
    known = frozenset(character for label in labels for character in label)
    characters = list(map(chr, np.unique(automaton.codes).tolist()))
    silent = frozenset(character for character in characters if is_silent(character, known))
    if not silent and all(len(label) == 1 for label in labels):
        return _renamed(automaton, labels, characters)
    return _determinised(automaton, labels, silent)


def _longer(text: tuple[int, str, Path], part: str, *, seen: bool) -> tuple[int, str, Path]:
    return text[0] + len(part), text[1] + part, (*text[2], (part, seen))


def _renamed(automaton: Automaton, labels: tuple[str, ...], characters: Sequence[str]) -> Visible:
    """Give the arcs their labels' numbers; the states stay."""
    numbers = {label: number for number, label in enumerate(labels)}
    table = np.array([numbers.get(character, -1) for character in characters], np.int64)
    codes = np.array([ord(character) for character in characters], np.uint32)
    arc_labels = table[np.searchsorted(codes, automaton.codes)]
    sources = np.repeat(np.arange(len(automaton)), np.diff(automaton.first))
    return _visible(
        automaton, labels, sources, arc_labels, automaton.targets, automaton.final, frozenset()
    )


def _determinised(automaton: Automaton, labels: tuple[str, ...], silent: frozenset[str]) -> Visible:
    """Follow sets of states, since a silent character may be there or not.

    The sets may explode as those of a pattern may, and are limited likewise.
    """
    visits_left = MAX_VISITS + 10 * len(automaton.codes)
    onward = _label_arcs(automaton, labels)
    quiet = [
        [target for character, target in automaton.moves(state).items() if character in silent]
        for state in range(len(automaton))
    ]
    numbers = {_quietly(quiet, {0}): 0}
    known: dict[frozenset[int], int] = {}  # sets before their silent characters: their numbers
    arcs = []
    for states in (waiting := list(numbers)):  # grows while it is walked
        reached: dict[int, set[int]] = {}
        for state in states:
            visits_left -= 1 + len(onward[state])
            for number, target in onward[state]:
                reached.setdefault(number, set()).add(target)
        for number, targets in sorted(reached.items(), key=lambda item: labels[item[0]]):
            if (loud := frozenset(targets)) not in known:
                following = _quietly(quiet, targets)
                visits_left -= len(following)
                if following not in numbers:
                    numbers[following] = len(numbers)
                    waiting.append(following)
                known[loud] = numbers[following]
            arcs.append((numbers[states], number, known[loud]))
        if visits_left < 0 or len(numbers) > max(MAX_STATES, len(automaton)):
            raise ParameterError(
                f"the silent characters {''.join(sorted(silent))[:20]} can be in too many places: "
                f"more than {MAX_STATES} states or {MAX_VISITS} steps; expected a pattern that "
                "says more exactly where"
            )
    table = np.array(arcs, np.int64).reshape(-1, 3)
    final = np.array([any(automaton.final[state] for state in states) for states in waiting], bool)
    return _visible(automaton, labels, table[:, 0], table[:, 1], table[:, 2], final, silent)


def _label_arcs(automaton: Automaton, labels: tuple[str, ...]) -> list[list[tuple[int, int]]]:
    """For each state the labels that may follow, by number, each with the state after it."""
    beginning: dict[str, list[int]] = {}
    for number, label in enumerate(labels):
        beginning.setdefault(label[0], []).append(number)
    return [
        [
            (number, target)
            for character in automaton.moves(state)
            for number in beginning.get(character, ())
            if (target := automaton.step(state, labels[number])) is not None
        ]
        for state in range(len(automaton))
    ]


def _quietly(quiet: Sequence[Sequence[int]], states: set[int]) -> frozenset[int]:
    """Add the states that silent characters lead to."""
    reached = set(states)
    waiting = list(states)
    while waiting:
        new = set(quiet[waiting.pop()]) - reached
        reached |= new
        waiting.extend(new)
    return frozenset(reached)


def _visible(
    automaton: Automaton,
    labels: tuple[str, ...],
    sources: NDArray[np.int64],
    arc_labels: NDArray[np.int64],
    targets: NDArray[np.int64],
    final: NDArray[np.bool_],
    silent: frozenset[str],
) -> Visible:
    """Leave out the arcs whose label the net does not know, and those that lead nowhere."""
    kept = arc_labels >= 0
    if not kept.all() or silent:
        kept &= _leading_on(sources[kept], targets[kept], final)[targets]
    counts = np.bincount(sources[kept], minlength=len(final))
    return Visible(
        automaton,
        labels,
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        arc_labels[kept],
        targets[kept],
        final,
        silent,
    )


def _leading_on(
    sources: NDArray[np.int64], targets: NDArray[np.int64], final: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Mark the states from which the arcs lead to a final one."""
    before: list[list[int]] = [[] for _ in final]
    for source, target in zip(sources.tolist(), targets.tolist(), strict=True):
        before[target].append(source)
    leading = final.tolist()
    waiting = np.flatnonzero(final).tolist()
    while waiting:
        for source in before[waiting.pop()]:
            if not leading[source]:
                leading[source] = True
                waiting.append(source)
    return np.array(leading, bool)
