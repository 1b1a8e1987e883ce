"""What both decoders ask of the numbers that they are given, and how a text becomes labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hdalr.errors import DataError
from hdalr.reading.hypothesis import Hypothesis
from hdalr.reading.separators import is_silent
from hdalr.reading.visible import Path

Floats = NDArray[np.float64]
MAX_SCORES = 50_000_000  # a line of a million frames for 50 labels


def check_log_probs(scores: ArrayLike, shape: tuple[int | None, ...], what: str) -> Floats:
    """Check log-probabilities and give them as float64.

    Parameters
    ----------
    scores
        Natural logarithms; minus infinity is allowed.
    shape
        The shape that is right; None where any size is.
    what
        What the numbers are, for the message.

    Raises
    ------
    DataError
        If the shape is another one, or a number is NaN, plus infinity or none.
    """
    array = np.asarray(scores)
    right = "x".join("T" if size is None else str(size) for size in shape)
    if array.dtype.kind not in "fiu" or array.ndim != len(shape) or array.size > MAX_SCORES:
        raise DataError(f"{what}: {array.dtype} of shape {array.shape}; expected floats, {right}")
    if any(size not in (None, given) for size, given in zip(shape, array.shape, strict=True)):
        raise DataError(f"{what}: shape {array.shape}; expected {right}")
    if not (array < np.inf).all():
        raise DataError(f"{what}: NaN or infinity; expected logarithms of probabilities")
    return array.astype(np.float64)


def split_text(text: str, labels: Sequence[str]) -> Path | None:
    """Cut a text into labels, the longest first, and separators that no label shows.

    Returns
    -------
    path
        The parts of the text, each with whether it is a label; None if the text holds anything
        else.

    Examples
    --------
    >>> split_text("4-2", "0123456789")
    (('4', True), ('-', False), ('2', True))
    """
    known = frozenset(character for label in labels for character in label)
    lengths = sorted({len(label) for label in labels}, reverse=True)
    inside = frozenset(labels)
    path: list[tuple[str, bool]] = []
    place = 0
    while place < len(text):
        part = next(
            (p for n in lengths if len(p := text[place : place + n]) == n and p in inside), ""
        )
        if not part and not is_silent(text[place], known):
            return None
        path.append((part or text[place], bool(part)))
        place += len(path[-1][0])
    return tuple(path)


def place_parts(path: Path, seen: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Give each part of a text its span: that of its label, or an empty one after the last.

    Examples
    --------
    >>> place_parts((("4", True), ("-", False), ("2", True)), [(1, 3), (4, 6)])
    ((1, 3), (3, 3), (4, 6))
    """
    waiting = iter(seen)
    spans: list[tuple[int, int]] = []
    for _, shown in path:
        end = spans[-1][1] if spans else 0
        spans.append(next(waiting) if shown else (end, end))
    return tuple(spans)


def rank(hypotheses: Sequence[Hypothesis], n_best: int) -> list[Hypothesis]:
    """Sort by probability and then by text, each text once, the first ``n_best``."""
    ordered = sorted(hypotheses, key=lambda found: (-found.log_probability, found.text))
    once: dict[str, Hypothesis] = {}
    for hypothesis in ordered:
        once.setdefault(hypothesis.text, hypothesis)
    return list(once.values())[:n_best]
