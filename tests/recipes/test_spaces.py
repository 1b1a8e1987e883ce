"""Search spaces: a row a model that its models know, and files of one's own."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path

import pytest

from hdalr.errors import DataError, NotApplicableError, ParameterError
from hdalr.images.hog import Hog
from hdalr.models import MODELS
from hdalr.models.annealing import Annealing
from hdalr.models.augmentation import Augmentation
from hdalr.models.distortion import Distortion
from hdalr.recipes import RECIPES
from hdalr.recipes.space_file import read_space
from hdalr.recipes.spaces import (
    ANNEALED,
    HOG,
    SPACES,
    Choice,
    Range,
    Space,
    grid_of,
    has_fields,
    space_of,
)


@pytest.mark.parametrize("model", SPACES)
def test_each_row_names_parameters_of_its_model(model: str) -> None:
    known = getattr(importlib.import_module(MODELS[model]), model)().get_params(deep=False)
    for name, part in SPACES[model].items():
        assert name.partition(".")[0] in known
        assert part.only_with is None or part.only_with[0] in known


def test_gamma_is_searched_with_its_kernel_only() -> None:
    assert set(space_of(RECIPES["paper.svm-linear"])) == {"C"}
    assert set(space_of(RECIPES["paper.svm-rbf-default"])) == {"C", "gamma"}


def test_fields_are_searched_where_the_recipe_has_them() -> None:
    plain, distorted = RECIPES["paper.cnn"], RECIPES["paper.cnn-text"]
    assert not [name for name in space_of(plain) if "." in name]
    fields = {name for name in space_of(distorted) if name.startswith("augmentation.")}
    assert fields == {"augmentation.rotation_degrees", "augmentation.zoom", "augmentation.crop_px"}
    assert all(hasattr(Augmentation(), name.partition(".")[2]) for name in fields)


def test_fields_of_fields_are_searched_where_the_recipe_has_them() -> None:
    distorted = dataclasses.replace(
        RECIPES["paper.cnn"],
        model="ConvolutionStack",
        parameters={"training": Annealing(distortion=Distortion())},
    )
    plain = dataclasses.replace(distorted, parameters={"training": Annealing()})
    assert set(space_of(distorted)) == set(SPACES["ConvolutionStack"])
    assert {name.count(".") for name in space_of(plain)} == {1}


@pytest.mark.parametrize(
    ("row", "holder"),
    [(HOG, {"features": Hog()}), (ANNEALED, {"training": Annealing(distortion=Distortion())})],
)
def test_shared_rows_name_fields_that_there_are(row: Space, holder: dict[str, object]) -> None:
    for name in row:
        owner, *fields = name.split(".")
        assert has_fields(holder[owner], fields), name


def test_a_model_without_a_row_is_told() -> None:
    with pytest.raises(
        NotApplicableError, match=r"no search space for SupportVectorSearch.*--space"
    ):
        space_of(RECIPES["paper.svm-rbf"])


def test_the_grid_of_the_support_vector_machine_is_the_papers() -> None:
    grid = grid_of(space_of(RECIPES["paper.svm-rbf-default"]))
    searched = RECIPES["paper.svm-rbf"].parameters
    expected = [{"C": c, "gamma": g} for c in searched["C"] for g in searched["gamma"]]
    assert grid == expected


def test_a_grid_leaves_alone_what_has_no_grid_values() -> None:
    assert grid_of({"l2": Range(0.0, 1.0)}) == []
    assert grid_of({"k": Choice((1, 2)), "l2": Range(0.0, 1.0)}) == [{"k": 1}, {"k": 2}]


@pytest.mark.parametrize(
    ("value", "within"),
    [(1, True), (9, True), (0, False), (2.5, False), (True, False), ("1", False)],
)
def test_a_range_of_whole_numbers_holds_no_others(value: object, within: bool) -> None:
    assert (value in Range(1, 9)) is within


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"low": 2, "high": 1}, "low < high"),
        ({"low": 0.0, "high": 1.0, "log": True}, "above 0"),
        ({"low": "a", "high": 1.0}, "'a' is not a number"),
        ({"low": True, "high": 2}, "True is not a number"),
        ({"low": 1, "high": 5, "grid": (6,)}, "grid value 6 is not in the range, 1 to 5"),
        ({"low": 1, "high": 5, "grid": (1.5,)}, "whole numbers"),
    ],
)
def test_a_range_that_is_none_is_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        Range(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [(), (1,), (1, 1)])
def test_a_choice_that_is_none_is_refused(values: tuple[int, ...]) -> None:
    with pytest.raises(ParameterError, match="no choice"):
        Choice(values)


def test_a_file_holds_ranges_and_choices(tmp_path: Path) -> None:
    path = tmp_path / "space.yaml"
    path.write_text(
        "C: {low: 1e-2, high: 10.0, log: true, grid: [1.0, 5]}\n"
        "n_neighbors: {low: 1, high: 9}\n"
        "kernel: [linear, rbf]\n"
        "channels: [[16, 32], [64, 64]]\n"
    )
    assert read_space(path) == {
        "C": Range(0.01, 10.0, log=True, grid=(1.0, 5)),
        "n_neighbors": Range(1, 9),
        "kernel": Choice(("linear", "rbf")),
        "channels": Choice(((16, 32), (64, 64))),
    }


def test_json_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "space.json"
    path.write_text('{"C": {"low": 0.1, "high": 1}}')
    assert read_space(path) == {"C": Range(0.1, 1)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"C: [1", "no YAML or JSON"),
        (b"\xff\xfe\x00", "no YAML or JSON"),
        (b"[1, 2]", "holds a list"),
        (b"", "holds a NoneType"),
        (b"C: 5", "C: 5 is neither"),
        (b"C: [5]", "C: .*no choice"),
        (b"C: {low: 3, high: 1}", "C: 3 to 1 is no range"),
        (b"C: {low: 3}", "C: .*high"),
        (b"C: {low: 1, high: 3, step: 1}", "C: .*step"),
        (b"C: {1: 2}", "C: .*must be strings"),
        (b"C: {low: 1, high: 3, grid: 2}", "C: "),
    ],
)
def test_a_file_that_is_none_is_refused_by_name(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "space.yaml"
    path.write_bytes(content)
    with pytest.raises(DataError, match=said) as caught:
        read_space(path)
    assert str(path) in str(caught.value)


def test_ranges_are_settings_without_state() -> None:
    assert dataclasses.replace(Range(1, 5), high=7) == Range(1, 7)
    assert hash(Choice((1, 2))) == hash(Choice((1, 2)))
