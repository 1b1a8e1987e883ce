"""The run of a bulk reading: chunks out to the workers, rows into the store, bounded on the way."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from hdalr import __version__
from hdalr.bulk.inputs import Input, list_inputs
from hdalr.bulk.store import Store
from hdalr.bulk.work import Answer, Order, Setup, answer_all, failure, name_bundles
from hdalr.cluster import Threads, check_workers, open_cluster, spread
from hdalr.errors import ClusterError, DataError, HdalrError, WorkerLostError, in_words
from hdalr.reading.reader import Reader
from hdalr.reading.request import Options, make_request

CHUNK = 100  # pictures that a worker is given at a time, at most
FIRST_CHUNK = 10  # before it is known how long they take
CHUNK_SECONDS = 1.0  # long beside the milliseconds that a task costs, short beside a lost worker
LAST_CHUNKS = 4  # for each worker, that share what is left towards the end
SHORTEST = 4  # of the usual pictures, the last chunks have this part or more
MOST_LOST = 2_000  # pictures that are read alone since their chunks have cost their workers
RECENT_SECONDS = 30.0
AHEAD = 2  # chunks under way for each worker
Chunk = tuple[Order, ...]


@dataclass(frozen=True)
class Bulk:
    """What to read, how, and where the rows go.

    Attributes
    ----------
    arguments
        See `hdalr.bulk.inputs.list_inputs`.
    folder
        Of the Parquet files: a path, or a URL that fsspec knows.
    models
        Bundles by name or folder, which the workers must find too; none for those that ship.
    options
        Of `hdalr.reading.reader.Reader.read`.
    jobs
        Processes of this machine.
    cluster
        Address of a Dask scheduler: the pictures are fetched and read by its workers.
    """

    arguments: Sequence[str]
    folder: str
    models: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)
    jobs: int = 1
    cluster: str | None = None


@dataclass(frozen=True)
class BulkProgress:
    """How far a bulk reading is.

    Attributes
    ----------
    n_done, n_failed, n_kept
        Inputs that are done; of these, such as could not be read, and such as an earlier run
        had read.
    n_all
        Inputs in all; None while they are still counted.
    seconds
        Since the run began to read.
    recent_rate
        Inputs a second of late: an old run's inputs are only compared, which is quick.
    """

    n_done: int
    n_failed: int
    n_kept: int
    n_all: int | None
    seconds: float
    recent_rate: float = 0.0

    @property
    def rate(self) -> float:
        """Inputs a second, from the beginning."""
        return self.n_done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the recent rate; None while it is not known."""
        if self.n_all is None or not self.recent_rate:
            return None
        return max(self.n_all - self.n_done, 0) / self.recent_rate


def read_in_bulk(
    plan: Bulk,
    on_progress: Callable[[BulkProgress], None] | None = None,
    on_failure: Callable[[str], None] | None = None,
) -> BulkProgress:
    """Read all pictures; afterwards the folder holds one row for each page of each input.

    Started again after it was stopped, it goes on: an input whose bytes are those of its row is
    fetched, but not read again. Rows of inputs that are no longer given are removed, unless some
    inputs could not be listed: then it is not known which are still there.

    Parameters
    ----------
    plan
        What to read.
    on_progress
        Called after each chunk.
    on_failure
        Called with the error of each input that could not be read now.

    Returns
    -------
    BulkProgress
        Of the end.

    Raises
    ------
    ClusterError
        If the cluster cannot be reached, or is lost; what is finished is kept.
    DataError
        If there is nothing to read.
    ParameterError, UnknownNameError
        If an option is not allowed, or the folder holds rows that were read with other ones.
    StorageError
        If the folder cannot be written, or another run is writing there.
    """
    check_workers(plan.jobs, plan.cluster)
    setup, settings = _check(plan)
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(Store(plan.folder, settings))
        count = stack.enter_context(_Count(plan.arguments))
        tally = _Tally(count, on_progress, on_failure)
        listing = _Listing(plan.arguments)
        for answers in _read(plan, setup, store, listing, count):
            tally.add(answers, store.add(answers))
        if not tally.n_done:
            raise DataError(
                f"{', '.join(plan.arguments)}: no picture was found; expected files, folders, "
                "globs, URLs or manifests (.jsonl)"
            )
        if listing.is_whole:
            store.forget_others()
        store.finish()
        return tally.progress()


def _check(plan: Bulk) -> tuple[Setup, dict[str, Any]]:
    """Load and compile all; how workers read, and what the rows depend on, as plain values."""
    models = tuple(str(Path(one).resolve()) if Path(one).is_dir() else one for one in plan.models)
    reader = Reader(models or None)
    reader.prepare(**plan.options)
    setup = Setup(models, plan.options, __version__, name_bundles(reader))
    request = make_request(**plan.options)
    asked = {field.name: _plain(getattr(request, field.name)) for field in fields(request)}
    return setup, {"hdalr": __version__, "bundles": list(setup.bundles), **asked}


def _plain(value: Any) -> Any:
    """A word list as its digest: it may be long, and stands in every file."""
    if isinstance(value, tuple):
        return hashlib.sha256("\n".join(value).encode()).hexdigest()[:16]
    return value.value if isinstance(value, Enum) else value


