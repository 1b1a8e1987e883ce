"""Who runs the rows: this process one after the other, or several processes at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hdalr.datasets.dataset import Dataset
from hdalr.errors import HdalrError, StorageError, in_words
from hdalr.evaluation.records import Record
from hdalr.experiment.pool import held_dataset, open_pool, put_down
from hdalr.experiment.row import Row, run_row

Result = Record | HdalrError  # a record, or why there is none
GIVEN_UP = HdalrError("its process was ended; start again to go on")


@dataclass(frozen=True)
class Task:
    """A row to run, with its fingerprint."""

    row: Row
    key: str


def run_here(
    tasks: list[Task], dataset: Dataset, on_progress: Callable[[str, Any], None] | None
) -> Iterator[tuple[Task, Result]]:
    """Run the rows in this process, in order; a row that fails gives its error."""
    for task in tasks:
        tell = None if on_progress is None else partial(on_progress, task.row.recipe.name)
        yield task, _attempt(task, dataset, tell)


def run_in_processes(
    tasks: list[Task], dataset: Dataset, jobs: int
) -> Iterator[tuple[Task, Result]]:
    """Run the rows in ``jobs`` processes that share the cores, and yield them as they end.

    If a process is ended from outside, all that were running are lost with it. Their rows run
    again at the end, one at a time; one that is lost again is given up.
    """
    waiting, lost = deque(tasks), deque[Task]()
    with put_down(dataset) as path:
        while waiting:
            for task, result in _run_pool(waiting, path, jobs):
                if result is None:
                    lost.append(task)
                else:
                    yield task, result
        while lost:
            for task, result in _run_pool(lost, path, 1):
                yield task, GIVEN_UP if result is None else result


def _run_pool(waiting: deque[Task], path: Path, jobs: int) -> Iterator[tuple[Task, Result | None]]:
    """Run waiting rows in one pool until none is left or it breaks; None for a lost row."""
    with open_pool(path, jobs) as pool:
        running: dict[Future[Result], Task] = {}
        broken = False
        while running or (waiting and not broken):
            while waiting and not broken and len(running) < jobs:
                task = waiting.popleft()
                running[pool.submit(_attempt_in_worker, task)] = task
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                task = running.pop(future)
                lost = isinstance(future.exception(), BrokenProcessPool)
                broken = broken or lost
                yield task, None if lost else future.result()


def _attempt_in_worker(task: Task) -> Result:
    return _attempt(task, held_dataset(), None)


def _attempt(task: Task, dataset: Dataset, on_progress: Callable[[Any], None] | None) -> Result:
    try:
        return run_row(task.row, dataset, task.key, on_progress)
    except StorageError:
        raise
    except HdalrError as error:
        return error
    except Exception as error:  # the other rows shall run whatever this one does
        return HdalrError(in_words(error))
