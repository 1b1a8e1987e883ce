"""Pictures of bundled digits for bulk readings, and a cluster of real processes."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from hdalr.datasets import load_dataset
from hdalr.datasets.dataset import Dataset

load_once = cache(load_dataset)


def draw(number: int) -> np.ndarray:
    """A bundled digit as dark ink on white paper, 64 x 64."""
    digits: Dataset = load_once("digits")
    digit = 255 - digits.test_images[number]
    large = cv2.resize(digit, (48, 48), interpolation=cv2.INTER_CUBIC)
    return cv2.copyMakeBorder(large, 8, 8, 8, 8, cv2.BORDER_CONSTANT, value=255)


def write_pictures(folder: Path, n: int) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:05d}.png" for number in range(n)]
    for number, path in enumerate(paths):
        cv2.imwrite(str(path), draw(number % 300))
    return paths


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of 30 digits."""
    write_pictures(tmp_path / "scans", 30)
    return tmp_path / "scans"


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

    def add_worker(self, *options: str, again: bool = False) -> subprocess.Popen[bytes]:
        """With ``again``, one takes its place whenever it ends, as a cluster's manager does."""
        worker = self._run(
            "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
            "--local-directory", str(self._folder), *options, again=again,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def _run(self, *words: str, again: bool = False) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *words]
        if again:
            command = ["sh", "-c", f"while :; do {shlex.join(command)}; done"]
        patience = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
        return subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env=os.environ | patience,
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


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler, still without workers."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    started = Cluster(folder)
    yield started
    started.end()
