"""What a trained net is worth: its calibration on kept-back pictures, its record on test ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hdalr.bundles.calibration import Calibration
from hdalr.bundles.fitting import fit_temperature
from hdalr.bundles.risk import calibrate, expected_calibration_error
from hdalr.evaluation.intervals import wilson_interval
from hdalr.images.picture import Picture
from hdalr.models._training import predict_logits

Allowed = NDArray[np.bool_]
DIGITS = "0123456789"


@dataclass(frozen=True, eq=False)
class Judged:
    """Pictures as the net sees them, and which outputs are right for each.

    Attributes
    ----------
    pictures
        uint8, shape (n, 1, height, width).
    allowed
        bool, shape (n, n_outputs); several True where the label is known in part.
    data
        What these pictures are, in a few words.
    """

    pictures: Tensor
    allowed: Allowed
    data: str


def calibrate_characters(net: nn.Module, held: Judged, labels: Sequence[str]) -> Calibration:
    """Fit temperature, thresholds and risk-coverage curve on kept-back pictures.

    The temperature is fitted where the label is certain. A reading is the most probable label;
    for what is no character it is wrong, so that the thresholds count what the net lets through.
    Where there are labels that differ in case alone, or digits among others, readings in which
    case does not count, and readings among the digits, have thresholds of their own.
    """
    logits = _logits(net, held.pictures)
    certain = held.allowed.sum(axis=1) == 1
    temperature = fit_temperature(logits[certain], held.allowed[certain].argmax(axis=1))
    probabilities = Calibration(temperature).probabilities(logits)
    confidence, right = _surest(probabilities[:, : len(labels)], held.allowed)
    modes = {
        name: _calibrate_groups(probabilities, held, groups, len(labels))
        for name, groups in _modes(labels).items()
    }
    return dataclasses.replace(
        calibrate(confidence, right, temperature=temperature, data=held.data), modes=modes
    )


def _modes(labels: Sequence[str]) -> dict[str, list[list[int]]]:
    """Groups of labels that count as one, for each mode that differs from all labels apart."""
    modes = {}
    folded: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        folded.setdefault(label.upper(), []).append(place)
    if len(folded) < len(labels):
        modes["folded"] = list(folded.values())
    digits = [[place] for place, label in enumerate(labels) if label in DIGITS]
    if 0 < len(digits) < len(labels):
        modes["digits"] = digits
    return modes


def _calibrate_groups(
    probabilities: NDArray[np.float64], held: Judged, groups: list[list[int]], n_labels: int
) -> Calibration:
    """Thresholds for readings among groups of labels, on pictures of these or of nothing."""
    own = [place for group in groups for place in group]
    foreign = [place for place in range(n_labels) if place not in own]
    rows = ~held.allowed[:, foreign].any(axis=1)
    shares = np.stack([probabilities[rows][:, group].sum(axis=1) for group in groups], axis=1)
    right = np.stack([held.allowed[rows][:, group].any(axis=1) for group in groups], axis=1)
    return calibrate(*_surest(shares, right), data=held.data)


def judge_characters(
    net: nn.Module, test: Judged, n_labels: int, calibration: Calibration
) -> dict[str, Any]:
    """Accuracy with its 95 % interval and calibration error on pictures that nothing was fitted on.

    Where the label is known in part, any label that it may be is right. Pictures of what is no
    character count apart: the share whose most probable output says so.
    """
    logits = _logits(net, test.pictures)
    characters = test.allowed[:, :n_labels].any(axis=1)
    probabilities = calibration.probabilities(logits[characters])[:, :n_labels]
    confidence, right = _surest(probabilities, test.allowed[characters])
    record = {
        "data": test.data,
        "n": len(right),
        "accuracy": float(right.mean()),
        "accuracy_interval": list(wilson_interval(int(right.sum()), len(right))),
        "calibration_error": expected_calibration_error(confidence, right),
    }
    if not characters.all():
        nothing = logits[~characters].argmax(axis=1) == n_labels
        record["n_nothing"] = len(nothing)
        record["nothing_found"] = float(nothing.mean())
    return record


def judge_lines(
    net: nn.Module, lines: Sequence[tuple[Picture, str]], labels: Sequence[str], data: str
) -> dict[str, Any]:
    """Share of the lines that CTC's best path reads exactly, with its 95 % interval."""
    n_right = int(lines_right(net, lines, labels).sum())
    return {
        "data": data,
        "n": len(lines),
        "exact": n_right / len(lines),
        "exact_interval": list(wilson_interval(n_right, len(lines))),
    }


def characters_right(net: nn.Module, test: Judged, n_labels: int) -> Allowed:
    """Which pictures have a right label for the most probable one, shape (n,)."""
    return _surest(_logits(net, test.pictures)[:, :n_labels], test.allowed)[1]


def lines_right(
    net: nn.Module, lines: Sequence[tuple[Picture, str]], labels: Sequence[str]
) -> Allowed:
    """Which lines CTC's best path reads exactly, shape (n,)."""
    return np.array([_best_path(net, line, labels) == text for line, text in lines], np.bool_)


def _logits(net: nn.Module, pictures: Tensor) -> NDArray[np.float64]:
    return predict_logits(net, pictures).double().numpy()


def _surest(
    probabilities: NDArray[np.float64], allowed: Allowed
) -> tuple[NDArray[np.float64], Allowed]:
    """Probability of the most probable label of each picture, and whether it is right."""
    best = probabilities.argmax(axis=1)
    rows = np.arange(len(best))
    return np.minimum(probabilities[rows, best], 1.0), allowed[rows, best]


@torch.inference_mode()
def _best_path(net: nn.Module, line: Picture, labels: Sequence[str]) -> str:
    """The most probable output of each frame, repeats and blanks dropped (Graves et al. 2006)."""
    logits = net(torch.from_numpy(line)[None, None].float() / 255)[0, :, 0]
    path = logits.argmax(dim=0).tolist()
    kept = [one for one, before in zip(path, [0, *path], strict=False) if one not in (0, before)]
    return "".join(labels[one - 1] for one in kept)
