from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hdalr.cli.form import app
from hdalr.errors import DataError, ParameterError

CLINIC = Path(__file__).parents[2] / "examples" / "forms" / "clinic.yaml"


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, list(map(str, arguments)))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def test_check_lists_the_fields() -> None:
    lines = run("check", CLINIC).splitlines()
    assert lines[0] == "form: clinic-registration, 148 x 210 mm, 17 fields"
    assert "clerk: comb of 4, alphabet digits, pattern \\d{4}, required yes" in lines
    assert "known: check" in lines


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_print_writes_the_form_and_says_where(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"form.{suffix}"
    assert run("print", CLINIC, "-o", path, "--dpi", 100).strip() == str(path)
    assert path.stat().st_size > 1000


def test_print_refuses_other_files(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"written as .png or .pdf"):
        run("print", CLINIC, "-o", tmp_path / "form.doc")


def test_a_wrong_template_is_named(tmp_path: Path) -> None:
    path = tmp_path / "form.json"
    path.write_text(json.dumps({"form": "a", "page": {"size": "A5"}, "fields": []}))
    with pytest.raises(DataError, match=r"form.json: fields is empty"):
        run("check", path)
