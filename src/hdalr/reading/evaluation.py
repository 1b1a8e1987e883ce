"""What a reader is worth on a folder of pictures whose texts are known."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from hdalr.errors import HdalrError
from hdalr.evaluation.intervals import wilson_interval
from hdalr.evaluation.metrics import calibration_error, reliability_bins
from hdalr.reading.edits import align_texts
from hdalr.reading.lookalikes import merge_lookalikes
from hdalr.reading.result import Reading
from hdalr.reading.truth import read_truth

MOST_POINTS = 100  # of the risk-coverage curve
MOST_CONFUSIONS = 200

Read = Callable[[Path], Reading]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judged:
    """One picture: its file, what it says, what was read, and how long that took."""

    file: str
    true: str
    reading: Reading
    seconds: float

    @property
    def exact(self) -> bool:
        """Whether the text is right, character by character."""
        return _normal(self.reading.text) == _normal(self.true)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All pictures of a folder that could be read, and a sentence for each that could not."""

    judged: tuple[Judged, ...]
    errors: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The measures of `measure`, with the errors."""
        return {**measure(self.judged), "errors": list(self.errors)}

    def mistakes(self) -> list[Judged]:
        """What was read wrong, the surest first."""
        wrong = [one for one in self.judged if not one.exact]
        return sorted(wrong, key=lambda one: (-one.reading.confidence, one.file))


def evaluate_folder(
    folder: Path, read: Read, on_progress: Callable[[int, int], None] | None = None
) -> Evaluation:
    """Read each picture of a folder and keep it beside its truth.

    Parameters
    ----------
    folder
        Holds ``labels.csv`` with the columns file,text (see `hdalr.reading.truth`).
    read
        Reads one file, for instance ``lambda path: reader.read(path, alphabet="digits")``.
    on_progress
        Called after each picture with the number done and the number of all.

    Returns
    -------
    Evaluation
        A picture that cannot be read is an error and does not stop the others.

    Raises
    ------
    DataError
        If the folder has no usable ``labels.csv``.
    """
    truth = read_truth(folder)
    judged: list[Judged] = []
    errors = list(truth.errors)
    for n_done, (file, text) in enumerate(truth.texts.items(), start=1):
        started = time.perf_counter()
        try:
            reading = read(folder / file)
        except HdalrError as error:
            errors.append(str(error))
        else:
            judged.append(Judged(file, text, reading, time.perf_counter() - started))
        if on_progress is not None:
            on_progress(n_done, len(truth.texts))
    return Evaluation(tuple(judged), tuple(errors))


def measure(judged: Sequence[Judged]) -> dict[str, Any]:
    """Compare readings with the truth.

    Texts are compared in Unicode's composed form (NFC). A rejected reading counts with its best
    text, as right or wrong as it is, in all but the measures of what was accepted.

    Parameters
    ----------
    judged
        Readings beside their truth.

    Returns
    -------
    dict
        For JSON; fractions are 0 to 1, None where there is nothing to divide by.

        ``n``
            Pictures measured.
        ``exact``, ``exact_folded``, ``exact_lookalikes``
            Fraction of texts that are right as they are; with upper and lower case taken as
            equal; with characters taken as equal, beyond that, which no one can tell apart
            (`hdalr.reading.lookalikes.LOOKALIKES`). Each with its 95 % Wilson interval under
            ``..._interval``.
        ``character_error``
            Edits (Levenshtein) over characters of the truth.
        ``coverage``, ``accepted_error``, ``accepted_error_folded``
            Fraction of readings accepted, and of these, fraction wrong.
        ``expected_calibration_error``, ``expected_calibration_error_folded``
            Of the confidence, in 15 bins.
        ``risk_coverage``
            Points with ``threshold``, ``coverage``, ``error``, ``error_folded``: what accepting
            from this confidence on would give.
        ``reasons``
            How many readings were rejected for which reason.
        ``confusions``
            ``[true, read, n]``, most frequent first; an empty text for a character that was put
            in or left out.
        ``seconds``, ``seconds_median``
            For all pictures, and of the median picture.
        ``model``
            Names of the bundles that read.
    """
    exact = np.array([one.exact for one in judged], dtype=np.bool_)
    folded = np.array([_agree(one, str.casefold) for one in judged], dtype=np.bool_)
    alike = np.array([_agree(one, _looks) for one in judged], dtype=np.bool_)
    accepted = np.array([one.reading.accepted for one in judged], dtype=np.bool_)
    confidences = np.array([one.reading.confidence for one in judged], dtype=np.float64)
    pairs = [align_texts(_normal(one.true), _normal(one.reading.text)) for one in judged]
    seconds = [one.seconds for one in judged]
    return {
        "n": len(judged),
        **_fraction("exact", exact),
        **_fraction("exact_folded", folded),
        **_fraction("exact_lookalikes", alike),
        "character_error": _character_error(pairs),
        **_fraction("coverage", accepted),
        **_fraction("accepted_error", ~exact[accepted]),
        **_fraction("accepted_error_folded", ~folded[accepted]),
        "expected_calibration_error": _calibration_error(confidences, exact),
        "expected_calibration_error_folded": _calibration_error(confidences, folded),
        "risk_coverage": _risk_coverage(confidences, exact, folded),
        "reasons": _count(one.reading.reason for one in judged if one.reading.reason),
        "confusions": _confusions(pairs),
        "seconds": sum(seconds),
        "seconds_median": float(np.median(seconds)) if seconds else None,
        "model": ", ".join(sorted({one.reading.model for one in judged})),
    }


def _normal(text: str) -> str:
    return normalize("NFC", text)


def _looks(text: str) -> str:
    return merge_lookalikes(text).casefold()


def _agree(one: Judged, form: Callable[[str], str]) -> bool:
    return form(_normal(one.true)) == form(_normal(one.reading.text))


def _fraction(name: str, flags: Flags) -> dict[str, Any]:
    if not len(flags):
        return {name: None, f"{name}_interval": None}
    n_true = int(flags.sum())
    interval = list(wilson_interval(n_true, len(flags)))
    return {name: n_true / len(flags), f"{name}_interval": interval}


def _character_error(pairs: Sequence[list[tuple[str, str]]]) -> float | None:
    n_edits = sum(true != read for text in pairs for true, read in text)
    n_characters = sum(bool(true) for text in pairs for true, _ in text)
    return n_edits / n_characters if n_characters else None


def _calibration_error(confidences: NDArray[np.float64], right: Flags) -> float | None:
    return calibration_error(reliability_bins(confidences, right)) if len(right) else None


def _risk_coverage(
    confidences: NDArray[np.float64], exact: Flags, folded: Flags
) -> list[dict[str, float]]:
    """What is wrong among the surest, at up to 100 shares of all; equal confidences together."""
    order = np.argsort(-confidences, kind="stable")
    ends = np.flatnonzero(np.diff(confidences[order], append=-1.0))
    if len(ends) > MOST_POINTS:
        ends = ends[np.linspace(0, len(ends) - 1, MOST_POINTS).round().astype(int)]
    wrong, wrong_folded = np.cumsum(~exact[order]), np.cumsum(~folded[order])
    return [
        {
            "threshold": float(confidences[order[end]]),
            "coverage": float((end + 1) / len(order)),
            "error": float(wrong[end] / (end + 1)),
            "error_folded": float(wrong_folded[end] / (end + 1)),
        }
        for end in ends
    ]


def _count(names: Iterator[str]) -> dict[str, int]:
    return {str(name): n for name, n in Counter(names).most_common()}


def _confusions(pairs: Sequence[list[tuple[str, str]]]) -> list[list[Any]]:
    counts = Counter(pair for text in pairs for pair in text if pair[0] != pair[1])
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [[true, read, n] for (true, read), n in ordered[:MOST_CONFUSIONS]]
