"""Recipes: complete, buildable, and the paper's frozen in a golden file."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from hdalr.errors import UnknownNameError
from hdalr.images.hog import Hog
from hdalr.images.random_units import RandomUnits
from hdalr.recipes import GROUPS, RECIPES, Recipe, choose_recipes
from hdalr.recipes.recipe import plain

GOLDEN = Path(__file__).with_name("paper_recipes.json")  # remade by make_paper_recipes.py
FEW = np.random.default_rng(0).integers(0, 256, (60, 28, 28), dtype=np.uint8)
FEW_LABELS = np.arange(60) % 10
BRIEF = {"epochs": 1, "folds": 2, "C": (1.0,), "gamma": (0.001,)}

each_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())


def build_brief(recipe: Recipe, **settings: Any) -> Any:
    estimator = recipe.build(random_state=0, device="cpu", **settings)
    known = estimator.get_params(deep=False)
    brief = {k: v for k, v in BRIEF.items() if k in known}
    if "Search" not in recipe.model:
        brief = {k: v for k, v in brief.items() if k == "epochs"}
    if "training" in known:
        brief["training"] = dataclasses.replace(known["training"], epochs=1)
    return estimator.set_params(**brief)


def test_the_paper_is_whole() -> None:
    names = "decision-tree random-forest knn naive-bayes svm-linear svm-rbf ann cnn cnn-text"
    assert {f"paper.{name}" for name in f"{names} cnn-emnist lstm".split()} <= RECIPES.keys()


@each_recipe
def test_a_recipe_is_built_cloned_and_fitted(recipe: Recipe) -> None:
    estimator = clone(build_brief(recipe))
    probabilities = estimator.fit(FEW, FEW_LABELS).predict_proba(FEW[:7])
    assert probabilities.shape == (7, 10)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    assert estimator.n_parameters_ > 0


@pytest.mark.parametrize(
    ("name", "n_classes", "n_parameters"),
    [("paper.cnn", 10, 375_727), ("paper.cnn-emnist", 47, 707_119), ("paper.lstm", 10, 216_426)],
)
def test_nets_have_exactly_the_papers_parameters(
    name: str, n_classes: int, n_parameters: int
) -> None:
    labels = np.arange(60) % n_classes
    assert build_brief(RECIPES[name]).fit(FEW, labels).n_parameters_ == n_parameters


@each_recipe
def test_a_recipe_states_its_source_and_what_it_assumes(recipe: Recipe) -> None:
    assert recipe.name.split(".")[0] in GROUPS
    assert recipe.source
    assert recipe.difference
    assert recipe.assumed or recipe.matched
    json.dumps(recipe.describe())


def test_the_papers_recipes_are_the_frozen_ones() -> None:
    golden = json.loads(GOLDEN.read_text())
    assert {name: plain(r) for name, r in GROUPS["paper"].items()} == golden


def test_demo_parameters_apply_to_the_bundled_set_alone() -> None:
    cnn = RECIPES["paper.cnn"]
    assert cnn.build("digits").epochs == cnn.demo["epochs"]
    assert cnn.build("mnist").epochs == 30
    assert cnn.demo_on("mnist") == {}


def test_settings_that_a_model_lacks_are_left_out() -> None:
    assert not hasattr(RECIPES["paper.naive-bayes"].build(random_state=3), "random_state")
    assert RECIPES["paper.random-forest"].build(random_state=3).random_state == 3


def test_groups_and_names_are_chosen_once_each() -> None:
    chosen = choose_recipes("paper.knn, paper,paper.knn")
    assert chosen[0].name == "paper.knn"
    assert len(chosen) == len(GROUPS["paper"])


@pytest.mark.parametrize(
    ("names", "said"), [("paper.knm", "did you mean 'paper.knn'"), (" , ", "choices: better")]
)
def test_an_unknown_recipe_lists_the_choices(names: str, said: str) -> None:
    with pytest.raises(UnknownNameError, match=said):
        choose_recipes(names)


def test_recipes_are_data() -> None:
    assert dataclasses.replace(RECIPES["paper.knn"], parameters={"n_neighbors": 7}).build()


def test_features_keep_their_names_in_what_fixes_the_outcome() -> None:
    described = plain({"features": RandomUnits(Hog(cells_px=(7,)), n_units=5)})
    units = described["features"]["RandomUnits"]
    assert units["n_units"] == 5
    assert units["of"]["Hog"]["cells_px"] == [7]
