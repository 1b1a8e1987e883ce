"""The search: the budget is honoured, the test part is not read, what was done is kept."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdalr.datasets.dataset import Dataset
from hdalr.errors import (
    HdalrError,
    NotApplicableError,
    ParameterError,
    StorageError,
    UnknownNameError,
)
from hdalr.experiment.folder import claim
from hdalr.experiment.search import Found, Search, search
from hdalr.experiment.study import Tried
from hdalr.models.nearest_neighbours import NearestNeighbours
from hdalr.recipes import RECIPES, Recipe
from hdalr.recipes.difference import vary
from hdalr.recipes.spaces import Choice, Range

KNN = RECIPES["paper.knn"]
BAYES = RECIPES["paper.naive-bayes"]


class Unreadable:
    """Stands where nothing may look."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"the test part was read: {name}")


@pytest.fixture(scope="module")
def faint() -> Dataset:
    """Rows hard to see in noise: no model reads them all."""
    rng = np.random.default_rng(5)
    labels = np.arange(240) % 3
    images = rng.integers(0, 90, (240, 10, 10), dtype=np.uint8)
    images[np.arange(240), 2 + 3 * labels] += 12
    return Dataset("faint", images[:180], labels[:180], images[180:], labels[180:], ("a", "b", "c"))


def run(dataset: Dataset, folder: Path, recipe: Recipe = KNN, **settings: Any) -> Found:
    return search(Search(dataset, recipe, folder, **settings))


def history(found: Found) -> list[tuple[Any, ...]]:
    return [(tried.settings, tried.verdict.n_right, tried.verdict.state) for tried in found.tried]


@pytest.mark.parametrize("method", ["optuna", "grid"])
@pytest.mark.parametrize("limit", [None, 60])
@pytest.mark.parametrize("recipe", [KNN, RECIPES["paper.svm-linear"]])
def test_the_test_part_is_not_read(
    faint: Dataset, tmp_path: Path, method: Any, limit: int | None, recipe: Recipe
) -> None:
    sealed = dataclasses.replace(faint)
    for name in ("test_images", "test_labels"):
        object.__setattr__(sealed, name, Unreadable())
    with pytest.raises(AssertionError):
        sealed.digest()
    found = run(sealed, tmp_path, recipe, method=method, limit=limit, trials=3)
    assert len(found.tried) == 3


def test_the_best_is_found_and_compared_with_the_recipes_own(
    faint: Dataset, tmp_path: Path
) -> None:
    space = {"n_neighbors": Choice((1, 3, 5, 9, 15, 25))}
    found = run(faint, tmp_path, space=space, method="grid", folds=3)
    assert found.n_settings == len(found.tried) == 6
    right = {
        int(tried.settings.get("n_neighbors", 3)): tried.verdict.n_right for tried in found.tried
    }
    assert found.own.verdict.n_right == right[3]
    assert found.best.verdict.n_right == max(right.values()) > right[3]
    assert right[found.best_settings["n_neighbors"]] == max(right.values())
    assert found.own_settings == {"n_neighbors": 3}
    assert found.own.verdict.n_images == 180
    assert found.judged_on == "in 3-fold cross-validation on 180 pictures of the train part"
    assert f'"n_neighbors": {found.best_settings["n_neighbors"]},' in found.difference


def test_of_equals_the_recipes_own_settings_are_best(bars: Dataset, tmp_path: Path) -> None:
    found = run(bars, tmp_path, trials=5)
    assert found.own.verdict.accuracy == 1.0
    assert found.best == found.own
    assert found.difference == ""
    assert found.is_tie
    assert found.judged_on == "on 15 pictures of the train part, after learning from 75 others"


def test_far_apart_is_no_tie(faint: Dataset, tmp_path: Path) -> None:
    spoilt = dataclasses.replace(KNN, parameters={"n_neighbors": 150})  # all there are
    near = run(faint, tmp_path / "near", trials=3)
    far = run(faint, tmp_path / "far", spoilt, trials=3)
    assert near.is_tie
    assert not far.is_tie
    assert far.best_settings["n_neighbors"] <= 15


def test_the_same_search_goes_on_where_it_was(faint: Dataset, tmp_path: Path) -> None:
    whole = run(faint, tmp_path / "whole", BAYES, trials=7)
    run(faint, tmp_path / "parts", BAYES, trials=3)
    told: list[Tried] = []
    parts = search(Search(faint, BAYES, tmp_path / "parts", trials=7), told.append)
    assert history(parts) == history(whole)
    assert [tried.number for tried in told] == [3, 4, 5, 6]
    assert history(run(faint, tmp_path / "parts", BAYES, trials=7)) == history(whole)


def test_an_interrupted_search_loses_nothing_that_had_ended(faint: Dataset, tmp_path: Path) -> None:
    def interrupt(tried: Tried) -> None:
        if tried.number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(Search(faint, BAYES, tmp_path, trials=5), interrupt)
    whole = run(faint, tmp_path / "whole", BAYES, trials=5)
    assert history(run(faint, tmp_path, BAYES, trials=5)) == history(whole)


def test_seeds_search_otherwise(faint: Dataset, tmp_path: Path) -> None:
    one = run(faint, tmp_path / "0", BAYES, trials=3, seed=0)
    other = run(faint, tmp_path / "1", BAYES, trials=3, seed=1)
    assert history(one)[0] == history(other)[0]
    assert history(one)[1:] != history(other)[1:]


