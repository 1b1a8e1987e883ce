"""`hdalr train` as a user types it."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from hdalr.bundles import load_bundle
from hdalr.cli.train import train
from hdalr.errors import NotApplicableError, ParameterError, UnknownNameError

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
