import os
from pathlib import Path

import pytest

from hdalr.errors import StorageError
from hdalr.storage import write_whole


def names(folder: Path) -> list[str]:
    return os.listdir(folder)  # noqa: PTH208 (hidden files too)


def test_a_file_is_written_in_new_folders_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.bin"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert path.stat().st_mode & 0o777 == 0o644
    assert names(path.parent) == ["a.bin"]


def test_a_name_as_long_as_names_can_be_is_written(tmp_path: Path) -> None:
    write_whole(tmp_path / ("a" * 255), b"all")
    assert names(tmp_path) == ["a" * 255]


@pytest.mark.parametrize(
    ("failure", "expected"),
    [(OSError(28, "No space left on device"), StorageError), (KeyboardInterrupt(), None)],
)
def test_what_stops_a_write_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException, expected: type | None
) -> None:
    path = tmp_path / "a.bin"
    write_whole(path, b"old")

    def fail(_: int) -> None:
        raise failure

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(expected or type(failure)):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("place", ["file/a.bin", "folder"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match=rf"{place}: could not be written: .*; free some space"):
        write_whole(tmp_path / place, b"new")
    assert sorted(names(tmp_path)) == ["file", "folder"]
