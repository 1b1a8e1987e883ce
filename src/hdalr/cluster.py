"""Worker processes, of this machine or of a cluster that runs elsewhere: Dask distributed."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import time
from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from hdalr.errors import ClusterError, ParameterError, WorkerLostError, require_extra

if TYPE_CHECKING:
    from distributed import Client, Future

LOG = logging.getLogger(__name__)
Item = TypeVar("Item")
SCHEMES = ("tcp://", "tls://", "ucx://", "ws://", "wss://")
CONNECT_SECONDS = 10.0
ASK_SECONDS = 0.5
SPARING = {  # Dask's own doings, which the cores of the work pay for where all is on one machine
    "distributed.admin.low-level-log-length": 20,  # of tasks with all that they were given
    "distributed.admin.tick.interval": "1s",  # a look at the event loop, in each process
    "distributed.worker.profile.enabled": False,  # a look at the work's stack, each 10 ms
}
DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"  # Ctrl-C is for us alone
# Of scikit-learn-intelex, for each fold that joblib gives to a worker.
QUIET = "ignore:'Threading' parallel backend is not supported:UserWarning"
LOST = "the scheduler was lost; what is finished is kept; start again to go on"


def check_workers(jobs: int, address: str | None) -> None:
    """Raise ParameterError where processes of this machine and a cluster are both asked for."""
    if jobs > 1 and address is not None:
        raise ParameterError(
            f"--jobs {jobs} does not go with --cluster {address}, whose workers are its own; "
            "leave one of them out"
        )


@contextlib.contextmanager
def open_cluster(jobs: int = 1, address: str | None = None) -> Iterator[Client]:
    """Start worker processes, or connect to those of a cluster.

    Parameters
    ----------
    jobs
        Processes of this machine, which share its cores, one thread of work in each.
    address
        A Dask scheduler, such as ``tcp://10.0.0.5:8786``, whose workers are used instead.

    Yields
    ------
    Client
        At the end its processes are ended; a cluster that runs elsewhere is left as it is.

    Raises
    ------
    ClusterError
        If no scheduler answers there.
    MissingExtraError
        If Dask is not installed.
    ParameterError
        If the address is none.
    """
    require_extra("distributed")
    import dask

    with (
        dask.config.set(SPARING),
        _start(jobs) if address is None else _connect(address) as client,
    ):
        yield client


@contextlib.contextmanager
def _start(jobs: int) -> Iterator[Client]:
    import dask
    from distributed import Client, LocalCluster

    threads = max(1, (os.cpu_count() or 1) // jobs)
    with (
        dask.config.set({"distributed.nanny.pre-spawn-environ.PYTHONWARNINGS": QUIET}),
        LocalCluster(
            n_workers=jobs,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=0,
            silence_logs=logging.CRITICAL,
            preload=[DEAF],
            env={"OMP_NUM_THREADS": str(threads)},  # read by torch and the like when loaded
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextlib.contextmanager
def _connect(address: str) -> Iterator[Client]:
    from distributed import Client
    from distributed.utils import silence_logging_cmgr

    if not address.startswith(SCHEMES):
        raise ParameterError(
            f"cluster {address!r}: expected the address of a Dask scheduler, such as "
            "tcp://127.0.0.1:8786"
        )
    with contextlib.ExitStack() as stack:
        for root in ("distributed", "distributed.client"):  # a lost scheduler is told by `spread`
            stack.enter_context(silence_logging_cmgr(logging.CRITICAL, root))
        try:
            client = Client(address, timeout=CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"{address}: no scheduler answers there; start one with: dask scheduler"
            ) from error
        try:
            if not client.nthreads():
                LOG.warning("%s: no workers yet; waiting for some", address)
            yield client
        finally:
            with contextlib.suppress(OSError, RuntimeError):  # where the scheduler was lost
                client.close()


def spread(
    client: Client,
    work: Callable[[Item], Any],
    ask: Callable[[], Item | None],
    *,
    ahead: int = 1,
    most: int | None = None,
    needs: Callable[[Item], dict[str, float]] | None = None,
    threads: Threads | None = None,
) -> Iterator[tuple[Item, Any]]:
    """Do work on the workers and yield each item with what came of it, as they end.

    Parameters
    ----------
    client
        From `open_cluster`.
    work
        Called with an item on a worker. Work that was lost with its worker is done again.
    ask
        Gives the next item whenever there is room, or None; it is asked again after each result.
    ahead
        Items that are under way for each thread of the workers: with 2, a worker need not wait
        for the next.
    most
        Items that are under way in all; None for no limit.
    needs
        The resources that a worker must declare to do an item.
    threads
        Of the workers, if the caller counts them too.

    Yields
    ------
    item, outcome
        What ``work`` gave, or the exception that it raised; a `WorkerLostError` where its workers
        died with it several times.

    Raises
    ------
    ClusterError
        If the scheduler is lost.
    """
    from distributed import as_completed
    from distributed.protocol.pickle import dumps

    job = dumps(work)
    items: dict[Hashable, Item] = {}
    ended = as_completed()
    threads = threads or Threads(client)

    def fill() -> None:
        room = ahead * threads.count()
        room = room if most is None else min(room, most)
        while len(items) < room and (item := ask()) is not None:
            resources = needs(item) if needs else None
            with _lost_told():
                future = client.submit(_do, job, dumps(item), pure=False, resources=resources)
            items[future.key] = item
            ended.add(future)

    fill()
    for future in ended:
        yield items.pop(future.key), _outcome(future)
        future.release()
        fill()


def _do(work: bytes, item: bytes) -> Any:
    """Work on an item, both pickled: what is not, Dask searches for tasks, and again on its way."""
    return pickle.loads(work)(pickle.loads(item))


class Threads:
    """How many threads the workers have, asked anew now and then: workers come and go."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known, self._until = 1, 0.0

    def count(self) -> int:
        """At least 1, so that something waits for the first worker."""
        if time.monotonic() >= self._until:
            with _lost_told():
                self._known = max(1, sum(self._client.nthreads().values()))
            self._until = time.monotonic() + ASK_SECONDS
        return self._known


@contextlib.contextmanager
def _lost_told() -> Iterator[None]:
    """Tell of whatever a call of the scheduler ends in once it is gone, as a `ClusterError`."""
    from concurrent.futures import CancelledError

    from distributed.client import ClosedClientError

    try:
        yield
    except (OSError, ClosedClientError, CancelledError) as error:
        raise ClusterError(LOST) from error


def _outcome(future: Future[Any]) -> Any:
    from distributed.scheduler import KilledWorker

    if future.status == "finished":
        with _lost_told():
            return future.result()
    if future.status != "error":
        raise ClusterError(LOST)
    error = future.exception()
    if isinstance(error, KilledWorker):
        return WorkerLostError("its worker was ended several times; start again to go on")
    return error
