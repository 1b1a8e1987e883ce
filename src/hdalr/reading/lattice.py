"""The most probable texts that an automaton accepts, on a lattice of cuts.

A line is cut at more places than there are characters. A node is a place to cut, an edge is the
piece between two of them with what a net for characters says of it. A path from the first node to
the last reads a label from each edge. Bozinovic and Srihari, "Off-line cursive script word
recognition" (IEEE PAMI 11, 1989) and LeCun et al., "Gradient-based learning applied to document
recognition" (Proc. IEEE 86, 1998, section V) read words and amounts in this way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from hdalr.errors import ParameterError
from hdalr.reading.alphabets import check_labels
from hdalr.reading.automaton import Automaton
from hdalr.reading.hypothesis import Hypothesis
from hdalr.reading.log_probs import check_log_probs, place_parts, rank, split_text
from hdalr.reading.paths import Found, PathSearch, Piece
from hdalr.reading.visible import Visible, see


class Edge(NamedTuple):
    """The piece of a line between two cuts.

    Attributes
    ----------
    start, end
        Nodes; ``start < end``.
    log_probs
        Natural logarithms, shape (n_labels,): how well the piece shows each label. They need not
        sum to 1, so that what speaks against the cuts themselves can be in them.
    """

    start: int
    end: int
    log_probs: ArrayLike


def decode_lattice(
    edges: Sequence[Edge],
    n_nodes: int,
    labels: Sequence[str],
    automaton: Automaton,
    n_best: int = 5,
) -> list[Hypothesis]:
    """Find the most probable texts that an automaton accepts. Exact.

    The log-probability of a text is that of its best path: the sum over the path's edges. (The
    other paths cut the same ink in worse ways; they are no further evidence for the text.)

    Parameters
    ----------
    edges
        In any order.
    n_nodes
        How many nodes there are; a path leads from node 0 to node ``n_nodes - 1``.
    labels
        The labels: a string of characters, or a sequence where a label may have several.
    automaton
        Which texts are allowed.
    n_best
        How many texts at most, 1 or more.

    Returns
    -------
    hypotheses
        The best first; equal ones in the order of their texts. The spans are nodes. Empty if no
        path reads an allowed text with a probability above 0.

    Raises
    ------
    ParameterError
        If an edge leads to no node or backwards, the labels are not different strings, or a number
        is out of range.
    DataError
        If the log-probabilities of an edge have another shape, or hold NaN or infinity.

    Examples
    --------
    >>> from hdalr.reading.automaton import any_text
    >>> from hdalr.reading.pattern import compile_pattern
    >>> def says(**share):
    ...     return np.log([share["one"], share["four"]])
    >>> edges = [
    ...     Edge(0, 1, says(one=0.8, four=0.1)),
    ...     Edge(1, 2, says(one=0.7, four=0.1)),
    ...     Edge(0, 2, says(one=0.1, four=0.6)),
    ... ]
    >>> decode_lattice(edges, 3, "14", any_text("14"))[0].text
    '4'
    >>> decode_lattice(edges, 3, "14", compile_pattern("..", "14"))[0].text
    '11'
    """
    labels = check_labels(labels)
    if n_best < 1:
        raise ParameterError(f"n_best {n_best}; expected 1 or more")
    pieces = _check_edges(edges, n_nodes, labels)
    visible = see(automaton, labels)
    found = PathSearch(pieces, n_nodes, visible, n_best).run()
    return rank([_hypothesis(path, visible) for path in found], n_best)


def score_lattice(edges: Sequence[Edge], n_nodes: int, labels: Sequence[str], text: str) -> float:
    """Give the log-probability of a text: that of the best path that reads it.

    Separators that are in no label are passed over.

    Returns
    -------
    log_probability
        Minus infinity if no path reads the text.

    Raises
    ------
    ParameterError, DataError
        As `decode_lattice`.

    Examples
    --------
    >>> edges = [Edge(0, 1, [-1.0, -2.0]), Edge(1, 2, [-3.0, -0.5]), Edge(0, 2, [-0.1, -9.0])]
    >>> score_lattice(edges, 3, "14", "14"), score_lattice(edges, 3, "14", "1")
    (-1.5, -0.1)
    """
    labels = check_labels(labels)
    pieces = _check_edges(edges, n_nodes, labels)
    path = split_text(text, labels)
    if path is None:
        return -np.inf
    row = np.array([labels.index(part) for part, seen in path if seen], np.int64)
    best = np.full((n_nodes, len(row) + 1), -np.inf)
    best[0, 0] = 0.0
    for start, end, log_probs in pieces:  # sorted by where they end
        best[end, 1:] = np.maximum(best[end, 1:], best[start, :-1] + log_probs[row])
    return float(best[-1, -1])


def _check_edges(edges: Sequence[Edge], n_nodes: int, labels: tuple[str, ...]) -> list[Piece]:
    """Check the edges, and sort them by where they end."""
    if n_nodes < 1:
        raise ParameterError(f"n_nodes {n_nodes}; expected 1 or more")
    pieces = []
    for number, (start, end, log_probs) in enumerate(edges):
        if not 0 <= start < end < n_nodes:
            raise ParameterError(
                f"edge {number} leads from {start} to {end}; expected 0 <= start < end < {n_nodes}"
            )
        scores = check_log_probs(log_probs, (len(labels),), f"edge {number}")
        pieces.append(Piece(int(start), int(end), scores))
    return sorted(pieces, key=lambda piece: (piece.end, piece.start))


def _hypothesis(found: Found, visible: Visible) -> Hypothesis:
    path = visible.write(found.row)
    parts = tuple(part for part, _ in path)
    return Hypothesis("".join(parts), found.score, place_parts(path, found.spans), parts)
