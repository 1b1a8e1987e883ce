"""Who runs the rows: this process one after the other, or the workers of a cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from hdalr.cluster import open_cluster, spread
from hdalr.datasets.dataset import Dataset
from hdalr.errors import HdalrError, StorageError, in_words
from hdalr.evaluation.records import Record
from hdalr.experiment.row import Row, run_row
from hdalr.recipes.recipe import Recipe

if TYPE_CHECKING:
    from distributed import Client

Result = Record | HdalrError  # a record, or why there is none
GPU = "GPU"  # what a worker with one declares: dask worker --resources GPU=1


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


def run_on_cluster(
    tasks: list[Task], dataset: Dataset, jobs: int, address: str | None = None
) -> Iterator[tuple[Task, Result]]:
    """Run the rows on workers, see `hdalr.cluster.open_cluster`, and yield them as they end.

    The data set is sent to each worker once. A row that is lost with its worker runs again. The
    folds of a grid search are spread as well. Nets go to workers that declare a GPU, if any does.

    Raises
    ------
    ClusterError
        If the cluster cannot be reached, or is lost.
    StorageError
        If a checkpoint cannot be written.
    """
    from hdalr.experiment.held import hold

    waiting = iter(tasks)
    with open_cluster(jobs, address) as client, hold(client, dataset) as name:
        work, ask = partial(_attempt_there, name), partial(next, waiting, None)
        needs = needs_of(client, lambda task: task.row)
        # All at once: what waits for a GPU shall not keep the other workers idle.
        for task, outcome in spread(client, work, ask, ahead=len(tasks), needs=needs):
            if isinstance(outcome, StorageError):
                raise outcome
            failed = isinstance(outcome, Exception) and not isinstance(outcome, HdalrError)
            yield task, HdalrError(in_words(outcome)) if failed else outcome


class Asked(Protocol):
    """What says on which device a recipe shall run."""

    @property
    def recipe(self) -> Recipe:
        """Which recipe."""
        ...

    @property
    def device(self) -> str:
        """``"auto"``, ``"cpu"`` or ``"cuda"``."""
        ...


def needs_of(client: Client, asked_of: Callable[[Any], Asked]) -> Callable[[Any], dict[str, float]]:
    """What a worker must declare to do an item: a GPU for nets, if asked for or if there is one.

    Parameters
    ----------
    client
        From `hdalr.cluster.open_cluster`.
    asked_of
        Recipe and device of an item.
    """
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    suited = {"cuda", "auto"} if any(GPU in one["resources"] for one in workers) else {"cuda"}

    def needs(item: Any) -> dict[str, float]:
        asked = asked_of(item)
        if asked.device not in suited:
            return {}
        return {GPU: 1} if asked.recipe.build().trains_in_epochs else {}

    return needs


def _attempt_there(name: str, task: Task) -> Result:
    """On a worker; a results folder that is not there keeps no checkpoints."""
    from hdalr.experiment.held import held_dataset

    checkpoint = task.row.checkpoint
    if checkpoint is not None and not checkpoint.parent.parent.is_dir():
        task = replace(task, row=replace(task.row, checkpoint=None))
    with _folds_spread(task.row):
        return _attempt(task, held_dataset(name), None)


def _folds_spread(row: Row) -> contextlib.AbstractContextManager[Any]:
    """Let joblib send what a grid search fits to the other workers."""
    if not row.recipe.build().fits_folds:
        return contextlib.nullcontext()
    from joblib import parallel_config

    return cast(contextlib.AbstractContextManager[Any], parallel_config(backend="dask"))


def _attempt(task: Task, dataset: Dataset, on_progress: Callable[[Any], None] | None) -> Result:
    try:
        return run_row(task.row, dataset, task.key, on_progress)
    except StorageError:
        raise
    except HdalrError as error:
        return error
    except Exception as error:  # the other rows shall run whatever this one does
        return HdalrError(in_words(error))
