"""How far a text is from the truth, and which characters were taken for which."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def count_edits(true: str, read: str) -> int:
    """Least number of characters to change, put in or take out (Levenshtein 1966).

    Examples
    --------
    >>> count_edits("12345", "1245")
    1
    """
    return int(_distances(true, read)[-1, -1])


def align_texts(true: str, read: str) -> list[tuple[str, str]]:
    """Pair the characters of two texts with the fewest edits.

    Parameters
    ----------
    true, read
        Two texts.

    Returns
    -------
    list of (str, str)
        Character of the truth and of the reading; ``""`` where one has none.

    Examples
    --------
    >>> align_texts("4715", "41S")
    [('4', '4'), ('7', ''), ('1', '1'), ('5', 'S')]
    """
    distances = _distances(true, read)
    row, column = len(true), len(read)
    pairs = []
    while row or column:
        here = int(distances[row, column])
        changed = row and column and true[row - 1] != read[column - 1]
        if row and column and distances[row - 1, column - 1] + changed == here:
            row, column = row - 1, column - 1
            pairs.append((true[row], read[column]))
        elif row and distances[row - 1, column] + 1 == here:
            row -= 1
            pairs.append((true[row], ""))
        else:
            column -= 1
            pairs.append(("", read[column]))
    return pairs[::-1]


def _distances(true: str, read: str) -> NDArray[np.int32]:
    """Edits between all beginnings of the two texts, shape (len(true) + 1, len(read) + 1)."""
    columns = np.arange(len(read) + 1, dtype=np.int32)
    codes = np.array([ord(character) for character in read], dtype=np.int32)
    distances = np.empty((len(true) + 1, len(read) + 1), dtype=np.int32)
    distances[0] = columns
    for row, character in enumerate(true, start=1):
        above = distances[row - 1]
        best = above + 1  # the truth's character was left out
        best[1:] = np.minimum(best[1:], above[:-1] + (codes != ord(character)))
        # A character put in costs one for each column since the best start to the left.
        distances[row] = np.minimum.accumulate(best - columns) + columns
    return distances
