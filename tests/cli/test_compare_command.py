"""`hdalr compare`, `report`, `ablate`, `sizes` as a user types them: output, files, exit codes."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

QUICK = ("--recipes", "paper.naive-bayes,paper.knn", "--limit", "100")


def hdalr(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hdalr", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=110, check=False
    )


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the bundled set was compared and taken apart."""
    folder = tmp_path_factory.mktemp("compared")
    done = hdalr("compare", *QUICK, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "paper.naive-bayes" in done.stdout
    assert "results/digits/report.html" in done.stderr
    return folder


def test_the_default_folder_is_named_after_the_data_set(compared: Path) -> None:
    results = compared / "results" / "digits"
    assert sorted(path.name for path in (results / "records").iterdir()) == [
        "paper.knn-seed0.json",
        "paper.naive-bayes-seed0.json",
    ]
    assert (results / "report.html").stat().st_size > 10_000
    assert (results / "report.md").exists()
    with (results / "results.csv").open(newline="") as file:
        recipes = {row["recipe"] for row in csv.DictReader(file)}
    assert recipes == {"paper.naive-bayes", "paper.knn"}


def test_a_second_run_keeps_the_rows(compared: Path) -> None:
    assert hdalr("compare", *QUICK, cwd=compared).stdout.count("kept") == 2


def test_report_is_remade_from_records_alone(compared: Path, tmp_path: Path) -> None:
    results = compared / "results" / "digits"
    before = (results / "report.html").read_bytes()
    done = hdalr("report", results, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (results / "report.html").read_bytes() == before
    without = hdalr("report", results, "--no-pictures", cwd=tmp_path)
    assert without.returncode == 0
    assert b"test images, which were not at hand" not in before
    assert "test images, which were not at hand" in (results / "report.html").read_text()


def test_the_command_in_a_record_remakes_it(compared: Path, tmp_path: Path) -> None:
    path = Path("results/digits/records/paper.knn-seed0.json")
    record = json.loads((compared / path).read_text())
    assert hdalr(*record["command"].split()[1:], cwd=tmp_path).returncode == 0
    again = json.loads((tmp_path / path).read_text())
    for name in ("fingerprint", "accuracy", "predictions", "test_digest"):
        assert again[name] == record[name]


def test_ablate_joins_the_report(compared: Path) -> None:
    options = ("--recipes", "paper.naive-bayes", "--limit", "60")
    done = hdalr("ablate", *options, cwd=compared)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("paper.naive-bayes") == 10
    assert hdalr("ablate", *options, cwd=compared).stdout.count("kept") == 10
    assert "oise reduction" in (compared / "results/digits/report.html").read_text()


def test_kept_rows_say_what_they_lack(compared: Path) -> None:
    done = hdalr("compare", *QUICK, "--also", "corruptions", cwd=compared)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("kept; without corruptions: see --rerun") == 2


def test_sizes_are_kept_and_join_the_report(compared: Path) -> None:
    options = ("--recipes", "paper.naive-bayes", "--limit", "60", "--sizes", "20,60")
    done = hdalr("sizes", *options, "--seeds", "2", cwd=compared)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("paper.naive-bayes") == 4
    again = hdalr("sizes", *options, "--seeds", "1", cwd=compared)
    assert again.stdout.count("kept") == 2
    assert "Images to learn from" in (compared / "results/digits/report.html").read_text()


def test_a_failed_row_gives_exit_code_one_and_its_reason(tmp_path: Path) -> None:
    import numpy as np

    labels = np.arange(600) % 60
    images = np.random.default_rng(0).integers(0, 256, (600, 28, 28), dtype=np.uint8)
    np.savez(tmp_path / "sixty.npz", images=images, labels=labels)
    recipes = "paper.cnn,paper.naive-bayes"
    done = hdalr("compare", "--data", "sixty.npz", "--recipes", recipes, cwd=tmp_path)
    assert done.returncode == 1
    assert "47 outputs and the data set 60 classes" in done.stdout
    assert (tmp_path / "results/sixty/records/paper.naive-bayes-seed0.json").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("compare", "--data", "mnits"), 2, "did you mean 'mnist'"),
        (("compare", "--recipes", "paper.knm"), 2, "did you mean 'paper.knn'"),
        (("compare", "--seeds", "0"), 2, "--seeds"),
        (("compare", "--device", "tpu"), 2, "tpu"),
        (("compare", "--limit", "3"), 2, "limit 3 is too small for 10 classes"),
        (("compare", "--nonsense"), 2, "No such option"),
        (("compare", "--also", "corruption"), 2, "did you mean 'corruptions'"),
        (("sizes", "--sizes", "100,many"), 2, "expected whole numbers with commas"),
        (("sizes", "--sizes", "5"), 2, "choose from 10 to 1437"),
        (("report", "nowhere"), 1, "no records"),
        (("frobnicate",), 2, "No such command"),
    ],
)
def test_bad_usage_is_one_line_and_an_exit_code(
    arguments: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    done = hdalr(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_ctrl_c_is_one_line_and_exit_code_130(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hdalr", "compare", "--recipes", "paper.lstm"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job, as these tests may be, has its interrupts ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stderr is not None
    assert "epoch 1/" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "hdalr: interrupted"
    assert "Traceback" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_output_that_cannot_be_written_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "hdalr", "data", "list"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "could not be written" in done.stderr


def test_control_characters_of_a_name_do_not_reach_the_terminal(tmp_path: Path) -> None:
    done = hdalr("compare", "--data", "no\x1b[31m\nsuch", cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "\x1b" not in done.stderr


def test_a_damaged_plan_does_not_stop_a_comparison(tmp_path: Path) -> None:
    (tmp_path / "comparison.json").write_text('{"recipes": 5}')
    done = hdalr("compare", *QUICK, "-o", tmp_path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_folds_on_processes_say_nothing_of_their_own(tmp_path: Path) -> None:
    recipes = "paper.svm-rbf,paper.naive-bayes"
    done = hdalr("compare", "--recipes", recipes, "--limit", "100", "--jobs", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "report: results/digits/report.html\n"
