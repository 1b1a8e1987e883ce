"""A PostgreSQL server for a test run: its own cluster, in a temporary folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

PROGRAMS = ("initdb", "pg_ctl")
USER = "postgres"  # root may not run a server
PASSWORD = "very+secret"


def find_programs() -> dict[str, str]:
    """Paths of PostgreSQL's programs that are installed, by name; Debian keeps them off PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, folders)])
    found = {name: shutil.which(name, path=path) for name in PROGRAMS}
    return {name: program for name, program in found.items() if program}


class Cluster:
    """A cluster that listens on a free port of 127.0.0.1 alone, and asks for passwords."""

    def __init__(self, folder: Path, programs: dict[str, str]) -> None:
        self.folder = folder
        self.programs = programs
        self.port = _free_port()
        self._log = folder / "log"
        self._pid_file = folder / "cluster" / "postmaster.pid"
        self._n_made = 0
        # Root becomes the user that Debian's package makes; others stay themselves.
        self._who: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._who = {"user": USER, "group": USER, "extra_groups": []}
            shutil.chown(folder, USER, USER)
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self._run("initdb", "-U", USER, f"--pwfile={secret}", "-A", "scram-sha-256",
                  "-E", "UTF8", "--locale=C")  # fmt: skip

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k ''"
        self._run("pg_ctl", "start", "-w", "-l", str(self._log), "-o", options)

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "stop", "-w", "-m", mode)

    def kill(self) -> None:
        """End the server and all that it has started with -9, and wait until they are gone."""
        main = self._pid()
        os.kill(main, signal.SIGSTOP)  # so that it starts no more
        workers = _children(main)
        for pid in (main, *workers):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(map(_runs, (main, *workers))):
            time.sleep(0.01)
        # Until somebody asks for its exit code a dead process still has its number, and a new
        # server would take it for a living one.
        self._pid_file.unlink()

    def make_database(self, *, encoding: str = "UTF8") -> str:
        """Make an empty database, and give its URL."""
        return self.url(self._make("DATABASE", f"ENCODING '{encoding}' TEMPLATE template0"))

    def make_schema(self) -> str:
        """Make what is as good as an empty database, but is made in a moment; give its URL."""
        return f"{self.url(USER)}?options=-csearch_path%3D{self._make('SCHEMA')}"

    def url(self, database: str, *, user: str = USER, password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def _make(self, kind: str, how: str = "") -> str:
        self._n_made += 1
        name = f"feedback_{self._n_made}"
        with psycopg.connect(self.url(USER), autocommit=True) as connection:
            connection.execute(f"CREATE {kind} {name} {how}".encode())
        return name

    def _pid(self) -> int:
        return int(self._pid_file.read_text().split()[0])

    def _run(self, program: str, *arguments: str) -> None:
        command = [self.programs[program], "-D", str(self.folder / "cluster"), *arguments]
        # Not through pipes: the server keeps them open.
        with (self.folder / "said").open("w") as said:
            done = subprocess.run(
                command, stdout=said, stderr=said, cwd=self.folder, timeout=100, **self._who
            )
        files = [path for path in (self.folder / "said", self._log) if path.exists()]
        assert done.returncode == 0, "\n".join(path.read_text() for path in files)


@contextlib.contextmanager
def run_cluster() -> Iterator[Cluster]:
    """Make a cluster, start it, and at the end stop it and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="hdalr-postgresql-"))
    cluster = Cluster(folder, find_programs())
    try:
        cluster.start()
        yield cluster
    finally:
        with contextlib.suppress(AssertionError):  # a test may have ended it
            cluster.stop("immediate")
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
