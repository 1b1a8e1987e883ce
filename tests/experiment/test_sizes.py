"""Data-size curves: parts that grow, one test part, nothing run twice."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdalr.datasets.dataset import Dataset
from hdalr.errors import ParameterError
from hdalr.experiment import Comparison, Point, grow
from hdalr.experiment.row import digest_pictures
from hdalr.experiment.sizes import check_sizes, draw_part
from hdalr.recipes import RECIPES, Protocol, Recipe

KNN, BAYES = RECIPES["paper.knn"], RECIPES["paper.naive-bayes"]


def run(dataset: Dataset, folder: Path, *recipes: Recipe, sizes: tuple[int, ...] = (),
        **settings: Any) -> list[Point]:  # fmt: skip
    return list(grow(Comparison(dataset, list(recipes), folder, **settings), sizes))


def test_every_size_and_seed_is_run_once_and_kept(bars: Dataset, tmp_path: Path) -> None:
    first = run(bars, tmp_path, KNN, BAYES, sizes=(30, 9), seeds=2)
    assert [(p.size, p.seed, p.recipe) for p in first] == [
        (size, seed, recipe.name) for size in (9, 30) for seed in (0, 1) for recipe in (KNN, BAYES)
    ]
    again = run(bars, tmp_path, KNN, BAYES, sizes=(30, 9), seeds=2)
    assert [p.kept for p in first + again] == [False] * 8 + [True] * 8
    assert [p.result for p in again] == [p.result for p in first]
    assert not any(p.kept for p in run(bars, tmp_path, KNN, sizes=(9,), rerun=True))


def test_results_of_another_data_set_are_not_written_over(bars: Dataset, tmp_path: Path) -> None:
    (point,) = run(bars, tmp_path, KNN, sizes=(30,))
    other = dataclasses.replace(bars, name="other", test_images=bars.test_images[::-1])
    with pytest.raises(ParameterError, match=r"paper.knn-30-seed0.json: is of bars, and other is"):
        run(other, tmp_path, KNN, sizes=(30,))
    assert run(bars, tmp_path, KNN, sizes=(30,))[0].result == point.result
    assert not run(other, tmp_path, KNN, sizes=(30,), rerun=True)[0].kept


def test_a_result_says_what_it_learned_from_and_how_to_remake_it(
    bars: Dataset, tmp_path: Path
) -> None:
    (point,) = run(bars, tmp_path, KNN, sizes=(30,), limit=60)
    assert point.result is not None
    assert (point.result["size"], point.result["n_train"]) == (30, 30)
    assert point.result["n_test"] == 45
    assert point.result["test_digest"] == digest_pictures(bars.test_images, bars.test_labels)
    assert point.result["command"] == (
        "hdalr sizes --data digits --recipes paper.knn --seeds 1 --limit 60 --sizes 30"
    )


def test_parts_grow_and_each_seed_draws_its_own(bars: Dataset) -> None:
    small, large, other = (
        {image.tobytes() for image in draw_part(bars, size, seed).train_images}
        for size, seed in ((15, 0), (45, 0), (15, 1))
    )
    assert small < large
    assert small != other
    counts = np.bincount(draw_part(bars, 15, 0).train_labels)
    assert counts.tolist() == [5, 5, 5]


def test_all_is_judged_on_the_official_test_part_whatever_the_protocol(
    bars: Dataset, tmp_path: Path
) -> None:
    pool = dataclasses.replace(KNN, protocol=Protocol(pool=60, train=0.2, pool_test=0.3))
    held = dataclasses.replace(BAYES, protocol=Protocol(train=0.5, validation=0.1))
    of_pool, of_held = (p.result for p in run(bars, tmp_path, pool, held, sizes=(90,)))
    assert of_pool is not None
    assert of_held is not None
    assert of_pool["test_digest"] == of_held["test_digest"]
    assert (of_pool["n_train"], of_held["n_train"]) == (90, 81)


def test_a_run_that_fails_is_told_and_the_others_run(bars: Dataset, tmp_path: Path) -> None:
    broken = dataclasses.replace(KNN, name="broken", parameters={"n_neighbors": 0})
    failed, good = run(bars, tmp_path, broken, KNN, sizes=(9,))
    assert failed.result is None
    assert "n_neighbors=0" in failed.reason
    assert good.result is not None
    assert [path.name for path in (tmp_path / "sizes").iterdir()] == ["paper.knn-9-seed0.json"]


def test_a_half_result_is_run_again(bars: Dataset, tmp_path: Path) -> None:
    run(bars, tmp_path, KNN, sizes=(9,))
    path = tmp_path / "sizes" / "paper.knn-9-seed0.json"
    path.write_text(path.read_text()[:100])
    assert [p.kept for p in run(bars, tmp_path, KNN, sizes=(9,))] == [False]


def test_the_default_sizes_end_with_the_whole_train_part(bars: Dataset) -> None:
    assert check_sizes((), bars) == [90]
    assert check_sizes((), dataclasses.replace(
        bars, train_images=np.tile(bars.train_images, (5, 1, 1)),
        train_labels=np.tile(bars.train_labels, 5),
    )) == [100, 300, 450]  # fmt: skip
    assert check_sizes((30, 9, 30), bars) == [9, 30]


@pytest.mark.parametrize("size", [2, 91])
def test_a_size_that_cannot_be_is_told_before_anything_runs(
    bars: Dataset, tmp_path: Path, size: int
) -> None:
    with pytest.raises(ParameterError, match=f"size {size} is not allowed.*choose from 3 to 90"):
        run(bars, tmp_path, KNN, sizes=(9, size))
    assert not (tmp_path / "sizes").exists()
