"""`hdalr train` as a user types it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from click.testing import Result
from tests.training.corrections import write_digits
from typer.testing import CliRunner

from hdalr.bundles import load_bundle
from hdalr.cli.train import train
from hdalr.errors import DataError, NotApplicableError, ParameterError, UnknownNameError
from hdalr.reading.truth import read_truth
from hdalr.recipes.readers import RECIPES
from hdalr.service.database import NewCorrection, Store
from hdalr.training.feedback import load_corrections

app = typer.Typer()
app.command()(train)
run = CliRunner().invoke


def test_a_bundle_is_trained_and_told(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    options = ["--data", "digits", "--limit", "40", "--seed", "3", "--device", "cpu"]
    done = run(app, ["paper.ann", *options, "-o", str(folder)])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("accuracy 0.")
    assert "paper.ann: 100%, loss" in done.stderr
    assert f"bundle: {folder}" in done.stderr
    record = load_bundle(folder).manifest.record
    assert record["command"] == "hdalr train paper.ann --data digits --seed 3 --limit 40 -o mine"
    assert record["seed"] == 3


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        (["paper.ann", "--steps", "5"], ParameterError, "--steps 5 is for readers"),
        (["paper.ann", "--from", "digits"], NotApplicableError, "begins with random weights"),
        (["paper.anm"], UnknownNameError, "did you mean 'paper.ann'"),
    ],
)
def test_what_cannot_be_is_an_error(
    options: list[str], error: type[Exception], said: str, tmp_path: Path
) -> None:
    done = run(app, [*options, "-o", str(tmp_path / "mine")])
    assert isinstance(done.exception, error)
    assert said in str(done.exception)


def test_the_output_has_to_be_named() -> None:
    assert run(app, ["paper.ann"]).exit_code == 2


FOUND = {
    "n_held": 35,
    "held": {"n": 35, "before": 0.25, "after": 1.0, "after_interval": [0.9011, 1.0]},
    "old_test": {"n": 2000, "before": 0.9955, "after": 0.9945, "lost": 5, "gained": 3, "p": 0.73},
    "forgot": 0.001,
    "not_rehearsed": [],
}


class Trained:
    """What a training was asked for, and a record that it gives."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **found: Any) -> None:
        self.asked: dict[str, Any] = {}
        self.record = {"feedback": {**FOUND, **found}}
        monkeypatch.setattr("hdalr.training.train_bundle", self)

    def __call__(self, *_: Any, **settings: Any) -> Any:
        self.asked = settings
        return SimpleNamespace(manifest=SimpleNamespace(record=self.record))


@pytest.fixture
def corrections(tmp_path: Path) -> Path:
    return write_digits(tmp_path / "corrections", 40)


def tune(*options: object) -> Result:
    done = run(app, ["readers.digits", *map(str, options), "-o", "mine"])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_a_bundle_is_fine_tuned_on_a_folder(
    corrections: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (corrections / "0.png").write_bytes(b"no picture")
    trained = Trained(monkeypatch)
    done = tune("--feedback", corrections, "--from", "my-digits", "--steps", 7)
    found = trained.asked["corrections"]
    assert len(found.learned) + len(found.held) == 39
    assert trained.asked["start"] == "my-digits"
    assert trained.asked["steps"] == 7
    assert trained.asked["command"] == (
        "hdalr train readers.digits --seed 0 --steps 7 --from my-digits --feedback corrections "
        "-o mine"
    )
    assert "left out: a picture that cannot be read: 1\n" in done.stderr
    assert f"{len(found.learned)} to learn from, {len(found.held)} held out" in done.stderr
    assert done.stdout.splitlines() == [
        "corrections held out: before 0.2500, after 1.0000 (n 35, 95 % 0.90 to 1.00)",
        "old test set: before 0.9955, after 0.9945 (n 2,000): forgot 0.10 points",
    ]
    assert "it forgot" not in done.stderr


def test_a_bundle_is_fine_tuned_on_the_database(
    corrections: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'feedback.sqlite'}"
    with Store(url) as store:
        for place, text in read_truth(corrections).texts.items():
            store.add(NewCorrection((corrections / place).read_bytes(), text))
    left = set(Path(tempfile.gettempdir()).glob("hdalr-*"))
    trained = Trained(monkeypatch)
    tune("--add-feedback", "--database", url)
    found = trained.asked["corrections"]
    assert found.digest == load_corrections(corrections, RECIPES["readers.digits"]).digest
    assert set(Path(tempfile.gettempdir()).glob("hdalr-*")) == left
    assert "--add-feedback" in trained.asked["command"]
    assert "sqlite" not in trained.asked["command"]
    monkeypatch.setenv("HDALR_DATABASE_URL", url)
    tune("--add-feedback")
    assert trained.asked["corrections"].digest == found.digest


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"forgot": 0.0011}, "it forgot 0.11 points on the old test set, more than 0.1 (p 0.73: 5"),
        ({"held": {**FOUND["held"], "n": 7}}, "only 7 corrections are held out"),
        ({"held": {"n": 0}}, "only 0 corrections are held out"),
        ({"not_rehearsed": ["devanagari"]}, "not on this computer: devanagari"),
    ],
)
def test_what_speaks_against_the_new_bundle_is_said(
    found: dict[str, Any], said: str, corrections: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Trained(monkeypatch, **found)
    assert said in tune("--feedback", corrections).stderr


def test_where_nothing_was_compared_it_is_said(
    corrections: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Trained(monkeypatch, held={"n": 0}, old_test={"n": 0}, forgot=None)
    assert tune("--feedback", corrections).stdout.splitlines() == [
        "corrections held out: none",
        "old test set: none",
    ]


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        (["--database", "sqlite:///x"], ParameterError, "--database is for --add-feedback"),
        (["--add-feedback", "--feedback", "x"], ParameterError, "choose one of them"),
        (["--feedback", "missing"], DataError, "labels.csv: cannot be read"),
    ],
)
def test_corrections_that_cannot_be_had_are_an_error(
    options: list[str], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        tune(*options)


def test_a_net_of_the_comparison_does_not_learn_from_corrections(corrections: Path) -> None:
    done = run(app, ["paper.cnn", "--feedback", str(corrections), "-o", "mine"])
    assert isinstance(done.exception, NotApplicableError)
    assert "choose one of readers.digits" in str(done.exception)
