"""Measures worked by hand, and a folder read from end to end."""

from __future__ import annotations

import json

import pytest
from PIL import Image
from tests.reading.drawing import draw_text, template_bundles

from hdalr import Reader
from hdalr.errors import DataError
from hdalr.evaluation.intervals import wilson_interval
from hdalr.reading.error_sheet import draw_errors
from hdalr.reading.evaluation import Evaluation, Judged, evaluate_folder, measure
from hdalr.reading.result import Reading, Reason


def judged(true, text, confidence, accepted=True):
    reason = None if accepted else Reason.ambiguous
    reading = Reading(text, accepted, reason, confidence, (), "drawn")
    return Judged(f"{true}-{text}.png", true, reading, 0.5)


ROWS = [
    judged("1234", "1234", 0.9),
    judged("AB", "aB", 0.8),
    judged("70", "7O", 0.7),
    judged("5", "3", 0.6),
    judged("12", "1", 0.2, accepted=False),
]


@pytest.fixture
def folder(tmp_path):
    for text in ("42", "7", "AE"):
        Image.fromarray(draw_text(text)).save(tmp_path / f"{text}.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "labels.csv").write_text("file,text\n42.png,42\n7.png,1\nAE.png,ae\nbroken.png,1\n")
    return tmp_path


def test_shares_are_those_counted_by_hand():
    found = measure(ROWS)
    assert found["n"] == 5
    assert found["exact"] == 1 / 5
    assert found["exact_folded"] == 2 / 5
    assert found["exact_lookalikes"] == 3 / 5
    assert found["exact_interval"] == list(wilson_interval(1, 5))
    assert found["character_error"] == 4 / 11
    assert found["coverage"] == 4 / 5
    assert found["accepted_error"] == 3 / 4
    assert found["accepted_error_folded"] == 2 / 4
    assert found["reasons"] == {"ambiguous": 1}
    assert found["seconds"] == 2.5
    assert found["seconds_median"] == 0.5
    assert found["model"] == "drawn"


def test_the_calibration_error_is_the_mean_gap():
    gaps = [0.1, 0.8, 0.7, 0.6, 0.2]
    assert measure(ROWS)["expected_calibration_error"] == pytest.approx(sum(gaps) / 5)
    gaps[1] = 0.2
    assert measure(ROWS)["expected_calibration_error_folded"] == pytest.approx(sum(gaps) / 5)


def test_the_risk_coverage_curve_goes_from_the_surest_to_all():
    curve = measure(ROWS)["risk_coverage"]
    assert [point["threshold"] for point in curve] == [0.9, 0.8, 0.7, 0.6, 0.2]
    assert [point["coverage"] for point in curve] == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert [point["error"] for point in curve] == pytest.approx([0, 1 / 2, 2 / 3, 3 / 4, 4 / 5])
    assert curve[-1]["error_folded"] == pytest.approx(3 / 5)


def test_equal_confidences_are_one_point_and_many_are_thinned():
    assert len(measure([judged("1", "1", 0.5)] * 4)["risk_coverage"]) == 1
    many = [judged("1", "1", number / 1000) for number in range(1000)]
    curve = measure(many)["risk_coverage"]
    assert len(curve) == 100
    assert curve[-1]["coverage"] == 1


def test_confusions_are_counted_most_frequent_first():
    rows = [*ROWS, judged("5", "3", 0.5)]
    confusions = measure(rows)["confusions"]
    assert confusions[0] == ["5", "3", 2]
    assert ["2", "", 1] in confusions
    assert ["A", "a", 1] in confusions


def test_nothing_measured_divides_by_nothing():
    found = measure([])
    assert found["n"] == 0
    assert found["exact"] is found["character_error"] is found["accepted_error"] is None
    assert measure([judged("1", "1", 0.1, accepted=False)])["accepted_error"] is None
    json.dumps(found, allow_nan=False)


def test_composed_and_decomposed_letters_are_equal():
    assert measure([judged("e\u0301", "\u00e9", 1.0)])["exact"] == 1


def test_a_folder_is_measured_and_what_is_broken_is_named(folder):
    reader = Reader([*template_bundles("0123456789ABCEHaet")])
    steps = []
    found = evaluate_folder(folder, reader.read, lambda done, of: steps.append((done, of)))
    assert [one.file for one in found.judged] == ["42.png", "7.png", "AE.png"]
    assert [one.exact for one in found.judged] == [True, False, False]
    assert found.to_dict()["exact_folded"] == pytest.approx(2 / 3)
    assert len(found.errors) == 1
    assert "broken.png: " in found.errors[0]
    assert steps[-1] == (4, 4)


def test_mistakes_come_the_surest_first():
    files = [one.file for one in Evaluation(tuple(ROWS[::-1]), ()).mistakes()]
    assert files == ["AB-aB.png", "70-7O.png", "5-3.png", "12-1.png"]


def test_the_sheet_shows_a_tile_a_mistake(folder):
    reader = Reader([*template_bundles("0123456789ABCEHaet")])
    found = evaluate_folder(folder, reader.read)
    sheet = draw_errors(folder, found.mistakes())
    assert sheet.ndim == 3
    assert sheet.min() < 100
    assert draw_errors(folder, []).ndim == 3
    gone = Judged("gone.png", "1", ROWS[0].reading, 0.1)
    assert draw_errors(folder, [gone]).ndim == 3


def test_a_folder_without_truth_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"labels\.csv"):
        evaluate_folder(tmp_path, lambda path: ROWS[0].reading)
