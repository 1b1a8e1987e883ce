"""The best different rows of labels on a lattice: A* with what is still to come.

Hart, Nilsson and Raphael, "A formal basis for the heuristic determination of minimum cost paths"
(IEEE Trans. Systems Science and Cybernetics 4, 1968). The best completion of each node and state
is computed first, from the last node to the first; then only beginnings of the best texts are ever
looked at, and the first texts that come out are the best. For a large lexicon the completions are
those of its outline: they are never too low, so the result is the same and takes more steps.
"""

from __future__ import annotations

import heapq
import sys
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hdalr.errors import ParameterError
from hdalr.reading.log_probs import Floats
from hdalr.reading.outline import find_outline
from hdalr.reading.visible import Visible

MAX_EXACT_ARCS = 20_000  # of an automaton that is its own outline
MAX_CELLS = 30_000_000  # completions
MAX_STEPS = 10_000  # beginnings that are looked at, led by an outline; half a second

Texts = tuple[str, ...]  # labels, so that equal probabilities are sorted by the text
Spans = tuple[tuple[int, int], ...]


class Piece(NamedTuple):
    """An edge of the lattice whose numbers are checked: nodes, and scores of shape (n_labels,)."""

    start: int
    end: int
    log_probs: Floats


class Found(NamedTuple):
    """A row of labels, the log-probability of its best path, and the nodes of that."""

    row: tuple[int, ...]
    score: float
    spans: Spans


class _Beginning(NamedTuple):
    """A path from the first node; sorted by its best completion, then by its text."""

    cost: float  # minus the log-probability with the best completion
    texts: Texts
    node: int
    state: int
    score: float
    before: _Beginning | None
    label: int


class PathSearch:
    """The search over one lattice; `run` does it.

    Parameters
    ----------
    pieces
        The edges, sorted by where they end.
    n_nodes
        How many nodes there are.
    visible
        The automaton.
    n_best
        How many rows are wanted.
    """

    def __init__(self, pieces: list[Piece], n_nodes: int, visible: Visible, n_best: int) -> None:
        self.pieces = pieces
        self.n_nodes = n_nodes
        self.visible = visible
        self.n_best = n_best
        self.leaving: list[list[Piece]] = [[] for _ in range(n_nodes)]
        for piece in pieces:
            self.leaving[piece.start].append(piece)

    def run(self) -> list[Found]:
        """Give the best rows of labels, the best first.

        An outline may promise too much too often: after `MAX_STEPS` the exact completions are
        computed after all, with which the steps are few.

        Raises
        ------
        ParameterError
            If these are more than `MAX_CELLS`.
        """
        self.outline = find_outline(self.visible, MAX_EXACT_ARCS)
        found = self._search(MAX_STEPS if self._is_rough() else sys.maxsize)
        if found is None:
            self.outline = find_outline(self.visible, sys.maxsize)
            found = self._search(sys.maxsize)
        return found or []

    def _is_rough(self) -> bool:
        return len(self.outline.final) < len(self.outline.classes)

    def _search(self, max_steps: int) -> list[Found] | None:
        self.ahead = self._look_ahead()
        start = _Beginning(-float(self.ahead[0, 0]), (), 0, 0, 0.0, None, -1)
        waiting = [start] if start.cost < np.inf else []
        seen = set()
        found: list[Found] = []
        while waiting and len(found) < self.n_best:
            path = heapq.heappop(waiting)
            if (path.node, path.texts) in seen:
                continue
            seen.add((path.node, path.texts))
            if len(seen) > max_steps:
                return None
            if path.node == self.n_nodes - 1 and self.visible.final[path.state]:
                found.append(_walk_back(path))
            for piece in self.leaving[path.node]:
                for longer in self._follow(path, piece):
                    heapq.heappush(waiting, longer)
        return found

    def _follow(self, path: _Beginning, piece: Piece) -> list[_Beginning]:
        """Read a label from the next piece; of exact completions the best few are enough."""
        arcs = slice(self.visible.first[path.state], self.visible.first[path.state + 1])
        labels, targets = self.visible.arc_labels[arcs], self.visible.arc_targets[arcs]
        scores = path.score + piece.log_probs[labels]
        costs = -(scores + self.ahead[piece.end, self.outline.classes[targets]])
        best = np.argsort(costs, kind="stable")[: None if self._is_rough() else self.n_best]
        columns = (costs, labels, targets, scores)
        return [
            _Beginning(
                cost,
                (*path.texts, self.visible.labels[label]),
                piece.end,
                target,
                score,
                path,
                label,
            )
            for cost, label, target, score in zip(*(c[best].tolist() for c in columns), strict=True)
            if cost < np.inf
        ]

    def _look_ahead(self) -> NDArray[np.float64]:
        """Compute the best completion, shape (n_nodes, n_classes)."""
        outline, n_nodes = self.outline, self.n_nodes
        n_classes = len(outline.final)
        if n_nodes * n_classes > MAX_CELLS:
            raise ParameterError(
                f"an automaton of {len(self.visible.final)} states is too large for {n_nodes} "
                "nodes; expected a simpler pattern, or a shorter line"
            )
        ahead = np.full((n_nodes, n_classes), -np.inf)
        ahead[-1, outline.final] = 0.0
        if not len(outline.labels):
            return ahead
        classes, starts = np.unique(outline.sources, return_index=True)
        for piece in sorted(self.pieces, key=lambda piece: -piece.start):
            onward = piece.log_probs[outline.labels] + ahead[piece.end, outline.targets]
            best = np.maximum.reduceat(onward, starts)
            ahead[piece.start, classes] = np.maximum(ahead[piece.start, classes], best)
        return ahead


def _walk_back(path: _Beginning) -> Found:
    row: list[int] = []
    spans: list[tuple[int, int]] = []
    score = path.score
    while path.before is not None:
        row.append(path.label)
        spans.append((path.before.node, path.node))
        path = path.before
    return Found(tuple(row[::-1]), score, tuple(spans[::-1]))
