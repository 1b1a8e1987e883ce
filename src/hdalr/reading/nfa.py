"""From a tree of choices to a deterministic automaton: Thompson's and the subset construction.

Thompson, "Regular expression search algorithm" (Communications of the ACM 11, 1968); Rabin and
Scott, "Finite automata and their decision problems" (IBM Journal 3, 1959). What these can make
explode is counted, and refused at a limit.
"""

from __future__ import annotations

from collections.abc import Iterable

from hdalr.errors import ParameterError

MAX_POSITIONS = 20_000  # states of the nondeterministic automaton
MAX_STATES = 5_000  # of the deterministic one
MAX_STEPS = 1_000_000  # visits of a state on the way there, a quarter of a second

States = frozenset[int]
Table = list[dict[int, int]]  # for each state: group of characters -> next state


class Nfa:
    """A nondeterministic automaton that grows: states, arcs, and free moves between states."""

    def __init__(self) -> None:
        self.arcs: list[tuple[frozenset[str], int] | None] = []
        self.free: list[list[int]] = []
        self.steps = 0
        self.closures: dict[int, States] = {}

    def add_state(self) -> int:
        """Add a state and give its number."""
        if len(self.arcs) >= MAX_POSITIONS:
            raise too_many(f"{MAX_POSITIONS} positions")
        self.arcs.append(None)
        self.free.append([])
        return len(self.arcs) - 1

    def add_arc(self, source: int, characters: frozenset[str], target: int) -> None:
        """Let any of the characters lead from one state to another."""
        fork = self.add_state()
        self.free[source].append(fork)
        self.arcs[fork] = (characters, target)

    def add_free(self, source: int, target: int) -> None:
        """Let nothing at all lead from one state to another."""
        self.free[source].append(target)

    def closure(self, state: int) -> States:
        """Give all states that free moves reach from one, itself included."""
        if state not in self.closures:
            reached = {state}
            waiting = [state]
            while waiting:
                new = set(self.free[waiting.pop()]) - reached
                self.count(1 + len(new))
                reached |= new
                waiting.extend(new)
            self.closures[state] = frozenset(reached)
        return self.closures[state]

    def count(self, steps: int) -> None:
        """Count work, and refuse to do more than the limit."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise too_many(f"{MAX_STEPS} steps")


def too_many(limit: str) -> ParameterError:
    """Make the error for a pattern that explodes."""
    return ParameterError(
        f"the pattern needs more than {limit} as an automaton; expected fewer or smaller "
        "repetitions in each other, and fewer choices that begin alike"
    )


def determinise(nfa: Nfa, start: int, end: int) -> tuple[Table, set[int], list[list[str]]]:
    """Make a nondeterministic automaton deterministic.

    Characters that no arc tells apart are one group, so that ``[A-Z]`` costs one step, not 26.

    Returns
    -------
    table
        For each state the next state by group; state 0 is the start.
    accepting
        The states that hold ``end``.
    groups
        The characters of each group.
    """
    sets = list(dict.fromkeys(arc[0] for arc in nfa.arcs if arc))
    groups = _group(sets)
    number = {characters: place for place, characters in enumerate(sets)}
    members = list(groups.values())
    numbers = {nfa.closure(start): 0}
    table: Table = []
    for states in (waiting := list(numbers)):  # grows while it is walked
        reached = _after(nfa, states, number)
        row = {}
        for group, inside in enumerate(groups):
            following = frozenset[int]().union(*(reached[s] for s in inside if s in reached))
            nfa.count(len(inside) + len(following))
            if following:
                if following not in numbers:
                    numbers[following] = len(numbers)
                    waiting.append(following)
                row[group] = numbers[following]
        table.append(row)
        if len(numbers) > MAX_STATES:
            raise too_many(f"{MAX_STATES} states")
    return table, {n for states, n in numbers.items() if end in states}, members


def _group(sets: list[frozenset[str]]) -> dict[tuple[int, ...], list[str]]:
    inside: dict[str, list[int]] = {}
    for place, characters in enumerate(sets):
        for character in characters:
            inside.setdefault(character, []).append(place)
    groups: dict[tuple[int, ...], list[str]] = {}
    for character in sorted(inside):
        groups.setdefault(tuple(inside[character]), []).append(character)
    return groups


def _after(nfa: Nfa, states: Iterable[int], number: dict[frozenset[str], int]) -> dict[int, States]:
    reached: dict[int, set[int]] = {}
    for state in states:
        if arc := nfa.arcs[state]:
            closed = nfa.closure(arc[1])
            reached.setdefault(number[arc[0]], set()).update(closed)
            nfa.count(len(closed))
        nfa.count(1)
    return {place: frozenset(closed) for place, closed in reached.items()}
