"""What a bulk reading is given: streamed, with what is wrong told in its place."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import fsspec
import pytest

from hdalr.bulk import fetching
from hdalr.bulk.fetching import Fetcher
from hdalr.bulk.inputs import Input, list_inputs
from hdalr.errors import DataError


def fetch(path: str) -> bytes:
    return Fetcher()(path)


def test_folders_files_and_globs_are_spelled_out_as_by_read(pictures: Path) -> None:
    (pictures / "notes.txt").write_text("none")
    (pictures / ".hidden.png").write_bytes(b"none")
    paths = [one.path for one in list_inputs([str(pictures)])]
    assert paths == sorted(str(path) for path in pictures.glob("0*.png"))
    assert [one.path for one in list_inputs([str(pictures / "0000[12].png")])] == paths[1:3]


def test_a_manifest_names_files_beside_it_anywhere_and_behind_urls(tmp_path: Path) -> None:
    names = ["scans/1.png", "/data/2.png", "s3://bucket/3.png"]
    lines = [json.dumps({"path": name, "batch": 7}) for name in names]
    (tmp_path / "all.jsonl").write_text("\n".join(lines) + "\n\n")
    assert [one.path for one in list_inputs([str(tmp_path / "all.jsonl")])] == [
        str(tmp_path / "scans/1.png"), "/data/2.png", "s3://bucket/3.png",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["{", "[]", "7", '{"file": "a.png"}', '{"path": 7}', '{"path": ""}',
             '{"path": "a\\u0000"}', "[" * 5000, "\x00" * 100]
)  # fmt: skip
def test_a_wrong_line_of_a_manifest_is_told_and_the_others_are_read(
    tmp_path: Path, line: str
) -> None:
    manifest = tmp_path / "all.jsonl"
    manifest.write_text(f'{{"path": "/a.png"}}\n{line}\n{{"path": "/b.png"}}\n')
    first, wrong, last = list_inputs([str(manifest)])
    assert (first, last) == (Input("/a.png"), Input("/b.png"))
    assert wrong.path == f"{manifest}:2"
    assert wrong.fault == f'{manifest}:2: expected a JSON object such as {{"path": "scans/1.png"}}'


def test_what_is_not_there_is_an_input_with_its_fault(tmp_path: Path) -> None:
    for missing in (str(tmp_path / "no.jsonl"), "memory://no/folder/", "foo://bar/a.png"):
        (one,) = list_inputs([missing])
        fault = one.fault
        if not fault:
            with pytest.raises(DataError) as caught:
                fetch(one.path)
            fault = str(caught.value)
        assert fault.startswith(f"{one.path}: cannot be read: ")


def test_a_folder_that_is_empty_or_closed_is_told(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pictures / "deep").mkdir()
    (empty,) = list_inputs([str(pictures / "deep")])
    assert empty.fault.startswith(f"{pictures / 'deep'}: no picture was found in it")
    fsspec.filesystem("memory").pipe("/bulk-empty/notes.txt", b"none")
    for url in ("memory://bulk-empty", "memory://bulk-empty/*.png"):
        (empty,) = list_inputs([url])
        assert empty.fault.startswith(f"{url}: no picture was found in it")

    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    *found, closed = list_inputs([str(pictures)])
    assert len(found) == 30
    assert closed == Input(
        str(pictures / "deep"), f"{pictures / 'deep'}: cannot be read: Permission denied"
    )


def test_folders_globs_and_files_behind_urls() -> None:
    files = fsspec.filesystem("memory")
    for name in ("a/1.png", "a/deep/2.JPG", "a/notes.txt", "a/.hid/3.png", "a/.4.png"):
        files.pipe(f"/bulk-inputs/{name}", name.encode())
    found = [one.path for one in list_inputs(["memory://bulk-inputs/a"])]
    assert [path.rsplit("/", 1)[1] for path in found] == ["1.png", "2.JPG"]
    assert [fetch(path) for path in found] == [b"a/1.png", b"a/deep/2.JPG"]
    (glob,) = list_inputs(["memory://bulk-inputs/a/*.png"])
    (file,) = list_inputs(["memory://bulk-inputs/a/1.png"])
    assert fetch(glob.path) == fetch(file.path) == b"a/1.png"


def test_pictures_in_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "scans.zip", "w") as archive:
        archive.writestr("b/2.png", b"two")
        archive.writestr("1.png", b"one")
        archive.writestr("readme.txt", b"none")
    inputs = list_inputs([f"zip://::{tmp_path}/scans.zip"])
    assert {one.path: fetch(one.path) for one in inputs} == {
        f"zip://1.png::{tmp_path}/scans.zip": b"one",
        f"zip://b/2.png::{tmp_path}/scans.zip": b"two",
    }


def test_an_archive_stays_open_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans, opened = tmp_path / "scans.zip", []
    open_storage = fetching.open_storage
    monkeypatch.setattr(
        fetching, "open_storage", lambda url: opened.append(url) or open_storage(url)
    )

    def pack(content: str) -> None:
        with zipfile.ZipFile(scans, "w") as archive:
            archive.writestr("a.png", content)
            archive.writestr("b.png", content)

    pack("one")
    for _ in range(2):
        fetcher = Fetcher()
        assert fetcher(f"zip://a.png::{scans}") == fetcher(f"zip://b.png::{scans}") == b"one"
    assert opened.count(f"zip://::{scans}") == 1
    pack("another")
    assert fetch(f"zip://a.png::{scans}") == b"another"
    assert opened.count(f"zip://::{scans}") == 2
    with pytest.raises(DataError, match=r"zip://c\.png::.*cannot be read"):
        fetch(f"zip://c.png::{scans}")


def test_a_file_behind_a_url_that_is_too_large_is_not_fetched_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hdalr.images.source.MAX_BYTES", 1000)
    fsspec.filesystem("memory").pipe("/bulk-large/a.png", bytes(100_000))
    with pytest.raises(DataError, match="more than 1000 bytes"):
        fetch("memory://bulk-large/a.png")


def test_a_folder_behind_a_url_that_cannot_be_listed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a/1.png", "b/2.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"picture")
    there = type(fsspec.filesystem("file"))
    ls = there.ls

    def refuse(self: object, path: str, **settings: object) -> object:
        if path.endswith("/b"):
            raise TimeoutError("the storage does not answer")
        return ls(self, path, **settings)

    monkeypatch.setattr(there, "ls", refuse)
    found = list(list_inputs([f"file://{tmp_path}"]))
    assert [one.path.rsplit("/", 1)[1] for one in found if not one.fault] == ["1.png"]
    assert "cannot be listed as a whole: TimeoutError: the storage" in found[-1].fault


def test_each_folder_that_a_glob_matches_is_looked_into(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "1.png").write_bytes(b"picture")
    found, empty = list_inputs([str(tmp_path / "*")])
    assert found == Input(str(tmp_path / "one" / "1.png"))
    assert "two: no picture was found in it" in empty.fault


def test_names_that_cannot_be_written_down_are_told(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.png")).write_bytes(b"picture")
    (tmp_path / "all.jsonl").write_text('{"path": "/a\\ud800.png"}\n')
    for argument in (str(tmp_path), str(tmp_path / "all.jsonl")):
        (wrong,) = list_inputs([argument])
        wrong.path.encode()
        assert "the name is not UTF-8" in wrong.fault


@pytest.mark.parametrize("argument", ["", "x" * 300, "\0", "a\0.jsonl", "missing/*.png"])
def test_what_is_no_path_is_told(argument: str) -> None:
    (wrong,) = list_inputs([argument])
    assert wrong.fault


def test_nothing_waits_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "all.jsonl")
    os.mkfifo(tmp_path / "a.png")
    (wrong,) = list_inputs([str(tmp_path / "all.jsonl")])
    assert "no regular file" in wrong.fault
    with pytest.raises(DataError, match="no regular file"):
        fetch(f"file://{tmp_path}/a.png")


def test_a_line_without_end_is_one_wrong_line(tmp_path: Path) -> None:
    manifest = tmp_path / "all.jsonl"
    manifest.write_bytes(
        b'{"path": "/a.png", "x": "' + b"x" * 350_000 + b'"}\n{"path": "/b.png"}\n'
    )
    wrong, good = list_inputs([str(manifest)])
    assert wrong.path == f"{manifest}:1"
    assert good == Input("/b.png")
