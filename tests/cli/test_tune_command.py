"""`hdalr tune` as a user types it: output, files, exit codes, and what a kill leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hdalr.cli.tune import parse_duration
from hdalr.errors import ParameterError

WITHOUT_OPTUNA = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "optuna":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from hdalr.cli import main
main()
"""


def tune(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "hdalr", "tune", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=110, check=False
    )


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a recipe was tuned on the bundled set."""
    folder = tmp_path_factory.mktemp("tuned")
    done = tune("paper.naive-bayes", "--trials", "4", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "stdout").write_text(done.stdout)
    (folder / "stderr").write_text(done.stderr)
    return folder


def test_the_result_goes_to_stdout_and_the_talk_to_stderr(tuned: Path) -> None:
    said, talk = (tuned / "stdout").read_text(), (tuned / "stderr").read_text()
    assert said.startswith("paper.naive-bayes on digits: 4 settings tried in ")
    assert "judged on 240 pictures of the train part, after learning from 1,197 others" in said
    assert "var_smoothing   0.02" in said
    assert "95 % interval" in said
    assert "trial" not in said
    assert [line.split(":")[0] for line in talk.splitlines()] == [f"trial {k}" for k in range(4)]


def test_a_second_run_tries_nothing_and_says_the_same(tuned: Path) -> None:
    done = tune("paper.naive-bayes", "--trials", "4", "--format", "json", cwd=tuned)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert (found["recipe"], found["dataset"], found["method"]) == (
        "paper.naive-bayes",
        "digits",
        "optuna",
    )
    assert [trial["number"] for trial in found["trials"]] == [0, 1, 2, 3]
    assert found["own"]["settings"] == {"var_smoothing": 0.02}
    assert found["own"]["accuracy"] == found["trials"][0]["n_right"] / 240
    low, high = found["own"]["accuracy_interval"]
    assert low < found["own"]["accuracy"] < high
    assert found["found"]["accuracy"] == max(t["n_right"] for t in found["trials"]) / 240
    assert isinstance(found["tie"], bool)


def test_the_study_lies_in_the_folder_that_is_named_after_set_recipe_and_method(
    tuned: Path,
) -> None:
    folder = tuned / "results" / "digits" / "tuning" / "paper.naive-bayes-optuna"
    assert (folder / "study.db").read_bytes().startswith(b"SQLite format 3")


def test_another_search_in_the_same_folder_is_refused(tuned: Path) -> None:
    done = tune("paper.naive-bayes", "--seed", "1", cwd=tuned)
    assert done.returncode == 2
    assert "differs from the one asked for in seed (seed 0 there, 1 asked for)" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_grid_of_ones_own_in_cross_validation(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("n_neighbors: [1, 3, 200]\n")
    options = ("--method", "grid", "--folds", "3", "--limit", "90", "--space", "mine.yaml")
    done = tune("paper.knn", *options, "-o", "here", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3 of 3 settings tried" in done.stdout
    assert "1 failed" in done.stdout
    assert "in 3-fold cross-validation on 90 pictures of the train part" in done.stdout
    assert "failed: " in done.stderr
    assert (tmp_path / "here" / "study.db").exists()


def test_a_killed_search_goes_on_and_loses_no_trial_that_had_ended(tmp_path: Path) -> None:
    options = ("paper.random-forest", "--limit", "300", "--trials", "8", "--format", "json")
    command = [sys.executable, "-m", "hdalr", "tune", *options]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    ended = [process.stderr.readline() for _ in range(3)]
    os.kill(process.pid, signal.SIGKILL)
    ended += process.stderr.readlines()  # what it still said before it died
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    done = tune(*options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    whole = tune(*options, "-o", "whole", cwd=tmp_path)
    found, expected = (json.loads(run.stdout)["trials"] for run in (done, whole))
    assert len(ended) + len(done.stderr.splitlines()) == 8
    assert [(t["settings"], t["n_right"]) for t in found] == [
        (t["settings"], t["n_right"]) for t in expected
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("paper.knm",), 2, "did you mean 'paper.knn'"),
        (("paper",), 2, "unknown recipe 'paper'"),
        ((), 2, "RECIPE"),
        (("paper.knn", "--budget", "30"), 2, "budget '30' is no time"),
        (("paper.knn", "--method", "random"), 2, "random"),
        (("paper.knn", "--folds", "1"), 2, "--folds"),
        (("paper.svm-rbf",), 1, "no search space for SupportVectorSearch"),
        (("paper.knn", "--space", "none.yaml"), 1, "none.yaml: cannot be read"),
        (("paper.knn", "--budget", "0.001s"), 2, "budget of 0.001 s is"),
    ],
)
def test_bad_usage_is_one_line_and_an_exit_code(
    arguments: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    done = tune(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("hdalr:")]) == 1
    assert "Traceback" not in done.stderr


def test_a_damaged_study_is_one_line_and_an_exit_code(tmp_path: Path) -> None:
    (tmp_path / "study.db").write_text("rubbish " * 500)
    done = tune("paper.knn", "-o", ".", cwd=tmp_path)
    assert done.returncode == 1
    assert "study.db: damaged, or no study" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_optuna_the_extra_is_named(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_OPTUNA, "tune", "paper.knn"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "hdalr: optuna is not installed; it comes with: pip install 'hdalr[train]'\n"
    )


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), (" 1.5h ", 5400)])
def test_a_time_has_a_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "30", "m", "-5m", "0s", "0.0h", "5d", "1e3s", "inf s", "1h30m"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match=r"is no time; give a number above 0 and s, m or h"):
        parse_duration(text)
