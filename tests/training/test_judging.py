"""Calibration and record of nets whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hdalr.bundles import Calibration
from hdalr.training.judging import Judged, calibrate_characters, judge_characters, judge_lines


class Told(nn.Module):
    """Answers with the logits that the first pixels of a picture hold."""

    def __init__(self, n_outputs: int) -> None:
        super().__init__()
        self.n_outputs = n_outputs

    def forward(self, pictures: Tensor) -> Tensor:
        return pictures[:, 0, 0, : self.n_outputs] * 255 / 10


def judged(logits: list[list[int]], allowed: list[list[int]]) -> Judged:
    pictures = torch.tensor(logits, dtype=torch.uint8)[:, None, None, :]
    return Judged(pictures, np.array(allowed, bool), "told")


def test_the_record_counts_labels_that_a_picture_may_be() -> None:
    test = judged(
        [[90, 0, 0], [0, 90, 0], [0, 90, 0], [0, 0, 90]],
        [[1, 0, 0], [1, 1, 0], [1, 0, 0], [0, 0, 1]],
    )
    record = judge_characters(Told(3), test, 2, Calibration())
    assert record["n"] == 3
    assert record["accuracy"] == pytest.approx(2 / 3)
    assert record["n_nothing"] == 1
    assert record["nothing_found"] == 1
    low, high = record["accuracy_interval"]
    assert low < 2 / 3 < high


def test_nothing_is_not_counted_where_the_net_has_no_such_output() -> None:
    record = judge_characters(Told(2), judged([[9, 0]], [[1, 0]]), 2, Calibration())
    assert "n_nothing" not in record


def test_what_is_no_character_is_a_wrong_reading_for_the_thresholds() -> None:
    sure, nothing = [90, 0, 0], [90, 0, 0]
    held = judged([sure] * 500 + [nothing] * 100, [[1, 0, 0]] * 500 + [[0, 0, 1]] * 100)
    calibration = calibrate_characters(Told(3), held, "xy")
    assert calibration.n == 600
    assert calibration.threshold(0.05) == np.inf
    assert calibration.threshold(0.3) < 1
    assert calibration.curve[-1][2] == pytest.approx(1 / 6)


def test_the_temperature_makes_a_net_that_is_too_sure_less_sure() -> None:
    held = judged([[90, 0]] * 4, [[1, 0]] * 3 + [[0, 1]])
    # 9 / T = ln 3
    assert calibrate_characters(Told(2), held, "xy").temperature == pytest.approx(
        9 / np.log(3), 1e-3
    )


class Frames(nn.Module):
    """Answers each column with the output that its first pixel names."""

    def forward(self, pictures: Tensor) -> Tensor:
        path = (pictures[:, 0, 0] * 255).round().long()
        return nn.functional.one_hot(path, 3).permute(0, 2, 1)[:, :, None].float()


def test_lines_are_read_by_their_best_path() -> None:
    def line(*path: int) -> np.ndarray:
        return np.array([path] * 32, np.uint8)

    lines = [(line(0, 1, 1, 0, 1, 2, 2), "aab"), (line(0, 0), ""), (line(2, 1), "ab")]
    record = judge_lines(Frames(), lines, "ab", "drawn")
    assert record["n"] == 3
    assert record["exact"] == pytest.approx(2 / 3)


def test_case_that_does_not_count_has_thresholds_of_its_own() -> None:
    """The net tells a from A by chance, and 1 from both always."""
    rng = np.random.default_rng(0)
    allowed = np.eye(4, dtype=bool)[rng.integers(0, 3, 900)]
    pictures = np.zeros((900, 1, 28, 28), np.uint8)
    pictures[:, 0, 0, 0] = np.where(allowed[:, 0], 255, 0)

    class Letters(nn.Module):
        def forward(self, floats: Tensor) -> Tensor:
            one = floats[:, :, 0, 0]
            return torch.cat([9 * one, 4.5 - 9 * one, 4.5 - 9 * one, 0 * one - 9], dim=1)

    held = Judged(torch.from_numpy(pictures), allowed, "made up")
    calibration = calibrate_characters(Letters(), held, ("1", "A", "a"))

    assert calibration.mode("folded").curve[-1][2] == 0
    assert calibration.curve[-1][2] > 0.2
    assert calibration.mode("digits").n == allowed[:, 0].sum()
    assert calibration.mode("other") is calibration
