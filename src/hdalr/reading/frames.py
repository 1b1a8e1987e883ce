"""A line through the string net: the texts it may say, and where their characters are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hdalr.images.crop import Box
from hdalr.images.line import normalise_line
from hdalr.images.picture import Picture
from hdalr.reading.ctc import decode_ctc, score_ctc
from hdalr.reading.hypothesis import Hypothesis
from hdalr.reading.plan import Net, Plan

RAREST = 1e-12  # least probability whose logarithm is taken
STRONG = 96  # ink from this grey value on bounds a character's box

Floats = NDArray[np.float64]


class Frames(NamedTuple):
    """What the string net says about a line.

    Attributes
    ----------
    labels
        Probability of each of the net's labels, shape (n_frames, n_labels).
    spelled
        Of the blank and of what is written, shape (n_frames, 1 + n_written).
    n_allowed
        Columns of `spelled`, after the blank, that may stand.
    frame_px
        Width of a frame in pixels of the ink.
    """

    labels: Floats
    spelled: Floats
    n_allowed: int
    frame_px: float

    @property
    def allowed(self) -> Floats:
        """Log-probabilities among what may stand: given that something of it does."""
        kept = self.spelled[:, : 1 + self.n_allowed]
        return _log(kept / np.maximum(kept.sum(axis=1, keepdims=True), RAREST))


def run_line(ink: Picture, net: Net) -> Frames:
    """Run the string net on one line of ink (height, width)."""
    line = normalise_line(ink)
    logits = net.bundle.run(line[None])[0]
    probabilities = net.bundle.calibration.probabilities(logits)
    labels = probabilities[:, 1:]
    spelled = np.concatenate([probabilities[:, :1], net.spelling.spell(labels)], axis=1)
    return Frames(labels, spelled, net.spelling.n_allowed, ink.shape[1] / len(labels))


def decode_frames(frames: Frames, plan: Plan, n_best: int) -> list[Hypothesis]:
    """The most probable texts that may stand, best first; the check is not looked at."""
    return decode_ctc(frames.allowed, plan.symbols, plan.automaton, n_best)


def fit_of(frames: Frames, net: Net, plan: Plan, text: str) -> float:
    """How much less probable a text is than the best one if anything may stand: a logarithm.

    0 if the best text of all is this one. This is where what may not stand counts: among what
    may, the best text can be sure although something else is written.
    """
    free = _log(frames.spelled)
    columns = _best_path(free)
    written = net.spelling.written
    best = "".join(written[column - 1] for column in columns)
    if best == text or not columns:
        return 0.0
    own = score_ctc(free[:, : 1 + frames.n_allowed], plan.symbols, text)
    other = score_ctc(free, written, best)
    return min(0.0, own - other)


def find_boxes(ink: Picture, frames: Frames, spans: Sequence[tuple[int, int]]) -> list[Box]:
    """A box for each span of frames: to half-way to its neighbours, then shrunk to the ink."""
    edges = [0.0, *((a[1] + b[0]) / 2 for a, b in pairwise(spans))]
    edges.append(float(len(frames.labels)))
    columns = [min(round(edge * frames.frame_px), ink.shape[1]) for edge in edges]
    return [_shrunk(ink, a, b) for a, b in pairwise(columns)]


def label_evidence(frames: Frames, spans: Sequence[tuple[int, int]]) -> list[Floats]:
    """Probability of each label given that there is one, at the clearest frame of each span."""
    evidence = []
    for start, end in spans:
        inside = frames.labels[start : max(end, start + 1)]
        clearest = inside[int(inside.sum(axis=1).argmax())]
        evidence.append(clearest / max(float(clearest.sum()), RAREST))
    return evidence


def _best_path(log_probs: Floats) -> list[int]:
    """Columns of the most probable path, repeats and blanks (column 0) taken out."""
    path = log_probs.argmax(axis=1)
    kept = (path > 0) & np.concatenate([[True], path[1:] != path[:-1]])
    return [int(column) for column in path[kept]]


def _shrunk(ink: Picture, left: int, right: int) -> Box:
    right = max(right, left + 1)
    strong = ink[:, left:right] > STRONG
    rows, columns = np.flatnonzero(strong.any(axis=1)), np.flatnonzero(strong.any(axis=0))
    if not len(rows):
        return Box(0, ink.shape[0], left, right)
    return Box(int(rows[0]), int(rows[-1]) + 1, left + int(columns[0]), left + int(columns[-1]) + 1)


def _log(probabilities: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(probabilities, RAREST)))
