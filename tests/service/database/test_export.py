"""A folder of corrections: whole or not there, and read by others as it was meant."""

from __future__ import annotations

import itertools
import json
import os
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hdalr.errors import ParameterError, StorageError
from hdalr.reading.truth import LONGEST_TEXT, find_unlabelled, read_truth
from hdalr.service.database import Correction, NewCorrection, Store, export_corrections

PNG = b"\x89PNG\r\n\x1a\n and so on"
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from('",\r\n =')
)
NOW = datetime(2026, 1, 31, 18, 30, tzinfo=UTC)
SLOWLY = """
import sys, time
from pathlib import Path
from hdalr.service.database import Store, export_corrections

with Store(sys.argv[1]) as store:
    def each():
        for correction in store:
            yield correction
            print("written", flush=True)
            time.sleep(0.05)
    export_corrections(each(), Path(sys.argv[2]))
"""


def make(text: str = "7", picture: bytes = PNG, id: str = "0" * 32) -> Correction:
    reading = {"text": "1", "confidence": 0.5}
    return Correction(picture, text, reading, {}, {"digits": "a" * 64}, id=id, created=NOW)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_an_export_holds_pictures_labels_and_all_else(store, tmp_path):
    first = store.add(NewCorrection(PNG, "7", {"text": "1"}, {"n_best": 2}, {"digits": "a" * 64}))
    second = store.add(NewCorrection(b"\xff\xd8\xff and so on", 'Grüße,\n"Ada"'))
    folder = tmp_path / "out" / "corrections"
    assert export_corrections(store, folder) == 2
    files = [f"{first.id}.png", f"{second.id}.jpg"]
    assert names(folder) == {"labels.csv", "corrections.jsonl", *files}
    assert (folder / files[0]).read_bytes() == PNG
    assert read_truth(folder).texts == {files[0]: "7", files[1]: 'Grüße,\n"Ada"'}
    lines = (folder / "corrections.jsonl").read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    rows = [json.loads(line) for line in lines]
    assert rows == [
        {"file": file, **kept.to_dict()} for file, kept in zip(files, (first, second), strict=True)
    ]
    assert rows[0]["reading"] == {"text": "1"}
    assert rows[0]["models"] == {"digits": "a" * 64}


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
def test_every_text_comes_back_as_it_was(tmp_path, texts):
    made = [make(text, id=f"{n:032x}") for n, text in enumerate(texts)]
    export_corrections(made, tmp_path / "out")
    truth = read_truth(tmp_path / "out")
    assert list(truth.texts.values()) == texts
    assert truth.errors == ()
    assert find_unlabelled(tmp_path / "out") == []


@pytest.mark.parametrize(
    "text", ["=1+1", "-7", "+7", "@x", "\t=1", "'=1", " 7 ", '"', "", "\ufeff7", "7" * LONGEST_TEXT]
)
def test_a_text_that_a_spreadsheet_would_change_comes_back_as_it_was(tmp_path, text):
    export_corrections([make(text)], tmp_path / "out")
    assert list(read_truth(tmp_path / "out").texts.values()) == [text]


@pytest.mark.parametrize("reading", [{"text": "\ud800"}, {"\ud800": 1}])
def test_half_a_character_in_a_reading_is_refused(store, reading):
    with pytest.raises(ParameterError, match=r"reading: .* surrogates not allowed"):
        store.add(NewCorrection(PNG, "7", reading))
    assert store.count() == 0


@pytest.mark.parametrize(
    ("picture", "suffix"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff", "jpg"),
        (b"II*\0", "tif"),
        (b"GIF89a", "gif"),
        (b"BM", "bmp"),
        (b"P5 1 1", "ppm"),
        (b"RIFF....WEBP", "webp"),
        (b"%PDF-1.7", "pdf"),
        (b"Dear Sirs", "bin"),
    ],
)
def test_a_pictures_suffix_is_of_its_kind(tmp_path, picture, suffix):
    export_corrections([make(picture=picture)], tmp_path / "out")
    assert (tmp_path / "out" / f"{'0' * 32}.{suffix}").read_bytes() == picture


def test_only_its_owner_may_enter_the_folder(tmp_path):
    export_corrections([make()], tmp_path / "out")
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


def test_no_corrections_make_a_folder_without_rows(tmp_path):
    assert export_corrections([], tmp_path / "out") == 0
    assert (tmp_path / "out" / "labels.csv").read_text() == "file,text\n"


def test_an_earlier_export_is_replaced(tmp_path):
    export_corrections([make(id="a" * 32)], tmp_path / "out")
    export_corrections([make(id="b" * 32)], tmp_path / "out")
    assert names(tmp_path / "out") == {"labels.csv", "corrections.jsonl", f"{'b' * 32}.png"}
    assert names(tmp_path) == {"out"}


def test_an_empty_folder_and_a_link_to_one_are_filled(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    export_corrections([make()], tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert "labels.csv" in names(tmp_path / "real")


@pytest.mark.parametrize("place", ["out", "out.part", "out.old"])
def test_what_no_export_made_is_never_lost(tmp_path, place):
    export_corrections([make()], tmp_path / "out")
    (tmp_path / place).mkdir(exist_ok=True)
    (tmp_path / place / "thesis.txt").touch()
    with pytest.raises(StorageError, match=r"holds 'thesis\.txt', which no export made"):
        export_corrections([make()], tmp_path / "out")
    assert (tmp_path / place / "thesis.txt").exists()
    assert (tmp_path / "out" / "labels.csv").exists()


def test_a_file_in_its_place_is_left_alone(tmp_path):
    (tmp_path / "out").write_text("a letter")
    with pytest.raises(StorageError, match="out: could not be written: Not a directory"):
        export_corrections([make()], tmp_path / "out")
    assert (tmp_path / "out").read_text() == "a letter"


def test_an_export_that_fails_leaves_the_earlier_one(tmp_path):
    def fail():
        yield make(id="b" * 32)
        raise StorageError("the database is gone")

    export_corrections([make(id="a" * 32)], tmp_path / "out")
    before = names(tmp_path / "out")
    with pytest.raises(StorageError, match=r"^the database is gone$"):
        export_corrections(fail(), tmp_path / "out")
    assert names(tmp_path / "out") == before
    assert names(tmp_path) == {"out"}


def test_pictures_are_taken_one_at_a_time(tmp_path):
    part = tmp_path / "out.part"

    def watch():
        for n in range(5):
            yield make(id=f"{n:032x}")
            assert len(list(part.glob("*.png"))) == n + 1
            assert not (tmp_path / "out").exists()

    assert export_corrections(watch(), tmp_path / "out") == 5


def test_an_export_that_is_killed_leaves_nothing_half(url, tmp_path):
    with Store(url) as store:
        for n in range(20):
            store.add(NewCorrection(PNG, str(n)))
        folder = tmp_path / "exports" / "out"
        command = [sys.executable, "-c", SLOWLY, url, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            list(itertools.islice(process.stdout, 3))
            os.kill(process.pid, signal.SIGKILL)
        assert names(folder.parent) == {"out.part"}
        assert export_corrections(store, folder) == 20
    assert len(read_truth(folder).texts) == 20
    assert names(folder.parent) == {"out"}
