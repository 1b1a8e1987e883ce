"""What a fitted model is judged on beyond its test part: the same pictures for all, and told."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from hdalr.datasets import load_dataset
from hdalr.datasets.dataset import Dataset, stratified_sample
from hdalr.errors import DataError, ParameterError, UnknownNameError
from hdalr.evaluation.records import load_record
from hdalr.experiment import Comparison, Outcome, compare
from hdalr.experiment.beyond import Fitted, check_beyond, judge_corrupted, to_mnist_form
from hdalr.images.corruptions import CORRUPTIONS
from hdalr.images.crop import find_ink
from hdalr.recipes import RECIPES
from hdalr.recipes.protocol import Protocol

KNN = RECIPES["paper.knn"]
TEN = tuple("0123456789")


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with both development sets: digits on a smaller frame, and dark on light."""
    digits = load_dataset("digits")
    images, labels = digits.test_images[:60], digits.test_labels[:60]
    small = images[:, 4:24, 4:24]
    (tmp_path / "data" / "real").mkdir(parents=True)
    classes = np.array(TEN)
    for name, pictures in (("semeion", small), ("hwd1000", 255 - images)):
        path = tmp_path / "data" / "real" / f"{name}.npz"
        np.savez(path, images=pictures, labels=labels, classes=classes)
    monkeypatch.setenv("HDALR_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def run(dataset: Dataset, folder: Path, *also: str, rerun: bool = False) -> Outcome:
    (outcome,) = compare(Comparison(dataset, [KNN], folder, also=also, rerun=rerun))
    return outcome


def test_a_record_holds_what_was_asked_for(others: Path, tmp_path: Path) -> None:
    outcome = run(load_dataset("digits").limited(200), tmp_path, "corruptions", "transfer")
    record = load_record(tmp_path / "records" / "paper.knn-seed0.json")
    assert record == outcome.record
    corrupted = record["corruptions"]
    assert corrupted["n"] == 200
    assert corrupted["clean"] == record["accuracy"]
    assert list(corrupted["accuracies"]) == list(CORRUPTIONS)
    assert 0.1 < min(corrupted["accuracies"].values()) < corrupted["clean"]
    assert record["command"].endswith("--also corruptions,transfer")
    for one, name in zip(record["transfer"], ("semeion", "hwd1000"), strict=True):
        assert (one["dataset"], one["n"]) == (name, 60)
        assert one["accuracy"] > 0.7  # in either form the digits are those of the test part
        assert one["interval"][0] < one["accuracy"] < one["interval"][1]


def test_what_is_asked_for_does_not_change_the_fingerprint(bars: Dataset, tmp_path: Path) -> None:
    plain, more = run(bars, tmp_path / "a"), run(bars, tmp_path / "b", "corruptions")
    assert plain.record is not None
    assert more.record is not None
    assert plain.record["fingerprint"] == more.record["fingerprint"]
    assert plain.record["predictions"] == more.record["predictions"]
    assert "corruptions" not in plain.record


def test_a_kept_row_says_what_it_lacks_and_a_rerun_adds_it(bars: Dataset, tmp_path: Path) -> None:
    run(bars, tmp_path)
    kept = run(bars, tmp_path, "corruptions")
    assert (kept.kept, kept.lacking) == (True, ("corruptions",))
    again = run(bars, tmp_path, "corruptions", rerun=True)
    assert (again.kept, again.lacking) == (False, ())
    assert run(bars, tmp_path, "corruptions").lacking == ()


def test_corruptions_are_judged_on_at_most_a_thousand_pictures(
    bars: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Remembering:
        def __init__(self) -> None:
            self.seen: list[np.ndarray] = []

        def predict(self, images: np.ndarray) -> np.ndarray:
            self.seen.append(images)
            return np.zeros(len(images), int)

    monkeypatch.setattr("hdalr.experiment.beyond.MOST_CORRUPTED", 30)
    split = Protocol().cut(bars)
    models = [Remembering(), Remembering()]
    for model in models:
        fitted = Fitted(model, np.zeros(45, int), bars, split)
        assert judge_corrupted(fitted)["n"] == 30
        assert judge_corrupted(fitted)["accuracies"]["fog"] == pytest.approx(1 / 3)
    for one, other in zip(models[0].seen, models[1].seen, strict=True):
        np.testing.assert_array_equal(one, other)


def test_clean_is_the_accuracy_on_the_same_pictures(
    bars: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent:
        def predict(self, images: np.ndarray) -> np.ndarray:
            return np.zeros(len(images), int)

    monkeypatch.setattr("hdalr.experiment.beyond.MOST_CORRUPTED", 30)
    chosen = stratified_sample(bars.test_labels, 30, random_state=0)
    answers = (bars.test_labels + 1) % 3
    answers[chosen] = bars.test_labels[chosen]
    assert judge_corrupted(Fitted(Silent(), answers, bars, Protocol().cut(bars)))["clean"] == 1


def test_unknown_names_and_absent_sets_are_told_before_anything_runs(
    bars: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'corruptions'"):
        run(bars, tmp_path, "corruption")
    monkeypatch.delenv("HDALR_DATA_DIR", raising=False)
    with pytest.raises(DataError, match=r"semeion.npz: no such file.*set HDALR_DATA_DIR"):
        run(bars, tmp_path, "transfer")
    assert not (tmp_path / "records").exists()


def test_other_classes_cannot_be_transferred_to(others: Path, bars: Dataset) -> None:
    with pytest.raises(ParameterError, match=r"bars has no class 0, 1, .*leave out transfer"):
        check_beyond(("transfer",), bars)


def test_labels_are_found_by_the_names_of_the_classes(others: Path, tmp_path: Path) -> None:
    digits = load_dataset("digits").limited(200)
    turned = dataclasses.replace(
        digits,
        classes=TEN[::-1],
        train_labels=9 - digits.train_labels,
        test_labels=9 - digits.test_labels,
    )
    plain = run(digits, tmp_path / "a", "transfer").record
    other = run(turned, tmp_path / "b", "transfer").record
    assert plain is not None
    assert other is not None
    near = pytest.approx(plain["transfer"][0]["accuracy"], abs=0.04)  # ties fall otherwise
    assert other["transfer"][0]["accuracy"] == near


@pytest.mark.parametrize("shape", [(28, 28), (32, 32), (20, 24)])
def test_ink_of_other_frames_is_brought_to_mnists_form(shape: tuple[int, int]) -> None:
    images = np.zeros((1, 30, 16), np.uint8)
    images[0, 5:25, 2:6] = 255
    (moved,) = to_mnist_form(images, shape)
    box = find_ink(moved)
    assert moved.shape == shape
    assert box is not None
    assert box.height == pytest.approx(20 / 28 * min(shape), abs=4)
    assert (box.top + box.bottom) / 2 == pytest.approx(shape[0] / 2, abs=1)
    assert (box.left + box.right) / 2 == pytest.approx(shape[1] / 2, abs=1)
