"""The data set on the workers of a cluster: sent to each once, and to those that come later.

Loads Dask: imported where it is used.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from typing import cast

from distributed import Client, WorkerPlugin, get_worker

from hdalr.datasets.dataset import Dataset


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
    name = f"hdalr-{uuid.uuid4().hex}"
    client.register_plugin(Held(dataset), name=name)
    try:
        yield name
    finally:
        with contextlib.suppress(OSError):  # a cluster that was lost
            client.unregister_worker_plugin(name)


def held_dataset(name: str) -> Dataset:
    """The data set that was put on this worker under the name."""
    return cast(Held, get_worker().plugins[name]).dataset
