"""What synthetic lines say: amounts, dates, codes, words. Separators are written but not read."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

DIGITS = "0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER = UPPER.lower()


def draw_text(rng: np.random.Generator, digits_only: float = 0.6) -> str:
    """Draw the text of a line; a share of ``digits_only`` has no letters.

    Examples
    --------
    >>> draw_text(np.random.default_rng(3), digits_only=1.0)
    '85.003,44'
    """
    makers = DIGIT_TEXTS if rng.random() < digits_only else LETTER_TEXTS
    shares = np.cumsum([share for share, _ in makers])
    return makers[int(np.searchsorted(shares, rng.random() * shares[-1]))][1](rng)


def _amount(rng: np.random.Generator) -> str:
    """Whole numbers, often round, often with thousands set apart and a dash at the end."""
    n_digits = int(rng.choice([1, 2, 3, 4, 5, 6, 7], p=[0.03, 0.05, 0.17, 0.3, 0.27, 0.14, 0.04]))
    digits = [DIGITS[i] for i in rng.integers(0, 10, n_digits)]
    if rng.random() < 0.45:
        for i in range(int(rng.integers(1, n_digits + 1)), n_digits):
            digits[i] = "0"
    if digits[0] == "0":
        digits[0] = DIGITS[int(rng.integers(1, 10))]
    text = "".join(digits)
    if n_digits > 3 and rng.random() < 0.6:
        mark = "." if rng.random() < 0.75 else rng.choice([",", "'", " "])
        text = _in_threes(text, str(mark))
    if rng.random() < 0.12:
        text += "," + _draw(rng, DIGITS, 2)
    if rng.random() < 0.08:
        text = str(rng.choice(["$", "#", "=", "-", "*", "-=", "."])) + text
    if rng.random() < 0.4:
        text += str(rng.choice([".-", "-", "=", ".", "--", ".=", "—", ".—", ":", "'"]))
    return text


def _in_threes(text: str, mark: str) -> str:
    head = len(text) % 3 or 3
    return mark.join([text[:head], *(text[i : i + 3] for i in range(head, len(text), 3))])


def _nothing(rng: np.random.Generator) -> str:
    """Marks alone: what is not to be read must be seen without a text around it."""
    marks = rng.choice(
        ["-", "—", "/", " ", "#", "=", ".", "--", ".-", "*"], int(rng.integers(1, 3))
    )
    return "".join(str(mark) for mark in marks)


def _number(rng: np.random.Generator) -> str:
    return _draw(rng, DIGITS, int(rng.integers(1, 10)))


def _repeats(rng: np.random.Generator) -> str:
    """Runs of one digit: zeros written without lifting the pen, rows of ones."""
    runs = rng.integers(1, 5, int(rng.integers(1, 4)))
    return "".join(DIGITS[int(rng.integers(10))] * n for n in runs)


def _date(rng: np.random.Generator) -> str:
    mark = str(rng.choice(["-", "/", ".", " "]))
    day, month = int(rng.integers(1, 32)), int(rng.integers(1, 13))
    year = int(rng.integers(1930, 2036))
    order = (f"{day:02}", f"{month:02}", str(year if rng.random() < 0.7 else year % 100).zfill(2))
    return mark.join(order if rng.random() < 0.7 else order[::-1])


def _zip(rng: np.random.Generator) -> str:
    text = _draw(rng, DIGITS, 5)
    return text if rng.random() < 0.5 else f"{text}-{_draw(rng, DIGITS, 4)}"


def _code(rng: np.random.Generator) -> str:
    """Letters, then digits, or mixed: plates, serial numbers, part numbers."""
    letters = UPPER if rng.random() < 0.75 else LOWER
    parts = [
        _draw(rng, letters if i % 2 == 0 else DIGITS, int(rng.integers(1, 5)))
        for i in range(int(rng.integers(2, 4)))
    ]
    return str(rng.choice(["", "", "-", " ", "/"])).join(parts)


def _word(rng: np.random.Generator) -> str:
    n = int(rng.integers(1, 9))
    case = rng.random()
    if case < 0.5:
        return _draw(rng, UPPER, n)
    if case < 0.8:
        return _draw(rng, LOWER, n)
    return _draw(rng, UPPER, 1) + _draw(rng, LOWER, n)


def _anything(rng: np.random.Generator) -> str:
    return _draw(rng, DIGITS + UPPER + LOWER, int(rng.integers(1, 8)))


def _draw(rng: np.random.Generator, characters: str, n: int) -> str:
    return "".join(characters[i] for i in rng.integers(0, len(characters), n))


Maker = Callable[[np.random.Generator], str]
DIGIT_TEXTS: tuple[tuple[float, Maker], ...] = (
    (0.54, _amount),
    (0.18, _number),
    (0.1, _repeats),
    (0.08, _date),
    (0.07, _zip),
    (0.03, _nothing),
)
LETTER_TEXTS: tuple[tuple[float, Maker], ...] = ((0.35, _code), (0.4, _word), (0.25, _anything))
