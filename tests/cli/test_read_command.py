"""``hdalr read`` and ``hdalr evaluate`` from their arguments to output and exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest
import typer
from PIL import Image
from tests.reading.drawing import draw_text, template_bundles
from typer.testing import CliRunner

from hdalr import Reader
from hdalr.cli import reading
from hdalr.cli.bulk import read_bulk
from hdalr.cli.evaluate import evaluate
from hdalr.cli.read import read
from hdalr.errors import DataError, ParameterError, StorageError, UnknownNameError
from hdalr.reading.forms import load_template, print_form

app = typer.Typer()
app.command("read")(read)
app.command("evaluate")(evaluate)


@pytest.fixture(autouse=True)
def drawn_reader(monkeypatch):
    """Readers that know drawn characters, whatever ships."""
    bundles = template_bundles("0123456789ABCEHKaet")
    for name in ("read", "evaluate"):
        monkeypatch.setattr(f"hdalr.cli.{name}.open_reader", lambda models: Reader([*bundles]))


@pytest.fixture
def folder(tmp_path):
    for text in ("42", "7", "AE"):
        Image.fromarray(draw_text(text)).save(tmp_path / f"{text}.png")
    (tmp_path / "notes.txt").write_text("no picture")
    return tmp_path


@pytest.fixture
def broken(folder):
    (folder / "0.png").write_bytes(b"no picture")
    (folder / "1.png").write_bytes(b"")
    (folder / "2.png").write_bytes((folder / "42.png").read_bytes()[:90])
    return folder


def run(*arguments, stdin=b""):
    result = CliRunner().invoke(app, list(map(str, arguments)), input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_one_picture_gives_its_text_alone(folder):
    done = run("read", folder / "42.png")
    assert (done.stdout, done.stderr, done.exit_code) == ("42\n", "", 0)


def test_a_folder_gives_a_row_a_file_and_counts_the_others(folder):
    done = run("read", folder)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert [text for _, text in rows] == ["42", "7", "AE"]
    assert done.stderr == "1 other files left out\n"
    assert done.exit_code == 0


def test_a_quoted_glob_is_spelled_out(folder):
    assert run("read", folder / "[47]*.png").stdout.count("\n") == 2


def test_standard_input_is_a_picture(folder):
    done = run("read", "-", "--format", "jsonl", stdin=(folder / "42.png").read_bytes())
    record = json.loads(done.stdout)
    assert (record["file"], record["page"], record["text"]) == ("-", 1, "42")


def test_bad_files_do_not_stop_the_others(broken):
    done = run("read", broken, "--format", "jsonl")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [("error" in record) for record in records] == [True, True, True, False, False, False]
    assert done.exit_code == 3
    assert done.stderr.count(".png: ") == 3


def test_a_line_too_long_for_the_pattern_does_not_stop_the_others(folder, monkeypatch):
    monkeypatch.setattr("hdalr.reading.paths.MAX_CELLS", 0)
    done = run("read", folder, "--engine", "lattice")
    assert (done.stdout, done.exit_code) == (f"{folder / '7.png'}\t7\n", 3)
    assert f"{folder / '42.png'}: an automaton of" in done.stderr
    done = run("read", folder / "42.png", "--engine", "lattice", "--format", "csv")
    (record,) = csv.DictReader(io.StringIO(done.stdout))
    assert record["error"].startswith(f"{folder / '42.png'}: an automaton of")


def test_nothing_that_can_be_read_is_a_failure(broken):
    done = run("read", broken / "0.png", broken / "missing.png")
    assert (done.stdout, done.exit_code) == ("", 1)
    assert "missing.png: cannot be read" in done.stderr


@pytest.mark.parametrize("format", ["json", "jsonl", "csv"])
def test_every_format_holds_all_records(broken, format):
    written = run("read", broken, "--format", format).stdout
    if format == "csv":
        records = list(csv.DictReader(io.StringIO(written)))
    elif format == "json":
        records = json.loads(written)
    else:
        records = [json.loads(line) for line in written.splitlines()]
    assert [record.get("text") or "" for record in records] == ["", "", "", "42", "7", "AE"]


def test_json_of_one_picture_is_a_list_too(folder):
    (record,) = json.loads(run("read", folder / "7.png", "--format", "json").stdout)
    assert record["characters"][0]["box"][0] >= 15


def test_a_rejected_reading_is_told_and_leaves_its_row_empty(folder):
    arguments = ("read", folder / "AE.png", "--pattern", r"\d\d")
    done = run(*arguments)
    assert (done.stdout, done.exit_code) == ("\n", 0)
    assert "AE.png, page 1: rejected (pattern): '" in done.stderr
    assert run(*arguments, "--fail-on-reject").exit_code == 4
    assert run("read", folder / "42.png", "--fail-on-reject").exit_code == 0


def test_output_goes_to_a_file(folder):
    done = run("read", folder / "42.png", "-o", folder / "out.txt")
    assert done.stdout == ""
    assert (folder / "out.txt").read_text() == "42\n"
    with pytest.raises(StorageError, match="cannot be written"):
        run("read", folder / "42.png", "-o", folder / "none" / "out.txt")


@contextmanager
def standard_input(path):
    """Let the process's own standard input come from this file."""
    saved = os.dup(0)
    try:
        with path.open("rb") as file:
            os.dup2(file.fileno(), 0)
        yield
    finally:
        os.dup2(saved, 0)
        os.close(saved)


