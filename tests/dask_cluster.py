"""A Dask cluster of real processes, any of which a test may end."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent


class Cluster:
    """A Dask scheduler and workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self.start_scheduler("127.0.0.1:0")

    def start_scheduler(self, where: str) -> None:
        file = self._folder / "scheduler.json"
        file.unlink(missing_ok=True)
        host, port = where.split(":")
        self.scheduler = self._run(
            "scheduler", "--host", host, "--port", port, "--no-dashboard", "--scheduler-file",
            str(file), "--no-jupyter",
        )  # fmt: skip
        wait_for(lambda: file.exists() and file.stat().st_size > 0)
        self.address = json.loads(file.read_text())["address"]

    def add_worker(
        self, *options: str, again: bool = False, path: str = ""
    ) -> subprocess.Popen[bytes]:
        """With ``again``, one takes its place whenever it ends, as a cluster's manager does.

        Modules are looked for in ``path`` first.
        """
        worker = self._run(
            "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
            "--local-directory", str(self._folder), *options, again=again, path=path,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def _run(self, *words: str, again: bool = False, path: str = "") -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *words]
        if again:
            command = ["sh", "-c", f"while :; do {shlex.join(command)}; done"]
        settings = {
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, (path, str(ROOT)))),  # the tests' own work
        }
        return subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env=os.environ | settings,
            start_new_session=True,
        )

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    assert condition()
