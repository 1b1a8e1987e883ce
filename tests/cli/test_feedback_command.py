"""hdalr feedback: what is printed, what is written, and the exit codes."""

from __future__ import annotations

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from hdalr.cli import evaluate
from hdalr.cli.feedback import app
from hdalr.datasets import load_dataset
from hdalr.errors import MissingExtraError, ParameterError, StorageError
from hdalr.service.database import NewCorrection, Store
from hdalr.service.database import store as store_module

PNG = b"\x89PNG\r\n\x1a\n and so on"
SEVEN = NewCorrection(PNG, "7", {"text": "1", "confidence": 0.5}, {}, {"digits": "a" * 64})


@pytest.fixture(autouse=True)
def url(monkeypatch, tmp_path):
    monkeypatch.delenv("HDALR_DATABASE_URL", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return f"sqlite:///{tmp_path / 'data' / 'hdalr' / 'feedback.sqlite'}"


@pytest.fixture
def ids(url):
    with Store(url) as store:
        return [store.add(new).id for new in (SEVEN, NewCorrection(PNG, "a\tb\x1b"), SEVEN)]


def invoke(*arguments):
    result = CliRunner().invoke(app, list(map(str, arguments)))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def run(*arguments):
    result = invoke(*arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def kept(url):
    with Store(url) as store:
        return [one.id for one in store]


def test_list_shows_what_is_kept_without_control_characters(ids):
    lines = run("list").splitlines()
    assert lines[0].split() == ["id", "created", "(UTC)", "text", "read"]
    assert [line.split()[0] for line in lines[1:]] == ids
    assert lines[1].split()[3:] == ["7", "1"]
    assert lines[2].split()[3:] == [r"a\tb\x1b", "-"]


def test_list_as_json_is_json_without_pictures(ids):
    rows = json.loads(run("list", "--format", "json"))
    assert [row["id"] for row in rows] == ids
    assert rows[0]["reading"] == {"text": "1", "confidence": 0.5}
    assert rows[0]["picture_bytes"] == len(PNG)
    assert "picture" not in rows[0]


def test_nothing_kept_is_no_fault(tmp_path):
    assert len(run("list").splitlines()) == 1
    assert json.loads(run("list", "--format", "json")) == []
    assert run("export", "-o", tmp_path / "out").endswith("out: 0 corrections\n")


def test_the_database_is_the_one_that_is_named(ids, url, tmp_path, monkeypatch):
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    assert json.loads(run("list", "--format", "json", "--database", other)) == []
    monkeypatch.setenv("HDALR_DATABASE_URL", other)
    assert json.loads(run("list", "--format", "json")) == []
    assert len(json.loads(run("list", "--format", "json", "--database", url))) == 3


def test_a_wrong_database_is_told():
    with pytest.raises(StorageError, match="begins with mysql:"):
        run("list", "--database", "mysql://ada:geheim@db/f")


def test_export_writes_a_folder_and_says_how_many(ids, tmp_path):
    assert run("export", "-o", tmp_path / "out") == f"{tmp_path / 'out'}: 3 corrections\n"
    lines = (tmp_path / "out" / "labels.csv").read_text().splitlines()
    assert lines[:2] == ["file,text", f'"{ids[0]}.png","7"']


@pytest.mark.parametrize(
    ("since", "n"),
    [
        ("2026-01-30", 3),
        ("2026-01-31", 2),
        ("2026-01-31T18:30:00", 2),
        ("2026-01-31T18:30:01", 1),
        ("2026-03-01", 0),
    ],
)
def test_only_those_since_a_day_or_time(url, tmp_path, monkeypatch, since, n):
    class Times(store_module.datetime):
        days = iter([(2026, 1, 30, 23, 59), (2026, 1, 31, 18, 30), (2026, 2, 1)])

        @classmethod
        def now(cls, tz=None):
            return store_module.datetime.__mro__[1](*next(cls.days), tzinfo=tz)

    monkeypatch.setattr(store_module, "datetime", Times)
    with Store(url) as store:
        for _ in range(3):
            store.add(SEVEN)
    assert run("export", "-o", tmp_path / "out", "--since", since).endswith(f": {n} corrections\n")
    assert len(json.loads(run("list", "--format", "json", "--since", since))) == n


def test_a_date_that_is_none_is_refused(tmp_path):
    result = invoke("export", "-o", tmp_path / "out", "--since", "yesterday")
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_delete_takes_away_those_that_are_named(ids, url):
    assert run("delete", ids[0], ids[2], ids[0]) == "deleted: 2\n"
    assert kept(url) == [ids[1]]


@pytest.mark.parametrize(("n_known", "code"), [(1, 3), (0, 1)])
def test_delete_says_what_was_not_there(ids, url, n_known, code):
    result = invoke("delete", *ids[:n_known], "0" * 32, "nonsense")
    assert result.exit_code == code
    assert result.stdout == f"deleted: {n_known}\n"
    assert result.stderr == f"{'0' * 32!r}: no such correction\n'nonsense': no such correction\n"
    assert kept(url) == ids[n_known:]


def test_delete_takes_all_away_only_from_who_is_sure(ids, url):
    with pytest.raises(ParameterError, match="deletes all 3; add --yes"):
        run("delete", "--all")
    assert kept(url) == ids
    assert run("delete", "--all", "--yes") == "deleted: 3\n"
    assert kept(url) == []


@pytest.mark.parametrize("arguments", [(), ("0" * 32, "--all", "--yes")])
def test_delete_asks_for_either_identifiers_or_all(ids, url, arguments):
    with pytest.raises(ParameterError, match="expected either identifiers"):
        run("delete", *arguments)
    assert kept(url) == ids


def test_evaluate_reads_an_export_of_the_bundled_digits(url, tmp_path):
    digits = load_dataset("digits")
    truth = [str(digits.classes[label]) for label in digits.test_labels[:20]]
    with Store(url) as store:
        for image, text in zip(digits.test_images, truth, strict=False):
            large = cv2.resize(255 - image.astype(np.uint8), None, fx=8, fy=8)
            paper = cv2.copyMakeBorder(large, *[40] * 4, cv2.BORDER_CONSTANT, value=255)
            store.add(NewCorrection(cv2.imencode(".png", paper)[1].tobytes(), text))
    run("export", "-o", tmp_path / "out")
    evaluating = typer.Typer()
    evaluating.command()(evaluate.evaluate)
    options = ["--as", "character", "--alphabet", "digits", "--format", "json"]
    result = CliRunner().invoke(evaluating, [str(tmp_path / "out"), *options])
    assert (result.exit_code, result.stderr) == (0, "")
    measures = json.loads(result.stdout)
    assert measures["n"] == 20
    assert measures["errors"] == []
    assert measures["exact"] > 0.7


@pytest.mark.parametrize("module", ["sqlalchemy", "alembic"])
def test_a_missing_library_names_the_extra(monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"{module}.*hdalr\[serve\]"):
        run("list")


def test_the_command_is_imported_without_the_database():
    code = (
        "import sys, hdalr.cli.feedback; "
        "print({'sqlalchemy', 'alembic', 'psycopg', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