@pytest.mark.parametrize("given", ["42.png", ".", "[47]*.png", "-", "link.png"])
def test_output_never_overwrites_an_input(folder, given):
    picture = (folder / "42.png").read_bytes()
    (folder / "link.png").symlink_to(folder / "42.png")
    source = given if given == "-" else folder / given
    with (
        standard_input(folder / "42.png"),
        pytest.raises(ParameterError, match=r"would overwrite .*; expected another file"),
    ):
        run("read", source, "-o", folder / "42.png")
    assert (folder / "42.png").read_bytes() == picture


def test_neither_output_nor_what_grows_beside_it_is_a_lexicon(folder):
    words = folder / "out.part"
    words.write_text("42\n")
    for output in (words, folder / "out"):
        with pytest.raises(ParameterError, match=r"would overwrite .*out\.part, which is read"):
            run("read", folder / "42.png", "--lexicon", words, "-o", output)
    assert words.read_text() == "42\n"


def test_ctrl_c_keeps_the_old_file_and_the_finished_rows(folder, monkeypatch):
    def read_pages(reader, source, **options):
        if source.name != "42.png":
            raise KeyboardInterrupt
        return real(reader, source, **options)

    real = Reader.read_pages
    monkeypatch.setattr(Reader, "read_pages", read_pages)
    output = folder / "out.txt"
    output.write_text("old\n")
    done = run("read", folder, "-o", output)
    assert done.exit_code not in (0, 1)
    assert output.read_text() == "old\n"
    assert (folder / "out.txt.part").read_text() == f"{folder / '42.png'}\t42\n"
    assert f"{output} is as it was; what was read so far is in {output}.part" in done.stderr


