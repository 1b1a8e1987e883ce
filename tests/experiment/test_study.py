"""The study file: what comes next, what is kept, what is refused."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from hdalr.errors import DataError, ParameterError, StorageError
from hdalr.experiment.study import Asked, Method, Study
from hdalr.experiment.trial import Verdict
from hdalr.recipes.spaces import Choice, Range

FACTS = {"recipe": "paper.knn", "dataset": "bars", "seed": 0}
SPACE = {"k": Range(1, 9, grid=(1, 3, 5)), "p": Choice(("x", None), only_with=None)}
FLOATS = {"C": Range(0.01, 100.0, log=True)}
OWN = {"k": 3, "p": "x"}


@contextmanager
def opened(
    path: Path,
    space: Mapping[str, Range | Choice] = SPACE,
    own: Mapping[str, Any] = OWN,
    method: Method = "optuna",
    seed: int = 0,
    facts: Mapping[str, Any] = FACTS,
) -> Iterator[Study]:
    with closing(Study(path, facts, space, own, method, seed)) as study:
        yield study


def finish(study: Study, asked: Asked | None, right: int = 50) -> dict[str, Any]:
    assert asked is not None
    study.tell(asked, Verdict("finished", 1.0, right, 100, (right / 100,)), 2.0)
    return asked.settings


def run(study: Study, trials: int) -> list[dict[str, Any]]:
    """Try some, judged by how far C lies from 1."""
    tried = []
    for _ in range(trials):
        asked = study.ask()
        assert asked is not None
        tried.append(finish(study, asked, round(50 + 10 * float(asked.settings.get("C", 1)) % 40)))
    return tried


def test_the_recipes_own_settings_come_first(tmp_path: Path) -> None:
    with opened(tmp_path / "s.db") as study:
        assert finish(study, study.ask()) == {}
        assert finish(study, study.ask()).keys() == {"k", "p"}


def test_own_settings_may_lie_outside_the_space(tmp_path: Path) -> None:
    with opened(tmp_path / "s.db", own={"k": 50, "p": "other"}) as study:
        assert finish(study, study.ask()) == {}
        assert finish(study, study.ask())["k"] <= 9


def test_a_grid_is_tried_whole_and_the_recipes_own_point_once(tmp_path: Path) -> None:
    with opened(tmp_path / "s.db", method="grid") as study:
        assert study.n_settings == 6
        tried = [finish(study, study.ask()) for _ in range(6)]
        assert study.ask() is None
    points = [{**OWN, **settings} for settings in tried]
    assert sorted((p["k"], str(p["p"])) for p in points) == [
        (k, p) for k in (1, 3, 5) for p in ("None", "x")
    ]


def test_the_order_of_a_grid_is_the_seeds(tmp_path: Path) -> None:
    orders = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        with opened(tmp_path / name, method="grid", seed=seed) as study:
            orders.append([finish(study, study.ask()) for _ in range(6)])
    assert orders[0] == orders[1] != orders[2]


def test_grid_values_are_tried_as_they_are(tmp_path: Path) -> None:
    space = {"C": Range(0.0, 1.0, grid=(0.03125, 0.123456))}
    with opened(tmp_path / "s.db", space, {"C": 1.0}, "grid") as study:
        tried = [finish(study, study.ask()) for _ in range(3)]
    assert sorted(settings.get("C", 1.0) for settings in tried) == [0.03125, 0.123456, 1.0]


def test_drawn_numbers_have_three_digits_and_stay_in_range(tmp_path: Path) -> None:
    space = {"C": Range(0.1234567, 0.1234999)}
    with opened(tmp_path / "narrow.db", space, {"C": 1.0}) as study:
        run(study, 1)
        assert finish(study, study.ask())["C"] == 0.1234567  # 0.123 lies below
    with opened(tmp_path / "wide.db", FLOATS, {"C": 1.0}) as study:
        tried = run(study, 5)
    assert all(float(f"{settings['C']:.3g}") == settings["C"] for settings in tried[1:])


def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    with opened(tmp_path / "whole.db", FLOATS, {"C": 1.0}) as study:
        whole = run(study, 13)
    parts = []
    for trials in (1, 4, 6, 2):
        with opened(tmp_path / "parts.db", FLOATS, {"C": 1.0}) as study:
            parts += run(study, trials)
            study.ask()  # half run
    assert parts == whole
    assert len({str(settings) for settings in whole}) == 13


def test_what_was_half_run_is_run_anew(tmp_path: Path) -> None:
    with opened(tmp_path / "s.db", FLOATS, {"C": 1.0}) as study:
        run(study, 3)
        half = study.ask()
    with opened(tmp_path / "s.db", FLOATS, {"C": 1.0}) as study:
        again = study.ask()
        assert half is not None
        assert again is not None
        assert again.settings == half.settings
        assert len(study.tried()) == 3
    with sqlite3.connect(tmp_path / "s.db") as database:
        states = [state for (state,) in database.execute("select state from trials")]
    database.close()
    assert states == ["COMPLETE"] * 3 + ["FAIL", "RUNNING"]


def test_what_ran_out_of_time_is_run_anew(tmp_path: Path) -> None:
    with opened(tmp_path / "s.db", method="grid") as study:
        finish(study, study.ask())
        stopped = study.ask()
        assert stopped is not None
        study.tell(stopped, Verdict("out of time", 1.0, fraction=0.3), 2.0)
        assert len(study.tried()) == 1
        assert finish(study, study.ask()) == stopped.settings


def test_what_failed_is_not_tried_again(tmp_path: Path) -> None:
    with opened(tmp_path / "s.db", method="grid") as study:
        for _ in range(6):
            asked = study.ask()
            assert asked is not None
            study.tell(asked, Verdict("failed", 0.1, reason="no"), 1.0)
        assert study.ask() is None
        assert [trial.verdict.reason for trial in study.tried()] == ["no"] * 6


def test_a_space_of_few_settings_is_left_when_it_is_exhausted(tmp_path: Path) -> None:
    with opened(tmp_path / "s.db", {"k": Range(1, 3)}, {"k": 1}) as study:
        tried = [finish(study, study.ask()) for _ in range(3)]
        assert study.ask() is None
    assert sorted(settings.get("k", 1) for settings in tried) == [1, 2, 3]


def test_verdicts_and_time_are_read_back(tmp_path: Path) -> None:
    verdict = Verdict("finished", 1.5, 8, 10, (0.75, 5 / 6))
    with opened(tmp_path / "s.db") as study:
        asked = study.ask()
        assert asked is not None
        study.tell(asked, verdict, 12.5)
    with opened(tmp_path / "s.db") as study:
        assert [trial.verdict for trial in study.tried()] == [verdict]
        assert study.spent_seconds == 12.5


def test_a_net_below_the_median_of_its_age_is_worse(tmp_path: Path) -> None:
    with opened(tmp_path / "s.db", FLOATS, {"C": 1.0}) as study:
        for accuracy in (0.1, 0.5, 0.6, 0.7, 0.8):
            asked = study.ask()
            assert asked is not None
            assert not study.is_worse(asked, 2, accuracy)
            assert not study.is_worse(asked, 3, accuracy)
            finish(study, asked)
        good, bad = study.ask(), study.ask()
        assert good is not None
        assert bad is not None
        assert not study.is_worse(good, 3, 0.65)
        assert not study.is_worse(bad, 2, 0.3)
        assert study.is_worse(bad, 3, 0.3)


@pytest.mark.parametrize(
    ("name", "value"), [("recipe", "paper.lstm"), ("dataset", "mnist"), ("seed", 1)]
)
def test_a_file_of_another_search_is_refused(tmp_path: Path, name: str, value: object) -> None:
    with opened(tmp_path / "s.db") as study:
        finish(study, study.ask())
    with (
        pytest.raises(ParameterError, match=rf"differs .* in {name} .*-o"),
        opened(tmp_path / "s.db", facts={**FACTS, name: value}),
    ):
        pass


def test_a_damaged_file_is_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(DataError, match=r"s\.db: damaged, or no study: file is not a database"):
        Study(path, FACTS, SPACE, OWN, "optuna", 0)


def test_a_file_damaged_in_its_middle_is_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with opened(path) as study:
        finish(study, study.ask())
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    path.write_bytes(content)
    with (
        pytest.raises(DataError, match=r"s\.db: damaged"),
        opened(path) as study,
    ):
        study.tried()


def test_a_file_that_cannot_be_made_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"none.s\.db: could not be read or written"):
        Study(tmp_path / "none" / "s.db", FACTS, SPACE, OWN, "optuna", 0)


def test_any_path_will_do(tmp_path: Path) -> None:
    folder = tmp_path / "a b?%#ü{x}"
    folder.mkdir()
    with opened(folder / "s.db") as study:
        finish(study, study.ask())
    assert [path.name for path in folder.iterdir()] == ["s.db"]


def _try_and_die(path: Path) -> None:
    with opened(path, FLOATS, {"C": 1.0}) as study:
        run(study, 5)
        study.ask()
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_killed_loses_no_trial_that_had_ended(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(
        target=_try_and_die, args=(tmp_path / "s.db",)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with opened(tmp_path / "whole.db", FLOATS, {"C": 1.0}) as study:
        whole = run(study, 7)
    with opened(tmp_path / "s.db", FLOATS, {"C": 1.0}) as study:
        assert [trial.settings for trial in study.tried()] == whole[:5]
        assert run(study, 2) == whole[5:]
