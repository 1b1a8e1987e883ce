"""What is still to come at best: the Viterbi scores that guide the search under CTC.

A beam that looks back only keeps what fits the first frames, and may end with texts that the
pattern does not allow to end. Here the best completion of each state is computed first, from the
last frame to the first, so that what cannot be completed is never kept, and what must pay later
is not preferred. That of a large automaton is computed on its outline, and is an upper bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdalr.errors import ParameterError
from hdalr.reading.log_probs import Floats
from hdalr.reading.outline import Outline, find_outline
from hdalr.reading.visible import Visible

MAX_EXACT_ARCS = 4_000  # of an automaton that is its own outline
MAX_CELLS = 30_000_000  # of one guide

Ints = NDArray[np.int64]
Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Guide:
    """The best log-probability of the frames that follow.

    Attributes
    ----------
    outline
        Which column belongs to which state and arc.
    blank
        Shape (n_frames + 1, n_classes): from a state, before the frame of that number, when the
        last frame was a blank.
    label
        Shape (n_frames + 1, n_pairs + 1): when it was the pair's label. The last column is for the
        start, where there was no label.
    """

    outline: Outline
    blank: Singles
    label: Singles

    @property
    def is_exact(self) -> bool:
        """Whether no states were taken together."""
        return len(self.outline.final) == len(self.outline.classes)


def look_ahead(log_probs: Floats, visible: Visible) -> Guide:
    """Compute the best completion of every class and pair at every frame.

    Where every text is allowed nothing has to be known, and all is 0.

    Parameters
    ----------
    log_probs
        Shape (n_frames, 1 + n_labels), the blank first.
    visible
        The automaton.

    Raises
    ------
    ParameterError
        If it would take more than `MAX_CELLS` numbers.
    """
    outline = find_outline(visible, MAX_EXACT_ARCS)
    n_frames, n_classes, n_pairs = len(log_probs), len(outline.final), len(outline.pair_labels)
    if (n_frames + 1) * (n_classes + n_pairs) > MAX_CELLS:
        raise ParameterError(
            f"an automaton of {len(visible.final)} states is too large for {n_frames} frames; "
            "expected a simpler pattern, or a shorter line"
        )
    blank = np.zeros((n_frames + 1, n_classes), np.float32)
    label = np.zeros((n_frames + 1, n_pairs + 1), np.float32)
    if not visible.is_free:
        _fill(log_probs.astype(np.float32), outline, blank, label)
    return Guide(outline, blank, label)


def _fill(frames: Singles, outline: Outline, blank: Singles, label: Singles) -> None:
    leaving = _Leaving(outline)
    owner, pair_labels = outline.pair_classes, outline.pair_labels
    at_arcs, at_pairs = frames[:, 1 + outline.labels], frames[:, 1 + pair_labels]
    blank[-1] = np.where(outline.final, 0.0, -np.inf)
    label[-1, :-1] = blank[-1][owner]
    label[:, -1] = -np.inf
    for number in range(len(frames) - 1, -1, -1):
        onward = at_arcs[number] + label[number + 1][outline.arc_pairs]
        first, first_label, second = leaving.best_two(onward)
        to_blank = frames[number, 0] + blank[number + 1]
        anew = np.where(first_label[owner] == pair_labels, second[owner], first[owner])
        blank[number] = np.maximum(to_blank, first)
        stay = np.maximum(at_pairs[number] + label[number + 1, :-1], to_blank[owner])
        label[number, :-1] = np.maximum(stay, anew)


class _Leaving:
    """The arcs that leave each class, for maxima over them."""

    def __init__(self, outline: Outline) -> None:
        self.labels = outline.labels
        self.n_classes = len(outline.final)
        self.arcs = np.arange(len(outline.labels))
        self.classes, self.starts = np.unique(outline.sources, return_index=True)
        self.owner = np.searchsorted(self.classes, outline.sources)

    def best_two(self, values: Singles) -> tuple[Singles, Ints, Singles]:
        """Give for each class the best value of its arcs, that arc's label, and the second best."""
        first = np.full(self.n_classes, -np.inf, np.float32)
        second = first.copy()
        label = np.full(self.n_classes, -1, np.int64)
        if len(self.arcs):
            best = np.maximum.reduceat(values, self.starts)
            at_best = np.where(values == best[self.owner], self.arcs, len(self.arcs))
            where = np.minimum.reduceat(at_best, self.starts)
            values[where] = -np.inf
            first[self.classes], label[self.classes] = best, self.labels[where]
            second[self.classes] = np.maximum.reduceat(values, self.starts)
        return first, label, second
