"""The data set on the workers of a cluster: sent to each once, and to those that come later.

Loads Dask: imported where it is used.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from typing import cast

from distributed import Client, Scheduler, WorkerPlugin, get_worker

from hdalr.datasets.dataset import Dataset

PREFIX = "hdalr-data-"


class Held(WorkerPlugin):
    """Keeps a data set on a worker."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset


@contextlib.contextmanager
def hold(client: Client, dataset: Dataset) -> Iterator[str]:
    """Put the data set on all workers, and take it away at the end.

    Yields
    ------
    str
        The name under which `held_dataset` finds it.
    """
    _take_away_abandoned(client)
    name = f"{PREFIX}{client.id}-{uuid.uuid4().hex}"
    client.register_plugin(Held(dataset), name=name)
    try:
        yield name
    finally:
        with contextlib.suppress(OSError):  # a cluster that was lost
            client.unregister_worker_plugin(name)


def _take_away_abandoned(client: Client) -> None:
    """Take away what clients that were killed have left on the workers."""
    prefix = PREFIX

    def find(dask_scheduler: Scheduler) -> list[str]:  # by value: its process may lack hdalr
        alive = tuple(f"{prefix}{one}-" for one in dask_scheduler.clients)
        names = [str(name) for name in dask_scheduler.worker_plugins]
        return [one for one in names if one.startswith(prefix) and not one.startswith(alive)]

    for name in client.run_on_scheduler(find):
        with contextlib.suppress(KeyError):  # another client was faster
            client.unregister_worker_plugin(name)


def held_dataset(name: str) -> Dataset:
    """The data set that was put on this worker under the name."""
    return cast(Held, get_worker().plugins[name]).dataset