class _Listing:
    """The inputs, one after the other, and whether all could be listed so far."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._inputs = list_inputs(arguments)
        self.is_whole = True

    def __iter__(self) -> Iterator[Input]:
        for one in self._inputs:
            self.is_whole = self.is_whole and not one.fault
            yield one


def _read(
    plan: Bulk, setup: Setup, store: Store, listing: _Listing, count: _Count
) -> Iterator[list[Answer]]:
    inputs, pace = iter(listing), _Pace(count)

    def ask() -> Chunk | None:
        chunk = pace.take(inputs)
        known = store.known(one.path for one in chunk)
        return tuple(Order(one, known.get(one.path)) for one in chunk) or None

    work = partial(answer_all, setup)
    if plan.cluster is None and plan.jobs == 1:
        while (chunk := ask()) is not None:
            yield pace.note(*work(chunk))
        return
    with open_cluster(plan.jobs, plan.cluster) as client:
        pace.threads = Threads(client)
        lost: list[Chunk] = []  # single pictures of chunks that have cost their workers
        for chunk, outcome in spread(client, work, ask, ahead=AHEAD, threads=pace.threads):
            if not isinstance(outcome, Exception):
                yield pace.note(*outcome)
                continue
            lost += [(order,) for order in _with_its_worker(chunk, outcome)]
            if len(lost) > MOST_LOST:
                raise ClusterError(
                    f"{len(lost)} pictures have cost their workers: something is wrong with the "
                    "workers; what is finished is kept"
                )
        alone = partial(next, iter(lost), None)  # so that it is clear which of them it was
        for (order,), outcome in spread(client, work, alone, most=1):
            if not isinstance(outcome, Exception):
                yield pace.note(*outcome)
                continue
            for guilty in _with_its_worker((order,), outcome):
                path = guilty.input.path
                yield [failure(path, None, f"{path}: {in_words(outcome)}")]


def _with_its_worker(chunk: Chunk, error: Exception) -> Chunk:
    """The chunk again, if it was lost with its workers; all else is wrong with every chunk."""
    if isinstance(error, WorkerLostError):
        return chunk
    if isinstance(error, HdalrError):
        raise error
    raise ClusterError(f"the workers cannot read: {in_words(error)}") from error


class _Pace:
    """How many pictures make a chunk: those of about a second, by the chunks that came back.

    Several workers are given a share of those that are left towards the end, so that they end
    together: guided self-scheduling (Polychronopoulos and Kuck 1987).
    """

    def __init__(self, count: _Count) -> None:
        self.threads: Threads | None = None
        self._count = count
        self._usual = min(FIRST_CHUNK, CHUNK)
        self._n_taken = 0

    def take(self, inputs: Iterator[Input]) -> list[Input]:
        """The pictures of the next chunk."""
        size = self._usual
        if self.threads is not None and self._count.n_all is not None:
            left = self._count.n_all - self._n_taken
            share = left // (LAST_CHUNKS * self.threads.count())
            size = min(size, max(share, size // SHORTEST, 1))
        chunk = list(islice(inputs, size))
        self._n_taken += len(chunk)
        return chunk

    def note(self, answers: list[Answer], seconds: float) -> list[Answer]:
        """Learn from a chunk; its answers are passed on."""
        self._usual = min(CHUNK, max(1, round(CHUNK_SECONDS * len(answers) / seconds)))
        return answers


class _Tally:
    """Counts what is done, and tells of it."""

    def __init__(
        self,
        count: _Count,
        on_progress: Callable[[BulkProgress], None] | None,
        on_failure: Callable[[str], None] | None,
    ) -> None:
        self._count, self._on_progress, self._on_failure = count, on_progress, on_failure
        self._began = time.perf_counter()
        self._recent = deque([(self._began, 0)])  # times, and inputs that were done by then
        self.n_done = self._n_failed = self._n_kept = 0

    def add(self, answers: Sequence[Answer], n_failed: int) -> None:
        self.n_done += len(answers)
        self._n_failed += n_failed
        self._n_kept += sum(answer.rows is None for answer in answers)
        if self._on_failure is not None:
            for answer in answers:
                if answer.error is not None:
                    self._on_failure(answer.error)
        if self._on_progress is not None:
            self._on_progress(self.progress())

    def progress(self) -> BulkProgress:
        now = time.perf_counter()
        self._recent.append((now, self.n_done))
        while len(self._recent) > 2 and self._recent[1][0] < now - RECENT_SECONDS:
            self._recent.popleft()
        since, done_by_then = self._recent[0]
        return BulkProgress(
            self.n_done,
            self._n_failed,
            self._n_kept,
            self._count.n_all,
            now - self._began,
            (self.n_done - done_by_then) / max(now - since, 1e-6),
        )


class _Count:
    """Counts the inputs beside the reading, so that the time left can be told."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments, self._stopped = arguments, threading.Event()
        self.n_all: int | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> _Count:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(timeout=1.0)  # a listing that hangs ends with the process

    def _run(self) -> None:
        n_all = 0
        with contextlib.suppress(Exception):  # the run itself meets it too, and tells
            for _ in list_inputs(self._arguments):
                n_all += 1
                if self._stopped.is_set():
                    return
            self.n_all = n_all
