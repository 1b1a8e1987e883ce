"""The most probable texts that an automaton accepts, under a net trained with CTC.

The probability of a text is the sum over all ways to write it on the frames: Graves, Fernandez,
Gomez and Schmidhuber, "Connectionist temporal classification" (ICML 2006). A beam search that
looks ahead finds candidates; these are scored exactly.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from hdalr.errors import ParameterError
from hdalr.reading.alignment import find_spans, sum_paths
from hdalr.reading.alphabets import check_labels
from hdalr.reading.automaton import Automaton
from hdalr.reading.beam import BeamSearch, Row
from hdalr.reading.hypothesis import Hypothesis
from hdalr.reading.log_probs import Floats, check_log_probs, place_parts, rank, split_text
from hdalr.reading.visible import Visible, see

BEAM = 20  # prefixes kept at each frame
MARGIN = 16.0  # and none that is e^16 times less probable than the best


def decode_ctc(
    log_probs: ArrayLike,
    labels: Sequence[str],
    automaton: Automaton,
    n_best: int = 5,
    beam: int = BEAM,
    margin: float = MARGIN,
) -> list[Hypothesis]:
    """Find the most probable texts that an automaton accepts.

    With a beam as large as the number of prefixes and an infinite margin the result is exact. A
    smaller beam still finds a text wherever one fits. The log-probability of each text is exact.

    Parameters
    ----------
    log_probs
        Natural logarithms, shape (n_frames, 1 + n_labels), the blank first.
    labels
        The labels: a string of characters, or a sequence where a label may have several.
    automaton
        Which texts are allowed; `hdalr.reading.automaton.any_text` if all are.
    n_best
        How many texts at most, 1 or more.
    beam
        How many prefixes are kept at a frame, 1 or more; 10 times as many for a large lexicon.
    margin
        Prefixes that are less probable than the best by more than this are dropped, but for the
        first ``n_best``; in nats, 0 or more.

    Returns
    -------
    hypotheses
        The best first; equal ones in the order of their texts. The spans count frames. Empty if no
        allowed text can be written on so few frames, or all have probability 0.

    Raises
    ------
    DataError
        If the log-probabilities have another shape, or hold NaN or infinity.
    ParameterError
        If the labels are not different strings, if a number is out of range, or if the automaton
        is too large for so many frames.

    Examples
    --------
    >>> from hdalr.reading.automaton import any_text
    >>> from hdalr.reading.pattern import compile_pattern
    >>> frames = np.log([[0.1, 0.6, 0.3], [0.8, 0.1, 0.1], [0.1, 0.5, 0.4]])
    >>> [found.text for found in decode_ctc(frames, "17", any_text("17"), n_best=3)]
    ['17', '11', '71']
    >>> decode_ctc(frames, "17", compile_pattern("1-?7", "17"))[0].text
    '17'
    """
    labels = check_labels(labels)
    frames = check_log_probs(log_probs, (None, 1 + len(labels)), "CTC log-probabilities")
    _check_numbers(n_best, beam, margin)
    visible = see(automaton, labels)
    found = BeamSearch(frames, visible, max(beam, n_best), margin, n_best).run()
    return _assemble(frames, visible, [row for row, _ in found[: 2 * n_best]], n_best)


def score_ctc(log_probs: ArrayLike, labels: Sequence[str], text: str) -> float:
    """Give the log-probability of a text: the sum over all ways to write it on the frames.

    Separators that are in no label are passed over.

    Returns
    -------
    log_probability
        Minus infinity if the text does not fit on the frames, or holds other characters.

    Raises
    ------
    DataError, ParameterError
        As `decode_ctc`.

    Examples
    --------
    >>> frames = np.log([[0.5, 0.5], [0.5, 0.5]])
    >>> round(float(np.exp(score_ctc(frames, "1", "1"))), 3)
    0.75
    """
    return score_texts(log_probs, labels, [text])[0]


def score_texts(log_probs: ArrayLike, labels: Sequence[str], texts: Sequence[str]) -> list[float]:
    """Give the log-probability of each of several texts, as `score_ctc` does, in one go.

    It takes little longer than for one text.
    """
    labels = check_labels(labels)
    frames = check_log_probs(log_probs, (None, 1 + len(labels)), "CTC log-probabilities")
    rows = [_row_of(text, labels) for text in texts]
    scores = sum_paths(frames, [row or () for row in rows]).tolist()
    return [-np.inf if row is None else score for row, score in zip(rows, scores, strict=True)]


def align_ctc(log_probs: ArrayLike, labels: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Find the frames of each part of a text, on the most probable way to write it.

    Returns
    -------
    spans
        The first frame and the one after the last for each label; an empty span for a separator
        that is in no label.

    Raises
    ------
    ParameterError
        If the text holds other characters, or does not fit on the frames.
    DataError
        As `decode_ctc`.

    Examples
    --------
    >>> frames = np.log([[0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8], [0.1, 0.1, 0.8]])
    >>> align_ctc(frames, "17", "17")
    [(0, 1), (2, 4)]
    """
    labels = check_labels(labels)
    frames = check_log_probs(log_probs, (None, 1 + len(labels)), "CTC log-probabilities")
    path = split_text(text, labels)
    row = _row_of(text, labels)
    spans = None if row is None else find_spans(frames, [row])[0]
    if path is None or spans is None:
        raise ParameterError(
            f"text {text[:40]!r} cannot be written on {len(frames)} frames with these labels; "
            "expected one that can, such as a decoded one"
        )
    return list(place_parts(path, spans))


def _row_of(text: str, labels: tuple[str, ...]) -> Row | None:
    path = split_text(text, labels)
    numbers = {label: number for number, label in enumerate(labels)}
    return None if path is None else tuple(numbers[part] for part, seen in path if seen)


def _check_numbers(n_best: int, beam: int, margin: float) -> None:
    if n_best < 1 or beam < 1 or not margin >= 0:
        raise ParameterError(
            f"n_best {n_best}, beam {beam}, margin {margin}; expected 1 or more, 1 or more, and 0 "
            "or more"
        )


def _assemble(
    frames: Floats, visible: Visible, rows: Sequence[Row], n_best: int
) -> list[Hypothesis]:
    """Score rows exactly, and write the texts of the best."""
    scores = sum_paths(frames, rows).tolist()
    best = heapq.nsmallest(
        n_best, range(len(rows)), key=lambda place: (-scores[place], rows[place])
    )
    rows, scores = [rows[place] for place in best], [scores[place] for place in best]
    found = []
    for row, score, spans in zip(rows, scores, find_spans(frames, rows), strict=True):
        if spans is not None:
            path = visible.write(row)
            parts = tuple(part for part, _ in path)
            placed = place_parts(path, spans)
            found.append(Hypothesis("".join(parts), min(score, 0.0), placed, parts))
    return rank(found, n_best)
