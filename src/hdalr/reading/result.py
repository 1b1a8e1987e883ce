"""What a reader answers: the text, how sure it is, and each character with its alternatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hdalr.images.crop import Box

Alternatives = tuple[tuple[str, float], ...]  # texts and their probabilities, best first


class Reason(StrEnum):
    """Why a reading is not accepted."""

    blank = "blank"  # there is no ink
    not_a_character = "not-a-character"  # there is ink, but no writing that the model knows
    ambiguous = "ambiguous"  # several texts are nearly as probable
    pattern = "pattern"  # what is written is another text than one that may stand here
    low_quality = "low-quality"  # the writing is too small or too broken up to be judged


@dataclass(frozen=True, slots=True)
class Character:
    """One character of a reading.

    Parameters
    ----------
    text
        The character as it stands in the text.
    box
        Where its ink is, in pixels of the picture as it was given (turned by its EXIF
        orientation).
    confidence
        Probability that the character is right, 0 to 1.
    alternatives
        Up to three characters that the model holds for most probable, whether the pattern
        allows them or not, each with its probability.
    """

    text: str
    box: Box
    confidence: float
    alternatives: Alternatives = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; the box as ``[left, top, right, bottom]``.

        Examples
        --------
        >>> Character("7", Box(top=2, bottom=30, left=4, right=20), 0.98).to_dict()["box"]
        [4, 2, 20, 30]
        """
        return {
            "text": self.text,
            "box": [self.box.left, self.box.top, self.box.right, self.box.bottom],
            "confidence": _rounded(self.confidence),
            "alternatives": _listed(self.alternatives),
        }


@dataclass(frozen=True, slots=True)
class Reading:
    r"""What one picture says.

    Parameters
    ----------
    text
        The most probable text that fits what was asked for, lines separated by ``"\n"``;
        given for a rejected reading as well, where there is one.
    accepted
        Whether the confidence is high enough, and nothing speaks against the reading.
    reason
        Why it is not accepted; None if it is.
    confidence
        Calibrated probability that the whole text is right, 0 to 1.
    characters
        In the order of the text. What stands in the text without ink of its own, such as the
        dash of a pattern or the end of a line, has no entry.
    model
        Name of the bundle, or of the bundles joined by ``"+"``, that read it.
    timings
        Milliseconds a step, in the order of the steps.
    alternatives
        The n best texts with their probabilities, if more than one was asked for.
    """

    text: str
    accepted: bool
    reason: Reason | None
    confidence: float
    characters: tuple[Character, ...]
    model: str
    timings: Mapping[str, float] = field(default_factory=dict)
    alternatives: Alternatives = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, named as the fields.

        Examples
        --------
        >>> Reading("", False, Reason.blank, 1.0, (), "digits", {"ink": 0.31}).to_dict()
        ... # doctest: +NORMALIZE_WHITESPACE
        {'text': '', 'accepted': False, 'reason': 'blank', 'confidence': 1.0, 'characters': [],
         'model': 'digits', 'timings': {'ink': 0.31}}
        """
        content: dict[str, Any] = {
            "text": self.text,
            "accepted": self.accepted,
            "reason": None if self.reason is None else self.reason.value,
            "confidence": _rounded(self.confidence),
            "characters": [character.to_dict() for character in self.characters],
            "model": self.model,
            "timings": {step: round(spent, 3) for step, spent in self.timings.items()},
        }
        if self.alternatives:
            content["alternatives"] = _listed(self.alternatives)
        return content


def _listed(alternatives: Alternatives) -> list[list[Any]]:
    return [[text, _rounded(probability)] for text, probability in alternatives]


def _rounded(probability: float) -> float:
    """Enough figures to tell 0.99999 from 1; more would only pretend to be exact."""
    return round(float(probability), 6)
