"""What was found in one place of a picture, before it is accepted or rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod

from hdalr.reading.result import Alternatives, Character, Reason


@dataclass(frozen=True, slots=True)
class Finding:
    """A text, and what speaks for and against it.

    Attributes
    ----------
    text
        The most probable one that fits; empty where there is none.
    confidence
        Calibrated probability that it is right.
    characters
        Boxes are in pixels of the ink that was read.
    reason
        What speaks against it whatever the confidence, else None.
    doubt
        The reason to name if the confidence is too low.
    threshold
        The confidence from which on it is accepted.
    models
        Names of the bundles that had a say.
    alternatives
        The best texts with their probabilities, at least this one.
    features
        What the confidence was computed from, by the names that a calibration uses.
    """

    text: str = ""
    confidence: float = 0.0
    characters: tuple[Character, ...] = ()
    reason: Reason | None = None
    doubt: Reason = Reason.ambiguous
    threshold: float = 1.0
    models: tuple[str, ...] = ()
    alternatives: Alternatives = ()
    features: Mapping[str, float] = field(default_factory=dict)


def decide(finding: Finding) -> Reason | None:
    """Why a finding is not accepted; None if it is.

    Examples
    --------
    >>> decide(Finding("7", 0.4, threshold=0.5)), decide(Finding("7", 0.6, threshold=0.5))
    (<Reason.ambiguous: 'ambiguous'>, None)
    """
    if finding.reason is not None:
        return finding.reason
    return None if finding.confidence >= finding.threshold else finding.doubt


def join_lines(findings: Sequence[Finding], n_best: int = 1) -> Finding:
    r"""Make one finding of those of a page's lines.

    The confidence is the product of the lines': that all of them are right. The first reason
    that speaks against a line speaks against the page.

    Parameters
    ----------
    findings
        One a line, from top to bottom, at least one.
    n_best
        Alternatives to make.

    Examples
    --------
    >>> page = join_lines([Finding("one", 0.9), Finding("two", 0.5)])
    >>> page.text, page.confidence
    ('one\ntwo', 0.45)
    """
    if len(findings) == 1:
        return findings[0]
    reasons = [finding.reason for finding in findings if finding.reason]
    weakest = min(findings, key=lambda finding: finding.confidence)
    return Finding(
        "\n".join(finding.text for finding in findings),
        prod(finding.confidence for finding in findings),
        tuple(character for finding in findings for character in finding.characters),
        reasons[0] if reasons else None,
        weakest.doubt,
        max(finding.threshold for finding in findings),
        tuple(dict.fromkeys(name for finding in findings for name in finding.models)),
        _joined_alternatives(findings, n_best),
        weakest.features,
    )


def _joined_alternatives(findings: Sequence[Finding], n_best: int) -> Alternatives:
    """The most probable ways to take one alternative of each line."""
    joined: Alternatives = (("", 1.0),)
    for number, finding in enumerate(findings):
        own = finding.alternatives or ((finding.text, finding.confidence),)
        ways = (
            (f"{text}\n{line}" if number else line, probability * likely)
            for (text, probability), (line, likely) in product(joined, own[:n_best])
        )
        joined = tuple(sorted(ways, key=lambda way: -way[1])[:n_best])
    return joined
