"""The probability of given texts under CTC, and where their characters are.

Graves, Fernandez, Gomez and Schmidhuber, "Connectionist temporal classification" (ICML 2006),
section 4.1: a text is written on the frames with a blank, which may be left out, before, between
and after its labels; a label may stay for several frames, and between two equal labels there is a
blank. Several texts are done at once, since the loop over the frames is what takes the time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hdalr.reading.log_probs import Floats

Spans = list[tuple[int, int]]


def sum_paths(log_probs: Floats, rows: Sequence[Sequence[int]]) -> Floats:
    """Sum the probability of all ways to write rows of labels on the frames (forward algorithm).

    Parameters
    ----------
    log_probs
        Shape (n_frames, 1 + n_labels), the blank first.
    rows
        Numbers of labels, from 0.

    Returns
    -------
    log_probabilities
        Shape (n_rows,); minus infinity where the frames are too few.
    """
    states, may_skip, ends = _write_out(rows)
    before = _before_first(states)
    for frame in log_probs:
        skipped = np.where(may_skip, before[:, :-2], -np.inf)
        moved = np.logaddexp(before[:, 2:], before[:, 1:-1])
        before[:, 2:] = np.logaddexp(moved, skipped) + frame[states]
        before[:, 1] = -np.inf  # the place before the first frame is left for good
    return _at_end(before, ends, len(log_probs))


def find_spans(log_probs: Floats, rows: Sequence[Sequence[int]]) -> list[Spans | None]:
    """Find the frames of each label on the most probable way to write each row (Viterbi).

    Returns
    -------
    spans
        For each row, the first frame and the one after the last for each label; None where the
        frames are too few, or their probability is 0.
    """
    states, may_skip, ends = _write_out(rows)
    before = _before_first(states)
    frames = np.empty((len(log_probs) + 1, *before.shape))
    frames[0] = before
    for number, frame in enumerate(log_probs):
        skipped = np.where(may_skip, before[:, :-2], -np.inf)
        moved = np.maximum(before[:, 2:], before[:, 1:-1])
        before[:, 2:] = np.maximum(moved, skipped) + frame[states]
        before[:, 1] = -np.inf
        frames[number + 1] = before
    return [
        _trace(frames[:, number], may_skip[number], int(end)) for number, end in enumerate(ends)
    ]


def _write_out(
    rows: Sequence[Sequence[int]],
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Put blanks (0) around the labels; say where a blank may be left out, and where a row ends."""
    longest = max(map(len, rows), default=0)
    states = np.zeros((len(rows), 2 * longest + 1), np.int64)
    for number, row in enumerate(rows):
        states[number, 1 : 2 * len(row) : 2] = np.asarray(row, np.int64) + 1
    may_skip = np.zeros(states.shape, bool)
    may_skip[:, 1:2] = True
    may_skip[:, 3::2] = states[:, 3::2] != states[:, 1:-2:2]
    return states, may_skip, np.array([2 * len(row) for row in rows], np.int64)


def _before_first(states: NDArray[np.int64]) -> Floats:
    """Two places before the states, so that the state before the first frame is one of them."""
    before = np.full((len(states), states.shape[1] + 2), -np.inf)
    before[:, 1] = 0.0
    return before


def _at_end(before: Floats, ends: NDArray[np.int64], n_frames: int) -> Floats:
    rows = np.arange(len(before))
    if not n_frames:
        return np.where(ends == 0, 0.0, -np.inf)
    return np.asarray(np.logaddexp(before[rows, ends + 2], before[rows, ends + 1]))


def _trace(frames: Floats, may_skip: NDArray[np.bool_], end: int) -> Spans | None:
    """Walk back from the last frame, and note the frames of each label."""
    table = frames[:, 2:].tolist()
    skips = may_skip.tolist()
    if len(table) == 1:
        return None if end else []
    state = end if end == 0 or table[-1][end] >= table[-1][end - 1] else end - 1
    if table[-1][state] == -np.inf:
        return None
    spans: Spans = [(-1, -1)] * (end // 2)
    for frame in range(len(table) - 1, 0, -1):
        if state % 2:
            last = spans[state // 2][1]
            spans[state // 2] = (frame - 1, frame if last < 0 else last)
        state = _earlier(table[frame - 1], skips, state)
    return spans


def _earlier(before: list[float], skips: list[bool], state: int) -> int:
    choices = [state]
    if state >= 1:
        choices.append(state - 1)
    if state >= 2 and skips[state]:
        choices.append(state - 2)
    return max(choices, key=before.__getitem__)