def test_an_interruption_before_the_first_row_leaves_nothing(folder, monkeypatch):
    def read_pages(reader, source, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(Reader, "read_pages", read_pages)
    (folder / "out.txt").write_text("old\n")
    run("read", folder, "-o", folder / "out.txt", "--format", "csv")
    assert (folder / "out.txt").read_text() == "old\n"
    assert not (folder / "out.txt.part").exists()


def test_rows_are_in_the_part_file_as_soon_as_they_are_read(folder, monkeypatch):
    def read_pages(reader, source, **options):
        seen.append((folder / "out.txt.part").read_text())
        return real(reader, source, **options)

    seen: list[str] = []
    real = Reader.read_pages
    monkeypatch.setattr(Reader, "read_pages", read_pages)
    assert run("read", folder, "-o", folder / "out.txt").exit_code == 0
    assert [rows.count("\n") for rows in seen] == [0, 1, 2]
    assert (folder / "out.txt").read_text().count("\n") == 3
    assert not (folder / "out.txt.part").exists()


@pytest.mark.parametrize(("format", "is_replaced"), [("text", False), ("jsonl", True)])
def test_failures_replace_the_old_file_where_they_are_records(broken, format, is_replaced):
    (broken / "out").write_text("old\n")
    done = run("read", broken / "0.png", "--format", format, "-o", broken / "out")
    assert done.exit_code == 1
    assert ((broken / "out").read_text() != "old\n") is is_replaced
    assert not (broken / "out.part").exists()


def test_the_standard_output_is_known_under_its_other_names(folder, tmp_path):
    code = "import sys; from hdalr.cli.read import _is_stdout as f; from pathlib import Path; "
    code += "sys.exit(not f(Path('/dev/stdout')) or f(Path('other')))"
    with (tmp_path / "rows").open("wb") as file:
        done = subprocess.run([sys.executable, "-c", code], stdout=file, check=False)
    assert done.returncode == 0


def test_an_empty_folder_is_a_failure(folder):
    (folder / "empty").mkdir()
    done = run("read", folder / "empty", "--format", "jsonl")
    assert (json.loads(done.stdout)["file"], done.exit_code) == (str(folder / "empty"), 1)
    assert f"{folder / 'empty'}: no picture was found in it" in done.stderr
    assert run("read", folder / "7.png", folder / "empty").exit_code == 3


def test_an_empty_standard_input_is_named():
    done = run("read", "-", "--format", "jsonl")
    assert json.loads(done.stdout)["error"].startswith("standard input: empty, zero bytes")
    assert done.stderr.startswith("standard input: empty")


def test_an_annotated_picture_never_replaces_the_picture_itself(folder):
    picture = (folder / "42.png").read_bytes()
    run("read", folder / "42.png", "--annotate", folder)
    assert (folder / "42.png").read_bytes() == picture
    assert (folder / "42_2.png").exists()


def test_annotated_pictures_have_different_names(folder):
    (folder / "sub").mkdir()
    Image.fromarray(draw_text("7")).save(folder / "sub" / "7.png")
    run("read", folder, "--annotate", folder / "drawn")
    names = sorted(path.name for path in (folder / "drawn").iterdir())
    assert names == ["42.png", "7.png", "7_2.png", "AE.png"]
    with Image.open(folder / "drawn" / "42.png") as drawn:
        assert drawn.mode == "RGB"


def test_pages_of_a_tiff_are_numbered(folder):
    pages = [Image.fromarray(draw_text(text)) for text in ("42", "7")]
    pages[0].save(folder / "two.tiff", save_all=True, append_images=pages[1:])
    records = json.loads(run("read", folder / "two.tiff", "--format", "json").stdout)
    assert [(record["page"], record["text"]) for record in records] == [(1, "42"), (2, "7")]


def test_reading_options_reach_the_reader(folder):
    (folder / "words").write_text("AE\nEA\n")
    for option, value, name, text in (
        ("--pattern", r"\d-\d", "42", "4-2"),
        ("--lexicon", folder / "words", "AE", "AE"),
        ("--case", "lower", "AE", "ae"),
        ("--as", "line", "7", "7"),
        ("--engine", "ctc", "42", "42"),
        ("--alphabet", "chars:47", "7", "7"),
        ("--check", "luhn", "42", "42"),
        ("--n-best", 3, "42", "42"),
        ("--max-error", 0.5, "42", "42"),
    ):
        assert run("read", folder / f"{name}.png", option, value).stdout == f"{text}\n", option


@pytest.fixture
def form(folder):
    """A template with one comb of digits, and a blank form."""
    template = {
        "form": "code",
        "title": "Code",
        "page": {"width": 120, "height": 80, "unit": "mm"},
        "marks": True,
        "fields": [
            {"name": "zip", "label": "ZIP", "box": [20, 30, 50, 10], "style": "comb", "cells": 5}
        ],
    }
    (folder / "code.json").write_text(json.dumps(template))
    blank = print_form(load_template(folder / "code.json"))
    Image.fromarray(blank).save(folder / "form.png")
    return folder / "code.json"


def test_a_form_gives_a_record_of_its_fields(form, folder):
    done = run("read", folder / "form.png", "--form", form, "--format", "json")
    (record,) = json.loads(done.stdout)
    assert (record["file"], record["page"], record["form"]) == (str(folder / "form.png"), 1, "code")
    assert record["fields"]["zip"]["text"] == ""
    Image.fromarray(np.full((800, 1200), 230, np.uint8)).save(folder / "paper.png")
    done = run("read", folder / "paper.png", "--form", form, "--format", "json")
    (lost,) = json.loads(done.stdout)
    assert (lost["accepted"], lost["reason"]) == (False, "alignment")


def test_a_picture_too_small_for_a_form_is_named(form, folder):
    small = folder / "42.png"
    done = run("read", small, "--form", form, "--format", "jsonl")
    error = json.loads(done.stdout)["error"]
    assert error.startswith(f"{small}: page 1: the page has ")
    assert (done.stderr, done.exit_code) == (f"{error}\n", 1)


def test_forms_are_not_annotated(form, folder):
    with pytest.raises(ParameterError, match=r"--annotate .*; forms are not annotated"):
        run("read", folder / "form.png", "--form", form, "--annotate", folder / "drawn")


@pytest.mark.parametrize(
    "option", ["--pattern=7", "--case=upper", "--merge", "--engine=ctc", "--n-best=2"]
)
def test_a_form_takes_no_option_that_its_template_decides(form, folder, option):
    with pytest.raises(ParameterError, match=f"{option.split('=')[0]} does not go with --form"):
        run("read", folder / "form.png", "--form", form, option)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--pattern", "("), ParameterError),
        (("--pattern", "(((a{99}){99}){99}){99}"), ParameterError),
        (("--alphabet", "none"), UnknownNameError),
        (("--check", "none"), UnknownNameError),
        (("--max-error", "2"), ParameterError),
        (("--lexicon", "no-such-file"), DataError),
    ],
)
def test_wrong_options_stop_before_anything_is_read(broken, options, error):
    with pytest.raises(error):
        run("read", broken, *options)