def test_several_processes_find_the_same_grid(faint: Dataset, tmp_path: Path) -> None:
    alone = run(faint, tmp_path / "alone", method="grid")
    spread = run(faint, tmp_path / "spread", method="grid", jobs=2)
    assert sorted(map(str, history(spread))) == sorted(map(str, history(alone)))


@pytest.fixture
def slow_fit(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Make nearest neighbours take so many seconds to fit."""
    fit = NearestNeighbours.fit

    def slow(seconds: float) -> None:
        def sleep_and_fit(*arguments: Any) -> NearestNeighbours:
            time.sleep(seconds)
            return fit(*arguments)

        monkeypatch.setattr(NearestNeighbours, "fit", sleep_and_fit)

    return slow


def test_the_budget_is_honoured(
    faint: Dataset, tmp_path: Path, slow_fit: Callable[[float], None]
) -> None:
    slow_fit(0.5)
    started = time.monotonic()
    found = run(faint, tmp_path, budget_seconds=3.0)
    assert time.monotonic() - started < 6.0
    assert 2 <= len(found.tried) <= 6
    assert found.spent_seconds < 4.0
    again = run(faint, tmp_path, budget_seconds=3.0)
    assert history(again) == history(found)
    assert again.spent_seconds == found.spent_seconds
    more = run(faint, tmp_path, budget_seconds=60.0, trials=len(found.tried) + 1)
    assert more.spent_seconds > found.spent_seconds + 0.4


def test_no_trial_is_begun_that_is_not_expected_to_end(
    faint: Dataset, tmp_path: Path, slow_fit: Callable[[float], None]
) -> None:
    slow_fit(2.0)
    with pytest.raises(ParameterError, match=r"took 2\.\d s; give at least [5-9]s"):
        run(faint, tmp_path, budget_seconds=3.0)
    slow_fit(0.0)
    assert len(run(faint, tmp_path, budget_seconds=30.0, trials=3).tried) == 3


def test_a_budget_too_small_for_one_net_says_how_long_it_would_take(
    bars: Dataset, tmp_path: Path, small_cnn: Recipe
) -> None:
    long = vary(small_cnn, {"epochs": 100_000})
    with pytest.raises(ParameterError, match=r"paper.cnn as it is, was stopped after .* s; give"):
        run(bars, tmp_path, long, budget_seconds=0.8)
    with pytest.raises(ParameterError, match=r"budget of 0.8 s is spent, and nothing was judged"):
        run(bars, tmp_path, long, budget_seconds=0.8)


def test_a_net_that_runs_out_of_time_is_run_anew(
    bars: Dataset, tmp_path: Path, small_cnn: Recipe
) -> None:
    space = {"epochs": Choice((3, 100_000))}
    found = run(bars, tmp_path, small_cnn, space=space, method="grid", budget_seconds=3.0, trials=1)
    with pytest.raises(ParameterError, match="too small"):
        run(bars, tmp_path, small_cnn, space=space, method="grid", budget_seconds=3.0)
    assert found.n_settings == 2


def test_settings_that_fail_do_not_stop_the_others(faint: Dataset, tmp_path: Path) -> None:
    space = {"n_neighbors": Choice((0, 1, 5, 1000))}
    found = run(faint, tmp_path, space=space, method="grid")
    assert (found.count("finished"), found.count("failed")) == (3, 2)
    assert found.best.verdict.state == "finished"


def test_a_recipe_that_cannot_run_is_an_error(faint: Dataset, tmp_path: Path) -> None:
    broken = dataclasses.replace(KNN, parameters={"n_neighbors": 0})
    with pytest.raises(HdalrError, match=r"paper.knn: its own settings .* n_neighbors=0"):
        run(faint, tmp_path, broken)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"recipe": BAYES}, "recipe"),
        ({"limit": 60}, "pictures, limit"),
        ({"method": "grid"}, "method"),
        ({"folds": 3}, "folds"),
        ({"seed": 1}, "seed"),
        ({"space": {"n_neighbors": Range(1, 9)}}, "space"),
        ({"recipe": vary(KNN, {"n_neighbors": 5})}, "parameters"),
    ],
)
def test_a_folder_of_another_search_is_refused(
    faint: Dataset, tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    run(faint, tmp_path, trials=2)
    with pytest.raises(ParameterError, match=rf"{named}.*choose another folder with -o"):
        run(faint, tmp_path, **{"trials": 2, **change})


def test_other_pictures_are_refused_and_other_test_pictures_are_not(
    faint: Dataset, tmp_path: Path
) -> None:
    run(faint, tmp_path, trials=2)
    run(dataclasses.replace(faint, test_images=faint.test_images // 2), tmp_path, trials=2)
    with pytest.raises(ParameterError, match=r"differs .* in pictures"):
        run(dataclasses.replace(faint, train_images=faint.train_images // 2), tmp_path, trials=2)


def test_a_folder_in_use_is_refused(faint: Dataset, tmp_path: Path) -> None:
    with claim(tmp_path), pytest.raises(StorageError, match="another run is writing there"):
        run(faint, tmp_path)


def test_what_cannot_be_searched_is_told(faint: Dataset, tmp_path: Path) -> None:
    with pytest.raises(NotApplicableError, match="no search space for SupportVectorSearch"):
        run(faint, tmp_path, RECIPES["paper.svm-rbf"])
    with pytest.raises(UnknownNameError, match="did you mean 'n_neighbors'"):
        run(faint, tmp_path, space={"n_neighbours": Range(1, 9)})
    assert not list(tmp_path.iterdir())
