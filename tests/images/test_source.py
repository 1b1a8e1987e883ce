import io
import os
import threading
from pathlib import Path

import pytest

from hdalr.errors import DataError
from hdalr.images import source
from hdalr.images.source import read_file, read_path


def refusal(path):
    with pytest.raises(DataError) as error:
        read_path(path)
    return str(error.value)


def test_a_file_is_read_whole_and_left_as_it_is(tmp_path):
    path = tmp_path / "a"
    content = os.urandom(3 * source.PIECE_BYTES + 5)
    path.write_bytes(content)
    path.chmod(0o400)
    assert read_path(path) == content
    assert path.stat().st_size == len(content)


def test_an_open_file_is_read_from_where_it_stands():
    file = io.BytesIO(b"header, picture")
    file.seek(8)
    assert read_file(file, "a") == b"picture"


def test_a_link_is_followed(tmp_path):
    (tmp_path / "a").write_bytes(b"here")
    (tmp_path / "b").symlink_to("a")
    assert read_path(tmp_path / "b") == b"here"


def test_what_is_no_regular_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, said in (
        (tmp_path / "pipe", "no regular file"),
        (Path("/dev/zero"), "no regular file"),
        (tmp_path, "a folder"),
    ):
        assert refusal(path) == f"{path}: {said}; expected a picture file"


def test_a_file_exchanged_for_a_pipe_is_refused_at_once(tmp_path, monkeypatch):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    regular = (tmp_path / "a").write_bytes(b"x") and (tmp_path / "a").stat()
    monkeypatch.setattr(Path, "stat", lambda *_, **__: regular)
    messages = []
    thread = threading.Thread(target=lambda: messages.append(refusal(path)), daemon=True)
    thread.start()
    thread.join(10)
    assert messages == [f"{path}: no regular file; expected a picture file"]


def test_a_loop_of_links_a_missing_and_a_forbidden_file_are_named(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    for name in ("a", "missing"):
        assert refusal(tmp_path / name).startswith(f"{tmp_path / name}: cannot be read: ")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_forbidden_file_is_named(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"x")
    path.chmod(0)
    assert "cannot be read" in refusal(path)


def test_a_zero_byte_in_a_name_is_refused():
    assert "no path: embedded null byte" in refusal(Path("a\0b"))


def test_the_largest_size_is_allowed_and_one_byte_more_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "MAX_BYTES", 10)
    path = tmp_path / "a"
    path.write_bytes(bytes(10))
    assert len(read_path(path)) == 10
    path.write_bytes(bytes(11))
    assert refusal(path) == f"{path}: more than 10 bytes; expected at most that many"
    with pytest.raises(DataError, match="more than 10 bytes"):
        read_file(io.BytesIO(bytes(11)), "stream")


def test_an_endless_file_is_given_up(monkeypatch):
    monkeypatch.setattr(source, "MAX_BYTES", 10 * source.PIECE_BYTES)
    with Path("/dev/zero").open("rb") as file, pytest.raises(DataError, match="more than"):
        read_file(file, "zeros")


def test_text_and_closed_files_are_refused():
    with pytest.raises(DataError, match="gives str; expected bytes, from a file opened in binary"):
        read_file(io.StringIO("text"), "a")
    closed = io.BytesIO(b"x")
    closed.close()
    with pytest.raises(DataError, match="a: cannot be read: I/O operation on closed file"):
        read_file(closed, "a")