def test_wrong_choices_are_usage_errors(folder):
    assert run("read", folder / "7.png", "--as", "page").exit_code == 2
    assert run("read", folder / "7.png", "--format", "xml").exit_code == 2
    assert run("read").exit_code == 2


def test_evaluate_prints_the_agreed_json(folder):
    (folder / "labels.csv").write_text("file,text\n42.png,42\n7.png,1\nAE.png,ae\n")
    done = run("evaluate", folder, "--format", "json", "-o", folder / "sheet")
    measures = json.loads(done.stdout)
    assert measures["n"] == 3
    assert measures["exact"] == pytest.approx(1 / 3)
    assert measures["exact_folded"] == pytest.approx(2 / 3)
    assert {"character_error", "coverage", "accepted_error", "risk_coverage"} <= set(measures)
    assert np.asarray(Image.open(folder / "sheet" / "errors.png")).ndim == 3
    assert (done.exit_code, done.stderr) == (0, "")


def test_evaluate_as_text_shows_shares_and_confusions(folder):
    (folder / "labels.csv").write_text("file,text\n42.png,42\n7.png,1\nmissing.png,3\n")
    done = run("evaluate", folder)
    assert "50.00%" in done.stdout
    assert "1 read as 7: 1" in done.stdout
    assert done.stderr == (
        "labels.csv, line 4: 'missing.png' is not in the folder\n"
        "1 pictures without a usable row in labels.csv\n"
    )
    assert done.exit_code == 3


def test_evaluate_without_labels_says_what_is_missing(folder):
    with pytest.raises(DataError, match=r"labels\.csv: cannot be read"):
        run("evaluate", folder)


def test_named_models_are_opened(monkeypatch):
    with pytest.raises(UnknownNameError, match="unknown bundle 'nothing'"):
        reading.open_reader(["nothing"])


def test_bulk_rows_go_into_a_folder(tmp_path):
    (tmp_path / "all.jsonl").write_text('{"path": "a.png"}\n')
    with pytest.raises(ParameterError, match="writes a folder of Parquet files; expected one"):
        read_bulk([str(tmp_path / "all.jsonl")], str(tmp_path / "rows.csv"), {}, None, 1, None, {})
    assert not (tmp_path / "rows.csv").exists()
