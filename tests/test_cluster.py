"""Work on the workers of a cluster: spread, done again, told apart, lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import dask
import pytest
from tests.dask_cluster import Cluster

from hdalr.cluster import SPARING, check_workers, open_cluster, spread
from hdalr.errors import ClusterError, ParameterError

pytestmark = pytest.mark.slow


def where(item: int) -> tuple[int, str]:
    """On a worker: the item, and the worker's name."""
    from distributed import get_worker

    return item * item, str(get_worker().name)


def fail_at_three(item: int) -> int:
    if item == 3:
        raise ValueError("three")
    return item


def end_once(item: tuple[int, str]) -> int:
    """The first worker that is given this item ends."""
    number, marker = item
    if number == 2 and not Path(marker).exists():
        Path(marker).write_text("ended")
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def call(item: Any) -> Any:
    return item()


def look_at_config() -> dict[str, Any]:
    """On a worker: what it does besides the work."""
    return {name: dask.config.get(name) for name in SPARING}


def asked(items: list[Any]) -> Any:
    waiting = iter(items)
    return lambda: next(waiting, None)


def test_items_come_back_with_what_came_of_them(cluster: Cluster) -> None:
    for _ in range(2):
        cluster.add_worker()
    with open_cluster(address=cluster.address) as client:
        client.wait_for_workers(2)
        found = dict(spread(client, where, asked(list(range(1, 30))), ahead=2))
        outcomes = dict(spread(client, fail_at_three, asked([1, 2, 3, 4])))
    assert {item: outcome[0] for item, outcome in found.items()} == {n: n * n for n in range(1, 30)}
    assert len({name for _, name in found.values()}) == 2
    assert isinstance(outcomes.pop(3), ValueError)
    assert outcomes == {1: 1, 2: 2, 4: 4}


def test_workers_of_this_machine_do_little_besides() -> None:
    with open_cluster(1) as client:
        found = [outcome for _, outcome in spread(client, call, asked([look_at_config, lambda: 7]))]
    assert found == [SPARING, 7]


def test_what_a_worker_took_with_it_is_done_again(cluster: Cluster, tmp_path: Path) -> None:
    for _ in range(2):
        cluster.add_worker(again=True)
    marker = str(tmp_path / "ended")
    with open_cluster(address=cluster.address) as client:
        client.wait_for_workers(2)
        items = [(number, marker) for number in range(6)]
        found = [outcome for _, outcome in spread(client, end_once, asked(items))]
    assert Path(marker).exists()
    assert sorted(found) == [0, 1, 2, 3, 4, 5]


def test_items_go_to_workers_that_declare_what_they_need(cluster: Cluster) -> None:
    cluster.add_worker("--name", "plain")
    cluster.add_worker("--name", "strong", "--resources", "GPU=1")
    with open_cluster(address=cluster.address) as client:
        client.wait_for_workers(2)
        found = spread(
            client,
            where,
            asked(list(range(1, 9))),
            needs=lambda item: {"GPU": 1} if item > 4 else {},
        )
        places = {item: name for item, (_, name) in found}
    assert {places[item] for item in range(5, 9)} == {"strong"}


def test_a_lost_scheduler_is_told(cluster: Cluster) -> None:
    cluster.add_worker()

    def work_on() -> None:
        with open_cluster(address=cluster.address) as client:
            client.wait_for_workers(1)
            for item, _ in spread(client, where, asked(list(range(1, 100)))):
                if item == 5:
                    cluster.scheduler.send_signal(signal.SIGKILL)
                    cluster.scheduler.wait()

    with pytest.raises(ClusterError, match="the scheduler was lost; what is finished is kept"):
        work_on()


def test_processes_of_this_machine_do_not_go_with_a_cluster() -> None:
    check_workers(1, "tcp://127.0.0.1:1")
    check_workers(2, None)
    with pytest.raises(ParameterError, match=r"--jobs 2 does not go with --cluster tcp://a:1"):
        check_workers(2, "tcp://a:1")


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "http://127.0.0.1:8786", ""])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ParameterError, match="expected the address of a Dask scheduler"):
        open_cluster(address=address).__enter__()
