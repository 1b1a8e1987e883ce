import csv
import io
import json
import os
import threading
from pathlib import Path

import pytest

from hdalr.errors import StorageError
from hdalr.images.crop import Box
from hdalr.reading.result import Character, Reading, Reason
from hdalr.reading.serialise import (
    COLUMNS,
    RowFile,
    make_failure,
    make_record,
    write_csv,
    write_json,
    write_jsonl,
    write_text,
)

READING = Reading("42", True, None, 0.9, (Character("4", Box(1, 9, 2, 7), 0.95),), "drawn")
REJECTED = Reading("l3", False, Reason.ambiguous, 0.4, (), "drawn")
RECORDS = [
    make_record("a.png", 1, READING),
    make_record("b.png", 1, REJECTED),
    make_failure("c.png", "c.png: damaged"),
]


def test_text_gives_accepted_ones_and_leaves_rejected_rows_empty():
    assert "".join(write_text(RECORDS, alone=False)) == "a.png\t42\nb.png\t\n"
    assert "".join(write_text(RECORDS[:1], alone=True)) == "42\n"


def test_a_name_cannot_break_the_table():
    record = {**RECORDS[0], "file": "a\tb\n\x1b[31m.png"}
    assert "".join(write_text([record], alone=False)) == "a\\tb\\n\\x1b[31m.png\t42\n"


@pytest.mark.parametrize("n", [0, 1, 3])
def test_json_is_a_list_of_all_records(n):
    assert json.loads("".join(write_json(RECORDS[:n]))) == RECORDS[:n]


def test_json_lines_come_one_at_a_time():
    lines = write_jsonl(iter(RECORDS))
    assert json.loads(next(lines)) == RECORDS[0]
    assert [json.loads(line) for line in lines] == RECORDS[1:]


def test_records_have_the_readings_fields_and_failures_their_error():
    assert list(RECORDS[0])[:3] == ["file", "page", "text"]
    assert RECORDS[0]["characters"][0]["box"] == [2, 1, 7, 9]
    assert RECORDS[1]["reason"] == "ambiguous"
    assert RECORDS[2] == {"file": "c.png", "error": "c.png: damaged"}


def test_csv_is_a_table_with_a_header():
    rows = list(csv.DictReader(io.StringIO("".join(write_csv(RECORDS)))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["text"] for row in rows] == ["42", "l3", ""]
    assert [row["accepted"] for row in rows] == ["true", "false", ""]
    assert rows[2]["error"] == "c.png: damaged"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("x")'])
def test_no_cell_is_a_formula(text):
    written = "".join(write_csv([{**RECORDS[0], "text": text, "file": text}]))
    row = list(csv.reader(io.StringIO(written)))[1]
    assert row[0] == row[2] == f"'{text}"


def test_a_cell_with_line_breaks_and_quotes_comes_back():
    written = "".join(write_csv([{**RECORDS[0], "text": 'a "b"\n,c'}]))
    assert list(csv.reader(io.StringIO(written)))[1][2] == 'a "b"\n,c'


def test_a_row_file_takes_its_place_at_the_end(tmp_path):
    place = tmp_path / "rows"
    place.write_text("old")
    place.chmod(0o640)
    (tmp_path / "link").symlink_to(place)
    file = RowFile(tmp_path / "link")
    file.write("new\n")
    assert (place.read_text(), file.part.read_text()) == ("old", "new\n")
    file.finish()
    assert (tmp_path / "link").is_symlink()
    assert (place.read_text(), place.stat().st_mode & 0o777) == ("new\n", 0o640)
    assert not file.part.exists()


def test_a_link_in_the_way_of_the_rows_is_not_followed(tmp_path):
    (tmp_path / "other").write_text("other")
    (tmp_path / "rows.part").symlink_to(tmp_path / "other")
    file = RowFile(tmp_path / "rows")
    file.write("new\n")
    file.finish()
    assert [(tmp_path / name).read_text() for name in ("rows", "other")] == ["new\n", "other"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told_and_the_old_file_kept(tmp_path):
    (tmp_path / "rows").write_text("old")
    file = RowFile(tmp_path / "rows")
    file._file.close()
    file._file = Path("/dev/full").open("w")  # noqa: SIM115
    with pytest.raises(StorageError, match="rows: could not be written: No space left"):
        file.write("new\n")
    file.stop(keep=True)
    assert (tmp_path / "rows").read_text() == "old"
    full = RowFile(Path("/dev/full"))
    with pytest.raises(StorageError, match="/dev/full: could not be written"):
        full.write("new\n")
    full.stop(keep=True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_named_pipe_is_written_directly(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    got = []
    reading = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_text()))
    reading.start()
    file = RowFile(tmp_path / "pipe")
    file.write("new\n")
    file.finish()
    file.stop(keep=True)
    reading.join(10)
    assert got == ["new\n"]
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


@pytest.mark.parametrize("name", [".", "none/rows", "a\0b"])
def test_a_place_that_cannot_be_written_is_refused(tmp_path, name):
    with pytest.raises(StorageError, match="cannot be written"):
        RowFile(tmp_path / name)
    assert not list(tmp_path.iterdir())
