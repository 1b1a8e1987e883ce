"""Hopcroft's algorithm: the smallest deterministic automaton with the same language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from hdalr.reading.nfa import Table


def minimise(table: Table, accepting: set[int]) -> tuple[Table, set[int]]:
    """Merge the states that no text tells apart.

    Hopcroft, "An n log n algorithm for minimizing states in a finite automaton" (1971): blocks of
    states are split until all in a block go to the same blocks; of two halves the smaller one is
    looked at again. A missing move counts as one to a state from which nothing leads on.

    Parameters
    ----------
    table
        For each state the next state by group of characters; state 0 is the start.
    accepting
        The accepting states.

    Returns
    -------
    table, accepting
        The same for the merged states; 0 is again the start.

    Examples
    --------
    >>> minimise([{0: 1, 1: 2}, {0: 3}, {0: 3}, {}], {3})
    ([{0: 1, 1: 1}, {0: 2}, {}], {2})
    """
    dead = len(table)
    block_of = _partition(table, accepting, dead)
    number = {block: place for place, block in enumerate(dict.fromkeys(block_of[:dead]))}
    merged: Table = [{} for _ in number]
    for state, row in enumerate(table):
        merged[number[block_of[state]]] = {
            group: number[block_of[target]] for group, target in row.items()
        }
    return merged, {number[block_of[state]] for state in accepting}


def _partition(table: Table, accepting: set[int], dead: int) -> list[int]:
    before = _arrows_back(table, dead)
    blocks = [set(accepting), set(range(dead + 1)) - accepting]
    block_of = [0 if state in accepting else 1 for state in range(dead + 1)]
    waiting = {0, 1}
    while waiting:
        splitter = tuple(blocks[waiting.pop()])
        for arrows in before:
            sources = {source for target in splitter for source in arrows.get(target, ())}
            _split(blocks, block_of, sources, waiting)
    return block_of


def _arrows_back(table: Table, dead: int) -> list[dict[int, list[int]]]:
    groups = sorted({group for row in table for group in row})
    before: list[dict[int, list[int]]] = []
    for group in groups:
        arrows = defaultdict(list)
        arrows[dead].append(dead)
        for state, row in enumerate(table):
            arrows[row.get(group, dead)].append(state)
        before.append(arrows)
    return before


def _split(
    blocks: list[set[int]], block_of: list[int], sources: set[int], waiting: set[int]
) -> None:
    touched: dict[int, list[int]] = defaultdict(list)
    for state in sources:
        touched[block_of[state]].append(state)
    for block, inside in touched.items():
        if len(inside) == len(blocks[block]):
            continue
        _move_out(blocks, block_of, block, inside)
        new = len(blocks) - 1
        smaller = new if len(inside) <= len(blocks[block]) else block
        waiting.add(new if block in waiting else smaller)


def _move_out(
    blocks: list[set[int]], block_of: list[int], block: int, states: Sequence[int]
) -> None:
    blocks[block].difference_update(states)
    blocks.append(set(states))
    for state in states:
        block_of[state] = len(blocks) - 1
