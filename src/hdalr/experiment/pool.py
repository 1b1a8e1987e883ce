"""Processes that share the cores and hold one data set."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from hdalr.datasets.dataset import Dataset


@contextmanager
def put_down(dataset: Dataset) -> Iterator[Path]:
    """Write the data set to a temporary file, from which the processes of a pool take it."""
    with tempfile.TemporaryDirectory(prefix="hdalr-") as folder:
        path = Path(folder) / "dataset"  # a pipe would block for ever if its reader were killed
        path.write_bytes(pickle.dumps(dataset))
        yield path


def open_pool(path: Path, jobs: int) -> ProcessPoolExecutor:
    """A pool of ``jobs`` new processes, each with its share of the cores and the data set."""
    return ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin_worker,
        initargs=(path, max(1, (os.cpu_count() or 1) // jobs)),
    )


def held_dataset() -> Dataset:
    """The data set of this process, if it is one of a pool."""
    return _dataset


_dataset: Dataset  # of a process of a pool


def _begin_worker(path: Path, threads: int) -> None:
    global _dataset
    _dataset = pickle.loads(path.read_bytes())  # written by put_down a moment ago
    os.environ["OMP_NUM_THREADS"] = str(threads)  # read by torch when it is loaded
