"""From the name of a recipe to a bundle that reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdalr.bundles import load_bundle
from hdalr.datasets import load_dataset
from hdalr.errors import DataError, NotApplicableError, StorageError, UnknownNameError
from hdalr.images.glyph import normalise_glyphs
from hdalr.models._training import Progress
from hdalr.recipes import RECIPES
from hdalr.training import train_bundle
from hdalr.training.classifiers import train_classifier

pytestmark = pytest.mark.usefixtures("brief")


def test_a_net_of_the_comparison_becomes_a_bundle(tmp_path: Path) -> None:
    told: list[tuple[float, float, float]] = []
    bundle = train_bundle(
        "paper.cnn",
        tmp_path / "mine",
        ["digits"],
        limit=200,
        on_progress=lambda *state: told.append(state),
    )
    assert bundle.kind == "characters"
    assert not bundle.rejects
    assert bundle.labels == tuple("0123456789")
    record = bundle.manifest.record
    assert record["n"] == 200
    assert record["data"] == load_dataset("digits").test_part
    assert bundle.calibration.n == 16  # a tenth of the 80 % that the recipe uses
    assert told[-1][0] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_the_bundle_gives_the_nets_own_answers(tmp_path: Path) -> None:
    dataset = load_dataset("digits").limited(100)
    bundle = train_bundle("paper.cnn", tmp_path / "mine", ["digits"], limit=100)
    trained = train_classifier(RECIPES["paper.cnn"], dataset)
    glyphs = normalise_glyphs(list(dataset.test_images))
    assert np.array_equal(trained.test.pictures[:, 0].numpy(), glyphs)
    logits = bundle.run(glyphs)
    assert logits.shape == (100, 10)
    right = trained.test.allowed[np.arange(100), logits.argmax(axis=1)]
    assert bundle.manifest.record["accuracy"] == pytest.approx(right.mean())


def test_a_killed_training_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    def kill(progress: Progress) -> None:
        if progress.epoch == 2:
            raise Killed

    dataset = load_dataset("digits").limited(100)
    checkpoint = tmp_path / "mine.checkpoint"
    with pytest.raises(Killed):
        train_classifier(RECIPES["paper.cnn"], dataset, checkpoint=checkpoint, on_progress=kill)
    assert checkpoint.exists()
    seen: list[float] = []
    bundle = train_bundle(
        "paper.cnn",
        tmp_path / "mine",
        ["digits"],
        limit=100,
        on_progress=lambda done, *_: seen.append(done),
    )
    assert seen[0] > 0.5
    assert not checkpoint.exists()
    whole = train_bundle("paper.cnn", tmp_path / "whole", ["digits"], limit=100)
    for name, tensor in whole.tensors.items():
        assert np.array_equal(bundle.tensors[name], tensor)


def test_a_reader_of_characters_becomes_a_bundle(tmp_path: Path) -> None:
    bundle = train_bundle("readers.digits", tmp_path / "digits", limit=300)
    assert bundle.rejects
    assert bundle.run(np.zeros((2, 28, 28), np.uint8)).shape == (2, 11)
    record = bundle.manifest.record
    assert record["n"] == 300
    assert record["distorted"]["n"] + record["distorted"]["n_nothing"] == 128
    assert bundle.calibration.n == 256
    assert "readers.digits" in bundle.card
    assert load_bundle(tmp_path / "digits").digest == bundle.digest


def test_a_reader_of_lines_becomes_a_bundle(tmp_path: Path) -> None:
    bundle = train_bundle("readers.strings", tmp_path / "strings", limit=300, steps=1)
    assert bundle.kind == "lines"
    assert bundle.run(np.zeros((1, 32, 100), np.uint8)).shape == (1, 25, 63)
    assert bundle.merges["C"] == ("C", "c")
    assert "not judged" in bundle.manifest.record["data"]  # the digits have no letters
    assert bundle.manifest.recipe["changes"] == {"steps": 1}


def test_a_training_begins_with_the_weights_of_a_bundle(tmp_path: Path) -> None:
    first = train_bundle("readers.strings", tmp_path / "first", limit=300)
    still = {"steps": 1, "learning_rate": 0.0}
    after = train_bundle(
        "readers.strings", tmp_path / "b", start=tmp_path / "first", limit=300, **still
    )
    weights = [name for name in first.tensors if name.endswith("weight")]
    assert all(np.array_equal(after.tensors[name], first.tensors[name]) for name in weights)
    assert after.manifest.recipe["start"] == first.digest
    assert first.manifest.recipe["start"] is None


def test_another_net_is_not_gone_on_from(tmp_path: Path) -> None:
    first = train_bundle("readers.digits", tmp_path / "first", limit=50)
    with pytest.raises(NotApplicableError, match=r"not the one of readers\.strings"):
        train_bundle("readers.strings", tmp_path / "b", start=tmp_path / "first", limit=50)
    assert not first.manifest.recipe["start"]


@pytest.mark.parametrize(
    ("name", "folder", "data", "error", "said"),
    [
        ("paper.knm", "x", [], UnknownNameError, "did you mean 'paper.knn'"),
        ("reader.digits", "x", [], UnknownNameError, "did you mean 'readers.digits'"),
        ("paper.knn", "x", ["digits"], NotApplicableError, "is no net"),
        ("paper.svm-rbf", "x", ["digits"], NotApplicableError, "is no net"),
        ("paper.lstm", "x", ["digits"], NotApplicableError, "paper.lstm: a layer of type _RowsNet"),
        ("paper.cnn", "x", ["digits", "mnist"], NotApplicableError, "learns from one data set"),
        ("paper.cnn", "a b", ["digits"], DataError, "name is 'a b'"),
        ("readers.digits", "a b", [], DataError, "name is 'a b'"),
        ("paper.cnn", "taken", ["digits"], StorageError, "exists and is no bundle"),
    ],
)
def test_what_cannot_be_is_refused_before_the_training(
    tmp_path: Path, name: str, folder: str, data: list[str], error: type[Exception], said: str
) -> None:
    (tmp_path / "taken").mkdir()

    def never(*_: Any) -> None:
        raise AssertionError("trained")

    with pytest.raises(error, match=said):
        train_bundle(name, tmp_path / folder, data, limit=50, on_progress=never)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
