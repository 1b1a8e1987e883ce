"""`hdalr serve` as a user types it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

pytest.importorskip("uvicorn", reason="needs the extra serve")

from hdalr.cli import serve as command
from hdalr.errors import DataError, HdalrError, ParameterError, StorageError

app = typer.Typer()
app.command()(command.serve)
run = CliRunner().invoke
TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (b"", ParameterError, "the token has 0 characters; expected at least 16"),
        (b"short\n", ParameterError, "the token has 5 characters"),
        (b"0123456789 0123456789", ParameterError, "without blanks"),
        (b"\xff" * 40, DataError, "no ASCII text"),
        (b"x" * 5000, DataError, "more than 4096 bytes; expected a token"),
        (None, DataError, "cannot be read"),
    ],
)
def test_a_bad_token_file_is_refused(
    tmp_path: Path, content: bytes | None, error: type[HdalrError], said: str
) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    done = run(app, ["--no-feedback", "--token-file", str(path)])
    assert isinstance(done.exception, error)
    assert said in str(done.exception)
    assert content is None or content.strip() == b"" or content not in str(done.exception).encode()


def test_the_environments_token_is_checked_too() -> None:
    done = run(app, ["--no-feedback"], env={"HDALR_TOKEN": "abc"})
    assert "HDALR_TOKEN: the token has 3 characters" in str(done.exception)


def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(app, ["--no-feedback", "--port", str(port)])
    assert isinstance(done.exception, ParameterError)
    assert f"cannot listen on 127.0.0.1, port {port}" in str(done.exception)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        (["--no-feedback", "--report", "no.html"], ParameterError, "hdalr compare writes one"),
        (["--no-feedback", "--host", "no-such-host.invalid"], ParameterError, "cannot listen"),
        (["--database", "mysql://x:secret@y/z"], HdalrError, "mysql"),
        (["--database", "sqlite:////proc/no/where.sqlite"], StorageError, "where.sqlite"),
    ],
)
def test_what_cannot_be_served_is_told(
    options: list[str], error: type[HdalrError], said: str
) -> None:
    done = run(app, ["--port", "0", *options])
    assert isinstance(done.exception, error)
    assert said in str(done.exception)
    assert "secret" not in str(done.exception)


@pytest.mark.parametrize(
    ("ending", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 130)]
)
def test_it_serves_until_it_is_told_to_end(tmp_path: Path, ending: int, code: int) -> None:
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "HDALR_TOKEN": TOKEN}
    environment.pop("HDALR_DATABASE_URL", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "hdalr", "serve", "--port", "0"],
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        assert process.stderr is not None
        address = process.stderr.readline().split()[0]
        assert address.startswith("http://127.0.0.1:")
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{address}readyz", timeout=10)
                break
            except OSError:
                pass
        with urllib.request.urlopen(f"{address}v1/models", timeout=10) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.request.HTTPError, match="401"):
            urllib.request.urlopen(f"{address}metrics", timeout=10)
        process.send_signal(ending)
        assert process.wait(20) in (code, 0)
    finally:
        process.kill()
        process.stderr.close()
    assert [path.name for path in (tmp_path / "hdalr").glob("*.sqlite")] == ["feedback.sqlite"]


def test_a_server_for_others_without_a_token_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_listen", lambda *_: (_ for _ in ()).throw(ParameterError("end")))
    done = run(app, ["--no-feedback", "--host", "0.0.0.0"])
    assert "whoever reaches 0.0.0.0 can use this server" in done.stderr
    quiet = run(app, ["--no-feedback", "--host", "0.0.0.0"], env={"HDALR_TOKEN": TOKEN})
    assert "whoever" not in quiet.stderr
