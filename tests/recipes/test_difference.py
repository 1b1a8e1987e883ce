"""A changed recipe: what it sets, and the Python that makes it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from hdalr.errors import UnknownNameError
from hdalr.images.hog import Hog
from hdalr.models.annealing import Annealing
from hdalr.models.augmentation import Augmentation
from hdalr.models.distortion import Distortion
from hdalr.recipes import RECIPES, better, explain, letters, paper
from hdalr.recipes.difference import settings_of, vary, write_difference
from hdalr.recipes.recipe import Recipe

NAMES = {
    **vars(better),
    "dataclasses": dataclasses,
    "paper": paper,
    "explain": explain,
    "letters": letters,
    "Augmentation": Augmentation,
    "Hog": Hog,
}  # what stands at the top of a file of recipes


def run(code: str) -> Recipe:
    recipe: Any = eval(code, NAMES)
    assert isinstance(recipe, Recipe)
    return recipe


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("paper.knn", {"n_neighbors": 5}),
        ("paper.svm-rbf-default", {"C": 11.3, "gamma": 0.00213}),
        ("paper.cnn-text", {"l2": 0.001, "augmentation.zoom": 0.2, "augmentation.crop_px": 3.0}),
        ("explain.tree-8400", {"max_depth": None, "criterion": "gain-ratio"}),
        ("paper.lstm", {"epochs": 2}),
    ],
)
@pytest.mark.parametrize("dataset", ["mnist", "digits"])
def test_what_is_written_makes_what_was_tried(
    name: str, settings: dict[str, Any], dataset: str
) -> None:
    recipe = RECIPES[name]
    tried = vary(recipe, settings, dataset)
    written = run(write_difference(recipe, settings, dataset))
    assert written.parameters_on(dataset) == tried.parameters_on(dataset)
    assert settings_of(written, list(settings), dataset) == settings


def test_the_demo_counts_where_it_is_not_changed() -> None:
    tried = vary(paper.LSTM, {"dropout": 0.0}, "digits")
    assert tried.parameters["epochs"] == paper.LSTM.demo["epochs"]
    written = run(write_difference(paper.LSTM, {"dropout": 0.0}, "digits"))
    assert written.parameters["epochs"] == paper.LSTM.parameters["epochs"]


def test_a_field_is_changed_in_its_object_and_nowhere_else() -> None:
    tried = vary(paper.CNN_TEXT, {"augmentation.zoom": 0.2})
    was = paper.CNN_TEXT.parameters["augmentation"]
    assert tried.parameters["augmentation"] == dataclasses.replace(was, zoom=0.2)
    assert was.zoom == 0.1


def test_a_field_of_a_field_is_changed_and_the_rest_is_kept() -> None:
    base = dataclasses.replace(
        paper.KNN, parameters={"training": Annealing(epochs=5, distortion=Distortion(zoom=0.1))}
    )
    changes = {"training.distortion.shear": 0.2, "training.batch_size": 64}
    expected = Annealing(epochs=5, batch_size=64, distortion=Distortion(zoom=0.1, shear=0.2))
    assert vary(base, changes).parameters == {"training": expected}
    assert f'"training": {expected!r},' in write_difference(base, changes)


def test_features_are_written_in_full() -> None:
    base = dataclasses.replace(paper.KNN, parameters={"n_neighbors": 3, "features": Hog()})
    code = write_difference(base, {"features.cells_px": (4, 7)})
    assert '"features": Hog(cells_px=(4, 7), ' in code
    assert code.startswith('dataclasses.replace(\n    paper.RECIPES["paper.knn"],')


def test_a_setting_left_at_its_default_is_read_from_the_model() -> None:
    assert settings_of(paper.DECISION_TREE, ["max_depth", "criterion"]) == {
        "max_depth": None,
        "criterion": "gini",
    }


@pytest.mark.parametrize(
    ("name", "setting", "said"),
    [
        ("paper.knn", "n_neighbours", "did you mean 'n_neighbors'"),
        ("paper.cnn-text", "augmentation.zom", "did you mean 'augmentation.zoom'"),
        ("paper.cnn", "augmentation.zoom", "choices: augmentation"),
    ],
)
def test_an_unknown_setting_is_told_with_the_nearest(name: str, setting: str, said: str) -> None:
    with pytest.raises(UnknownNameError, match=said):
        settings_of(RECIPES[name], [setting])
