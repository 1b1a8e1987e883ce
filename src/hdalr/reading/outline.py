"""The outline of an automaton: fewer states, which allow at least as much.

To look ahead through each state of a large lexicon costs too much. States that are equally far
from the start and from an end are taken for one. What such an outline promises is never too
little, so a search that it guides overlooks nothing (Culberson and Schaeffer, "Pattern databases",
Computational Intelligence 14, 1998, guide A* in this way); and since the way to an end is as long
as it promises, a search does not run into a dead end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hdalr.reading.visible import Visible

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Outline:
    """Classes of states, and the arcs between the classes.

    Attributes
    ----------
    classes
        Shape (n_states,): the class of each state of the automaton; 0 is that of the start.
    final
        bool, shape (n_classes,): whether a text may end in a state of the class.
    sources, labels, targets
        Shape (n_arcs,): the arcs between classes, sorted by where they leave.
    arc_pairs
        Shape (n_arcs,): the pair of label and class that each of these arcs leads to.
    pairs
        The same for each arc of the automaton itself.
    pair_labels, pair_classes
        Shape (n_pairs,): what the pairs are.
    """

    classes: Ints
    final: NDArray[np.bool_]
    sources: Ints
    labels: Ints
    targets: Ints
    arc_pairs: Ints
    pairs: Ints
    pair_labels: Ints
    pair_classes: Ints


@lru_cache(maxsize=64)
def find_outline(visible: Visible, most_arcs: int) -> Outline:
    """Make the outline of an automaton, which is itself if it has no more arcs than given."""
    if len(visible.arc_labels) <= most_arcs:
        classes = np.arange(len(visible.final))
    else:
        classes = _classes(visible)
    n_labels, n_classes = len(visible.labels), int(classes.max()) + 1
    final = np.zeros(n_classes, bool)
    np.logical_or.at(final, classes, visible.final)
    to_pair = classes[visible.arc_targets] * n_labels + visible.arc_labels
    keys, pairs = np.unique(to_pair, return_inverse=True)
    arcs = np.unique(classes[visible.sources] * len(keys) + pairs.reshape(-1))
    sources, arc_pairs = np.divmod(arcs, max(len(keys), 1))
    targets, labels = np.divmod(keys[arc_pairs], n_labels)
    pair_classes, pair_labels = np.divmod(keys, n_labels)
    return Outline(
        classes,
        final,
        sources,
        labels,
        targets,
        arc_pairs,
        pairs.reshape(-1),
        pair_labels,
        pair_classes,
    )


def _classes(visible: Visible) -> Ints:
    """Number the states by how far they are from the start and from an end; the start first."""
    starts = np.zeros(1, np.int64)
    depth = find_distances(visible.first, visible.arc_targets, starts)
    order = np.argsort(visible.arc_targets, kind="stable")
    counts = np.bincount(visible.arc_targets, minlength=len(visible.final))
    first = np.concatenate([[0], np.cumsum(counts)])
    rest = find_distances(first, visible.sources[order], np.flatnonzero(visible.final))
    both = (depth + 1) * (int(rest.max()) + 2) + rest + 1
    both[0] = 0  # the start, which may be met again, has a class of its own
    return np.asarray(np.unique(both, return_inverse=True)[1].reshape(-1), np.int64)


def find_distances(first: Ints, targets: Ints, starts: Ints) -> Ints:
    """Count the arcs from the nearest start to each state (breadth first); -1 if there is no way.

    Parameters
    ----------
    first, targets
        The arcs of state ``s`` lead to ``targets[first[s] : first[s + 1]]``.
    starts
        The states at distance 0.

    Examples
    --------
    >>> find_distances(np.array([0, 2, 3, 3, 3]), np.array([1, 2, 2]), np.array([0]))
    array([ 0,  1,  1, -1])
    """
    distances = np.full(len(first) - 1, -1, np.int64)
    distances[starts] = 0
    frontier = starts
    while len(frontier):
        _, arcs = expand(first, frontier)
        reached = np.unique(targets[arcs])
        following = reached[distances[reached] < 0]
        distances[following] = distances[frontier[0]] + 1
        frontier = following
    return distances


def expand(first: Ints, states: Ints) -> tuple[Ints, Ints]:
    """List the arcs that leave some states.

    Returns
    -------
    owners, arcs
        For each arc the place, in ``states``, of the one that it leaves; and its number.
    """
    counts = first[states + 1] - first[states]
    owners = np.repeat(np.arange(len(states)), counts)
    before = np.cumsum(counts) - counts
    return owners, np.arange(len(owners)) + (first[states] - before)[owners]
