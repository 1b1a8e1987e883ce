"""One text that a picture may say, how probable it is and where its characters are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hypothesis:
    """A text with its log-probability.

    Attributes
    ----------
    text
        What is read, with the separators that a pattern or a lexicon writes by itself.
    log_probability
        Natural logarithm, at most 0; what is summed up in it says the function that decodes.
    spans
        One ``(start, end)`` for each part: frames of a string net, or nodes of a lattice. A part
        that the picture does not show, such as a pattern's hyphen, has an empty span
        (``start == end``).
    parts
        The text cut into what was read at once. Usually single characters; a label of several
        code points, such as the Devanagari ``क्ष``, is one part. Left out, each code point is one.

    Examples
    --------
    >>> Hypothesis("42", -0.1, ((0, 3), (3, 5))).parts
    ('4', '2')
    """

    text: str
    log_probability: float
    spans: tuple[tuple[int, int], ...]
    parts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.parts:
            object.__setattr__(self, "parts", tuple(self.text))
