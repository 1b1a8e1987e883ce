"""A line cut into pieces: the lattice of what each piece may be, scored by the character net."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hdalr.images.crop import Box, find_ink
from hdalr.images.cuts import Cuts, find_cuts, piece
from hdalr.images.line import writing_band
from hdalr.images.picture import Picture
from hdalr.reading.characters import Scores, score_glyphs
from hdalr.reading.hypothesis import Hypothesis
from hdalr.reading.lattice import Edge, decode_lattice
from hdalr.reading.plan import Net, Plan

MOST_CELLS = 4  # between neighbouring cuts, that make one piece
WIDEST = 1.7  # width over height of the line's band that a piece of several cells may have
MOST_PIECES = 2000  # a line of a page has some 300
RAREST = 1e-12

Floats = NDArray[np.float64]


class Lattice(NamedTuple):
    """The pieces of a line and what the character net says of them.

    Attributes
    ----------
    edges
        One a piece; nodes are cuts. A piece of several cells counts as often as it has cells,
        so that few wide pieces have no advantage over many narrow ones.
    boxes
        Where the ink of each piece is.
    scores
        What the net says of each.
    n_nodes
        Cuts, the ends of the line among them.
    """

    edges: tuple[Edge, ...]
    boxes: tuple[Box, ...]
    scores: Scores
    n_nodes: int

    def find(self, start: int, end: int) -> int:
        """Number of the piece between two cuts."""
        return next(n for n, edge in enumerate(self.edges) if edge[:2] == (start, end))


class Opinion(NamedTuple):
    """What the character net says of a text whose characters were found by another net.

    Attributes
    ----------
    agreement
        Mean logarithm of the probability of each character.
    none
        Mean probability that it is not a character.
    """

    agreement: float
    none: float


def make_lattice(ink: Picture, net: Net) -> Lattice | None:
    """Cut a line of ink (height, width), and score the pieces; None if it has too many."""
    cuts = find_cuts(ink)
    spans = _spans(ink, cuts)
    if not spans or len(spans) > MOST_PIECES:
        return None
    inks = [piece(ink, cuts, start, end) for start, end in spans]
    scores = score_glyphs(net.bundle, inks)
    log_probs = _edge_log_probs(net, scores)
    edges = tuple(
        Edge(start, end, (end - start) * row)
        for (start, end), row in zip(spans, log_probs, strict=True)
    )
    return Lattice(edges, tuple(_boxes(inks, cuts, spans)), scores, len(cuts.xs))


def decode_pieces(lattice: Lattice, plan: Plan, n_best: int) -> list[Hypothesis]:
    """The most probable texts that may stand, best first; the check is not looked at."""
    return decode_lattice(lattice.edges, lattice.n_nodes, plan.symbols, plan.automaton, n_best)


def judge_boxes(ink: Picture, boxes: Sequence[Box], parts: Sequence[str], net: Net) -> Opinion:
    """Ask the character net about a text that another net has read.

    Parameters
    ----------
    ink
        The line, uint8 (height, width).
    boxes, parts
        Where each character is, and as which symbol it was read.
    net
        Its allowed symbols hold all parts.
    """
    if not boxes:
        return Opinion(0.0, 0.0)
    inks = [box.cut(ink) for box in boxes]
    scores = score_glyphs(net.bundle, inks)
    spelled = net.spelling.spell(scores.labels)
    columns = [net.spelling.written.index(part) for part in parts]
    own = spelled[np.arange(len(parts)), columns]
    return Opinion(float(np.log(np.maximum(own, RAREST)).mean()), float(scores.none.mean()))


def _edge_log_probs(net: Net, scores: Scores) -> Floats:
    """Logarithms of the shares of what may stand, among that and "not a character"."""
    allowed = net.spelling.spell(scores.labels)[:, : net.spelling.n_allowed]
    total = allowed.sum(axis=1) + scores.none
    return np.asarray(np.log(np.maximum(allowed, RAREST) / np.maximum(total, RAREST)[:, None]))


def _spans(ink: Picture, cuts: Cuts) -> list[tuple[int, int]]:
    """Pairs of cuts that one character may lie between."""
    top, bottom = writing_band(ink)
    widest = WIDEST * (bottom - top)
    n_cells = len(cuts.xs) - 1
    return [
        (start, end)
        for start in range(n_cells)
        for end in range(start + 1, min(start + MOST_CELLS, n_cells) + 1)
        if end == start + 1 or cuts.xs[end] - cuts.xs[start] <= widest
    ]


def _boxes(inks: Sequence[Picture], cuts: Cuts, spans: Sequence[tuple[int, int]]) -> list[Box]:
    boxes = []
    for ink, (start, end) in zip(inks, spans, strict=True):
        inside = (cuts.cells >= start) & (cuts.cells < end)
        columns = np.flatnonzero(inside.any(axis=0))
        left = int(columns[0]) if len(columns) else 0
        box = find_ink(ink) or Box(0, ink.shape[0], 0, ink.shape[1])
        boxes.append(Box(box.top, box.bottom, left + box.left, left + box.right))
    return boxes
