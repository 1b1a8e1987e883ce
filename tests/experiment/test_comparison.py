"""Comparisons: resumed where they stopped, with failures told in their place."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hdalr.datasets.dataset import Dataset
from hdalr.errors import ParameterError, StorageError
from hdalr.evaluation.records import load_record, load_records
from hdalr.experiment import Comparison, Outcome, compare, find_test_pictures
from hdalr.models.annealing import Annealing
from hdalr.models.convolution_stack import ConvolutionStack
from hdalr.models.nearest_neighbours import NearestNeighbours
from hdalr.recipes import RECIPES, Recipe

KNN, BAYES = RECIPES["paper.knn"], RECIPES["paper.naive-bayes"]
BROKEN = dataclasses.replace(KNN, name="paper.broken", parameters={"n_neighbors": 0})
CRASHING = dataclasses.replace(KNN, name="paper.crashing", model="Crashing")


def run(dataset: Dataset, folder: Path, *recipes: Recipe, **settings: Any) -> list[Outcome]:
    return list(compare(Comparison(dataset, list(recipes), folder, **settings)))


def test_a_record_lies_at_its_path_and_holds_what_was_run(bars: Dataset, tmp_path: Path) -> None:
    (outcome,) = run(bars, tmp_path, KNN, data="bars.npz")
    record = load_record(tmp_path / "records" / "paper.knn-seed0.json")
    assert record == outcome.record
    assert (record["recipe"], record["dataset"], record["seed"]) == ("paper.knn", "bars", 0)
    assert (record["n_train"], record["n_test"]) == (90, 45)
    assert record["accuracy"] == 1.0
    assert record["accuracy_per_class"] == {"low": 1.0, "mid": 1.0, "high": 1.0}
    assert record["confusion_matrix"] == [[15, 0, 0], [0, 15, 0], [0, 0, 15]]
    assert record["command"] == "hdalr compare --data bars.npz --recipes paper.knn --seeds 1"
    assert record["fit_seconds"] >= 0
    assert record["peak_memory_bytes"] > 1e6
    assert record["versions"]["numpy"]
    assert record["hardware"]["device"] == "cpu"


def test_the_record_of_a_committee_tells_what_each_net_reaches_alone(
    bars: Dataset, tmp_path: Path
) -> None:
    training = Annealing(epochs=2, batch_size=10)
    changes = {"layers": ("4c5-p2", "4c5"), "training": training, "shifted_views": False}
    recipe = dataclasses.replace(RECIPES["better.cnn-committee"], parameters=changes)
    (outcome,) = run(bars, tmp_path, recipe, seeds=1)
    assert outcome.record is not None
    second = ConvolutionStack("4c5", training=training, random_state=1, device="cpu")
    split = recipe.protocol.cut(bars)
    alone = second.fit(*split.train).score(*split.test)
    accuracies = outcome.record["member_accuracies"]
    assert len(accuracies) == 2
    assert accuracies[1] == alone


def test_finished_rows_are_kept(bars: Dataset, tmp_path: Path) -> None:
    first = run(bars, tmp_path, KNN, seeds=2)
    again = run(bars, tmp_path, KNN, BAYES, seeds=2)
    assert [outcome.kept for outcome in first] == [False, False]
    assert [outcome.kept for outcome in again] == [True, True, False, False]
    assert again[:2] == [dataclasses.replace(o, kept=True) for o in first]


def test_rerun_runs_finished_rows_again(bars: Dataset, tmp_path: Path) -> None:
    run(bars, tmp_path, KNN)
    assert [o.kept for o in run(bars, tmp_path, KNN, rerun=True)] == [False]


@pytest.mark.parametrize("change", ["recipe", "data", "half a file", "accuracy"])
def test_a_record_of_another_run_never_passes_for_this_one(
    bars: Dataset, tmp_path: Path, change: str
) -> None:
    run(bars, tmp_path, KNN)
    recipe = KNN
    if change == "recipe":
        recipe = dataclasses.replace(KNN, parameters={"n_neighbors": 5})
    elif change == "data":
        bars = dataclasses.replace(bars, train_images=bars.train_images // 2)
    else:
        path = tmp_path / "records" / "paper.knn-seed0.json"
        text = path.read_text()
        path.write_text(text[:100] if change == "half a file" else text.replace(":1.0", ":0.9"))
    assert [o.kept for o in run(bars, tmp_path, recipe)] == [False]


def test_another_limit_or_data_set_does_not_write_over_finished_rows(
    bars: Dataset, tmp_path: Path
) -> None:
    (first,) = run(bars, tmp_path, KNN)
    with pytest.raises(ParameterError, match="bars with limit None, and bars with limit 30"):
        run(bars, tmp_path, BAYES, KNN, limit=30)
    with pytest.raises(ParameterError, match="and others with limit None"):
        run(dataclasses.replace(bars, name="others"), tmp_path, KNN)
    assert load_records(tmp_path) == [first.record]
    assert [o.kept for o in run(bars, tmp_path, KNN, limit=30, rerun=True)] == [False]


def test_a_row_that_fails_is_told_and_the_others_run(bars: Dataset, tmp_path: Path) -> None:
    broken, crashing, good = run(bars, tmp_path, BROKEN, CRASHING, KNN)
    assert broken.failure is not None
    assert "n_neighbors=0" in broken.failure["reason"]
    assert crashing.failure is not None
    assert "KeyError" in crashing.failure["reason"]
    assert good.record is not None
    assert json.loads((tmp_path / "failures" / "paper.broken-seed0.json").read_text())
    assert [r["recipe"] for r in load_records(tmp_path)] == ["paper.knn"]


def test_a_failure_is_forgotten_once_the_row_succeeds(bars: Dataset, tmp_path: Path) -> None:
    run(bars, tmp_path, dataclasses.replace(BROKEN, name=KNN.name))
    assert list((tmp_path / "failures").iterdir())
    run(bars, tmp_path, KNN)
    assert not list((tmp_path / "failures").iterdir())


def test_rows_in_processes_give_the_same_records(bars: Dataset, tmp_path: Path) -> None:
    alone = run(bars, tmp_path / "alone", KNN, BAYES, BROKEN)
    spread = run(bars, tmp_path / "spread", KNN, BAYES, BROKEN, jobs=2)

    def essence(outcomes: list[Outcome]) -> dict[str, Any]:
        done = {o.record["recipe"]: o.record["predictions"] for o in outcomes if o.record}
        return done | {o.failure["recipe"]: o.failure["reason"] for o in outcomes if o.failure}

    assert essence(alone) == essence(spread)


def test_the_plan_remembers_earlier_recipes_in_the_tables_order(
    bars: Dataset, tmp_path: Path
) -> None:
    run(bars, tmp_path, BAYES, BROKEN)
    run(bars, tmp_path, KNN)
    plan = json.loads((tmp_path / "comparison.json").read_text())
    assert plan["recipes"] == ["paper.knn", "paper.naive-bayes", "paper.broken"]


def test_a_full_disk_stops_with_the_path_and_leaves_no_half_file(
    bars: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(bars, tmp_path, KNN)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"No space left on device"):
        run(bars, tmp_path, KNN, BAYES)
    monkeypatch.undo()
    files = {path.name for path in (tmp_path / "records").iterdir()}
    assert files == {"paper.knn-seed0.json"}
    assert [o.kept for o in run(bars, tmp_path, KNN, BAYES)] == [True, False]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_really_full_device_is_an_error_of_storage() -> None:
    from hdalr.evaluation.records import write_json

    with pytest.raises(StorageError, match="could not be written"):
        write_json(Path("/dev/full/record.json"), {})


def test_a_killed_net_goes_on_from_its_last_epoch(
    bars: Dataset, small_cnn: Recipe, tmp_path: Path
) -> None:
    class KilledError(BaseException):
        pass

    def kill_in_second_epoch(name: str, progress: Any) -> None:
        if progress.epoch == 2:
            raise KilledError

    plan = Comparison(bars, [small_cnn], tmp_path)
    with pytest.raises(KilledError):
        list(compare(plan, kill_in_second_epoch))
    checkpoint = tmp_path / "checkpoints" / "paper.cnn-seed0.safetensors"
    assert checkpoint.exists()
    epochs: list[int] = []
    (outcome,) = compare(plan, lambda name, progress: epochs.append(progress.epoch))
    (whole,) = run(bars, tmp_path / "whole", small_cnn)
    assert set(epochs) == {2, 3}
    assert outcome.record is not None
    assert whole.record is not None
    assert outcome.record["predictions"] == whole.record["predictions"]
    assert not checkpoint.exists()


def test_one_run_at_a_time_writes_to_a_folder(bars: Dataset, tmp_path: Path) -> None:
    first = compare(Comparison(bars, [KNN, BAYES], tmp_path))
    next(first)
    with pytest.raises(StorageError, match="another run is writing there"):
        run(bars, tmp_path, KNN)
    assert len(list(first)) == 1
    assert len(run(bars, tmp_path, KNN, BAYES)) == 2


def test_what_a_killed_run_had_half_written_is_removed(bars: Dataset, tmp_path: Path) -> None:
    half = tmp_path / "records" / ".paper.knn-seed0.json.abc"
    half.parent.mkdir()
    half.write_text("{")
    run(bars, tmp_path, KNN)
    assert not half.exists()


def test_seconds_of_fit_add_up_over_a_kill(
    bars: Dataset, small_cnn: Recipe, tmp_path: Path
) -> None:
    slow = dataclasses.replace(small_cnn, parameters={**small_cnn.parameters, "epochs": 40})

    def kill(name: str, progress: Any) -> None:
        if progress.epoch == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(compare(Comparison(bars, [slow], tmp_path), kill))
    (outcome,) = run(bars, tmp_path, slow)
    assert outcome.record is not None
    epochs = [epoch["seconds"] for epoch in outcome.record["learning_curve"]]
    assert outcome.record["fit_seconds"] >= sum(epochs) * 0.99


class Sluggish(NearestNeighbours):
    """Takes a second to fit."""

    def fit(self, images: Any, labels: Any) -> Any:
        time.sleep(1.0)
        return super().fit(images, labels)


class SluggishRecipe(Recipe):
    def build(self, dataset: str = "", **settings: Any) -> Any:
        return Sluggish()


def test_seconds_of_fit_and_of_predict_are_told_apart(bars: Dataset, tmp_path: Path) -> None:
    facts = {field.name: getattr(KNN, field.name) for field in dataclasses.fields(KNN)}
    (outcome,) = run(bars, tmp_path, SluggishRecipe(**facts))
    assert outcome.record is not None
    assert outcome.record["fit_seconds"] >= 1
    assert outcome.record["predict_seconds"] < 1
    per_image = outcome.record["predict_microseconds_per_image"]
    assert per_image == pytest.approx(outcome.record["predict_seconds"] / 45 * 1e6)


class Fatal(NearestNeighbours):
    """Ends its own process, as the system does when memory runs out."""

    def fit(self, images: Any, labels: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)


class FatalRecipe(Recipe):
    def build(self, dataset: str = "", **settings: Any) -> Any:
        return Fatal()


@pytest.mark.slow
def test_a_row_whose_process_is_killed_does_not_take_the_others_along(
    bars: Dataset, tmp_path: Path
) -> None:
    facts = {field.name: getattr(KNN, field.name) for field in dataclasses.fields(KNN)}
    fatal = FatalRecipe(**facts | {"name": "fatal"})
    outcomes = run(bars, tmp_path, fatal, KNN, BAYES, jobs=2)
    failed = {o.failure["recipe"]: o.failure["reason"] for o in outcomes if o.failure}
    assert failed == {"fatal": "its worker was ended several times; start again to go on"}
    done = {o.record["recipe"] for o in outcomes if o.record}
    assert done == {"paper.knn", "paper.naive-bayes"}


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    assert condition()


@pytest.mark.slow
def test_killed_by_the_system_and_started_again_it_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hdalr", "compare", "-o", str(tmp_path)]
    command += ["--recipes", "paper.naive-bayes,paper.knn,paper.cnn", "--limit", "300"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    wait_for((tmp_path / "checkpoints" / "paper.cnn-seed0.safetensors").exists, 100)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    names = [path.name for path in (tmp_path / "records").iterdir()]
    assert sorted(names) == ["paper.knn-seed0.json", "paper.naive-bayes-seed0.json"]
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert again.stdout.count("kept") == 2
    assert len(load_records(tmp_path)) == 3
    assert (tmp_path / "report.html").exists()


def test_pictures_of_an_absent_data_set_are_none(bars: Dataset, tmp_path: Path) -> None:
    run(bars, tmp_path, KNN, data="/nowhere/bars")
    assert find_test_pictures(tmp_path) == {}


def test_pictures_are_found_by_the_digest_of_the_records(tmp_path: Path) -> None:
    from hdalr.datasets import load_dataset

    run(load_dataset("digits"), tmp_path, KNN, limit=50)
    (record,) = load_records(tmp_path)
    pictures = find_test_pictures(tmp_path)[record["test_digest"]]
    assert pictures.shape == (50, 28, 28)
