"""Several trials at a time, on the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from operator import itemgetter

from hdalr.cluster import open_cluster, spread
from hdalr.datasets.dataset import Dataset
from hdalr.errors import HdalrError, in_words
from hdalr.experiment.trial import Task, Verdict, judge
from hdalr.experiment.workers import needs_of


def judge_on_cluster(
    ask: Callable[[], tuple[int, Task] | None],
    dataset: Dataset,
    jobs: int,
    address: str | None = None,
) -> Iterator[tuple[int, Verdict]]:
    """Judge what ``ask`` gives until it gives nothing, one trial a worker at a time.

    Parameters
    ----------
    ask
        Called whenever a worker is free, after the last verdict has been yielded; a number to
        know the trial by, and what to judge.
    dataset
        As `hdalr.experiment.trial.without_test_part` gives it.
    jobs, address
        See `hdalr.cluster.open_cluster`.

    Raises
    ------
    ClusterError
        If the cluster cannot be reached or is lost, or a trial has cost several workers.
    """
    from hdalr.experiment.held import hold

    with open_cluster(jobs, address) as client, hold(client, dataset) as name:
        needs = needs_of(client, itemgetter(1))
        for (number, _), outcome in spread(client, partial(_judge, name), ask, needs=needs):
            if isinstance(outcome, HdalrError):
                raise outcome
            if isinstance(outcome, Exception):
                raise HdalrError(in_words(outcome)) from outcome
            yield number, outcome


def _judge(name: str, asked: tuple[int, Task]) -> Verdict:
    from hdalr.experiment.held import held_dataset

    return judge(asked[1], held_dataset(name))
