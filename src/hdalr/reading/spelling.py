"""From what a net tells apart to what is written: case, merged letters, and what may stand here.

Nothing is masked here. What may not stand keeps its probability in columns of its own, so that it
counts against the reading; only a look-alike gives it to what it looks like, since an O where
digits stand is a 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdalr.reading.choices import Case
from hdalr.reading.lookalikes import lookalikes_of

# Small letters that EMNIST's merged labels write as capitals (Cohen et al. 2017, section II.B).
MERGED = frozenset("cijklmopsuvwxyz")

Floats = NDArray[np.float64]
Write = Callable[[str], str]


def writer(case: Case, merge: bool) -> Write:
    """How a label is written: a function from label to text.

    Parameters
    ----------
    case
        Case of letters; ``fold`` gives small letters.
    merge
        Whether the small letters of EMNIST's merged labels become capitals first.

    Examples
    --------
    >>> [writer(Case.keep, merge=True)(label) for label in "ca7"]
    ['C', 'a', '7']
    """
    change: dict[Case, Write] = {
        Case.keep: str,
        Case.upper: str.upper,
        Case.lower: str.lower,
        Case.fold: str.lower,
    }

    def write(label: str) -> str:
        merged = label.upper() if merge and label in MERGED else label
        written = change[case](merged)
        return written if len(written) == len(label) else label

    return write


@dataclass(frozen=True, slots=True, eq=False)
class Spelling:
    """How the outputs of one net are written.

    Attributes
    ----------
    written
        What is written for each column: first the `n_allowed` texts that may stand, then those
        that may not.
    n_allowed
        How many may stand.
    shares
        float64, shape (n_labels, n_written): how each label's probability is shared out. Each
        row adds up to 1.
    """

    written: tuple[str, ...]
    n_allowed: int
    shares: Floats

    @property
    def allowed(self) -> tuple[str, ...]:
        """What may stand."""
        return self.written[: self.n_allowed]

    def spell(self, probabilities: Floats) -> Floats:
        """Turn probabilities of labels, (n, n_labels), into those of what is written."""
        return np.asarray(probabilities @ self.shares)


def make_spelling(labels: Sequence[str], write: Write, allowed: Sequence[str]) -> Spelling:
    """Find what each label of a net is written as.

    Parameters
    ----------
    labels
        What the net tells apart.
    write
        From `writer`.
    allowed
        What may stand in the text, each as it is written. What no label is written as is left
        out.

    Returns
    -------
    Spelling
        A label that may not stand, but looks like some that may, is shared out to them.

    Examples
    --------
    >>> spelling = make_spelling("017OAa", str.upper, "017")
    >>> spelling.written, spelling.n_allowed
    (('0', '1', '7', 'A'), 3)
    >>> spelling.spell(np.array([[0.3, 0, 0, 0.6, 0.1, 0]])).round(2).tolist()
    [[0.9, 0.0, 0.0, 0.1]]
    """
    texts = [write(label) for label in labels]
    kept = [text for text in dict.fromkeys(allowed) if text in texts]
    targets = [_targets(text, kept) for text in texts]
    columns = {text: column for column, text in enumerate(kept)}
    for target in targets:
        for text in target:
            columns.setdefault(text, len(columns))
    shares = np.zeros((len(labels), len(columns)))
    for row, target in enumerate(targets):
        for text in target:
            shares[row, columns[text]] = 1 / len(target)
    return Spelling(tuple(columns), len(kept), shares)


def _targets(text: str, allowed: list[str]) -> list[str]:
    if text in allowed:
        return [text]
    return [other for other in lookalikes_of(text) if other in allowed] or [text]
