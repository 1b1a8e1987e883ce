"""Several trials at a time, each in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from hdalr.datasets.dataset import Dataset
from hdalr.errors import HdalrError
from hdalr.experiment.pool import held_dataset, open_pool, put_down
from hdalr.experiment.trial import Task, Verdict, judge


def judge_in_processes(
    ask: Callable[[], tuple[int, Task] | None], dataset: Dataset, jobs: int
) -> Iterator[tuple[int, Verdict]]:
    """Judge what ``ask`` gives until it gives nothing, ``jobs`` at a time that share the cores.

    Parameters
    ----------
    ask
        Called whenever a process is free, after the last verdict has been yielded; a number to
        know the trial by, and what to judge.
    dataset
        As `hdalr.experiment.trial.without_test_part` gives it.
    jobs
        Processes.

    Raises
    ------
    HdalrError
        If a process was ended from outside; what the others were running is lost with it.
    """
    with put_down(dataset) as path, open_pool(path, jobs) as pool:
        running: dict[Future[Verdict], int] = {}
        while _fill(pool, running, ask, jobs):
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), _result(future)


def _fill(
    pool: ProcessPoolExecutor,
    running: dict[Future[Verdict], int],
    ask: Callable[[], tuple[int, Task] | None],
    jobs: int,
) -> bool:
    """Keep all processes busy; whether anything is running."""
    while len(running) < jobs and (asked := ask()) is not None:
        number, task = asked
        running[pool.submit(_judge, task)] = number
    return bool(running)


def _result(future: Future[Verdict]) -> Verdict:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise HdalrError(
            "a process was ended from outside, perhaps for want of memory; what had ended is "
            "kept; start again to go on, with fewer --jobs"
        ) from error


def _judge(task: Task) -> Verdict:
    return judge(task, held_dataset())
