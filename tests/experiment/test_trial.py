"""A trial: judged on pictures of the train part alone, and stopped in time."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np
import pytest

from hdalr.datasets.dataset import Dataset
from hdalr.errors import StorageError
from hdalr.experiment.trial import Task, choice_protocol, cut_parts, judge, without_test_part
from hdalr.images.batch import Images, Labels
from hdalr.models.convolutional import ConvolutionalNetwork
from hdalr.models.nearest_neighbours import NearestNeighbours
from hdalr.recipes import RECIPES, Protocol, Recipe

KNN, SVM = RECIPES["paper.knn"], RECIPES["paper.svm-linear"]
FOREVER = float("inf")


def rows(images: np.ndarray) -> set[bytes]:
    return {image.tobytes() for image in images}


def task(recipe: Recipe = KNN, folds: int = 0, deadline: float = FOREVER, **settings: Any) -> Task:
    return Task(recipe, settings, seed=0, folds=folds, deadline=deadline, device="cpu")


@pytest.fixture(scope="module")
def trains(bars: Dataset) -> Dataset:
    return without_test_part(bars)


def test_without_its_test_part_a_set_holds_no_test_picture(bars: Dataset, trains: Dataset) -> None:
    held = rows(trains.train_images) | rows(trains.test_images)
    assert held == rows(bars.train_images)
    assert not held & rows(bars.test_images)


def test_a_sixth_is_kept_back_unless_the_recipe_says_otherwise() -> None:
    assert choice_protocol(Protocol(), 0).validation == 1 / 6
    assert choice_protocol(Protocol(train=0.8, validation=0.1), 0) == Protocol(0.8, 0.1)
    assert choice_protocol(Protocol(validation=0.1), 5) == Protocol()


def test_pictures_kept_back_are_not_learned_from(trains: Dataset) -> None:
    ((learned, kept_back),) = cut_parts(trains, Protocol(), 0)
    assert (len(learned[1]), len(kept_back[1])) == (75, 15)
    assert not rows(learned[0]) & rows(kept_back[0])


def test_folds_keep_back_each_picture_once(trains: Dataset) -> None:
    parts = list(cut_parts(trains, Protocol(), 5))
    assert [len(kept_back[1]) for _, kept_back in parts] == [18] * 5
    assert rows(np.concatenate([kept_back[0] for _, kept_back in parts])) == rows(
        trains.train_images
    )
    assert not any(rows(learned[0]) & rows(kept_back[0]) for learned, kept_back in parts)
    again = cut_parts(trains, Protocol(), 5)
    assert all((a[1][0] == b[1][0]).all() for a, b in zip(parts, again, strict=True))


def test_what_is_read_right_is_counted(trains: Dataset) -> None:
    verdict = judge(task(), trains)
    assert (verdict.state, verdict.n_right, verdict.n_images) == ("finished", 15, 15)
    assert verdict.accuracy == 1.0
    model = NearestNeighbours(75)
    ((learned, kept_back),) = cut_parts(trains, Protocol(), 0)
    right = (model.fit(*learned).predict(kept_back[0]) == kept_back[1]).sum()
    assert judge(task(n_neighbors=75), trains).n_right == right < 15


def test_folds_are_counted_together(trains: Dataset) -> None:
    verdict = judge(task(folds=3, n_neighbors=59), trains)
    assert verdict.n_images == 90
    assert len(verdict.fold_accuracies) == 3
    assert sum(verdict.fold_accuracies) * 30 == pytest.approx(verdict.n_right)


@pytest.mark.parametrize(
    ("settings", "folds", "reason"),
    [
        ({"n_neighbors": 0}, 0, "n_neighbors=0 is not allowed"),
        ({"n_neighbors": 500}, 0, "500"),
        ({}, 60, "has 30 images; expected at least 60"),
        ({"nonsense": 1}, 0, "nonsense"),
    ],
)
def test_what_cannot_run_is_a_verdict_with_a_reason(
    trains: Dataset, settings: dict[str, Any], folds: int, reason: str
) -> None:
    verdict = judge(task(folds=folds, **settings), trains)
    assert verdict.state == "failed"
    assert reason in verdict.reason


def test_a_full_disk_is_no_verdict(trains: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StorageError("disk full")

    monkeypatch.setattr(NearestNeighbours, "fit", full)
    with pytest.raises(StorageError):
        judge(task(), trains)


def test_a_net_is_stopped_at_the_deadline(trains: Dataset, small_cnn: Recipe) -> None:
    epochs = []

    def slow(progress: Any) -> None:
        epochs.append(progress.epoch)
        time.sleep(0.02)

    many = task(small_cnn, deadline=time.time() + 0.5, epochs=100)
    verdict = judge(many, trains, on_progress=slow)
    assert verdict.state == "out of time"
    assert 0 < verdict.fraction < 0.5
    assert epochs[-1] < 50


def test_a_cross_validation_is_stopped_between_folds(
    trains: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = NearestNeighbours.fit

    def slow(*arguments: Any) -> NearestNeighbours:
        time.sleep(0.2)
        return fit(*arguments)

    monkeypatch.setattr(NearestNeighbours, "fit", slow)
    verdict = judge(task(folds=5, deadline=time.time() + 0.3), trains)
    assert (verdict.state, verdict.fraction) == ("out of time", 0.4)


def test_a_net_that_has_ended_is_not_stopped(trains: Dataset, small_cnn: Recipe) -> None:
    last = task(small_cnn, deadline=time.time() + 0.4, epochs=1, batch_size=1000)

    def slow(_: object) -> None:
        time.sleep(0.5)  # the only step ends after the deadline, and the net is whole

    assert judge(last, trains, on_progress=slow).state == "finished"


def test_a_net_is_judged_after_each_epoch_and_trained_as_if_it_were_not(
    trains: Dataset, small_cnn: Recipe
) -> None:
    seen: list[tuple[int, float]] = []

    def watch(epoch: int, accuracy: float) -> bool:
        seen.append((epoch, accuracy))
        return False

    trained = task(small_cnn, dropout=0.5, epochs=4)
    watched, alone = judge(trained, trains, is_worse=watch), judge(trained, trains)
    assert [epoch for epoch, _ in seen] == [1, 2, 3]
    assert all(0 <= accuracy <= 1 for _, accuracy in seen)
    assert watched.n_right == alone.n_right


def test_a_net_that_was_judged_is_left_in_its_mode(
    trains: Dataset, small_cnn: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    nets, modes = [], []
    predict = ConvolutionalNetwork.predict

    def remember(self: ConvolutionalNetwork, images: Images) -> Labels:
        nets.append(self.net_)
        return predict(self, images)

    def watch(epoch: int, _: float) -> bool:
        modes.append(nets[-1].training)
        return False

    monkeypatch.setattr(ConvolutionalNetwork, "predict", remember)
    judge(task(small_cnn), trains, is_worse=watch)
    assert modes == [True, True]


def test_a_net_that_is_worse_is_stopped(trains: Dataset, small_cnn: Recipe) -> None:
    verdict = judge(task(small_cnn), trains, is_worse=lambda epoch, _: epoch == 2)
    assert verdict.state == "worse"
    assert verdict.fraction == pytest.approx(2 / 3)


def test_the_demo_applies_to_the_bundled_set_alone(trains: Dataset) -> None:
    recipe = dataclasses.replace(KNN, demo={"n_neighbors": 0})
    assert judge(task(recipe), trains).state == "finished"
    digits = dataclasses.replace(trains, name="digits")
    assert judge(task(recipe), digits).state == "failed"
    assert judge(task(recipe, n_neighbors=1), digits).state == "finished"
