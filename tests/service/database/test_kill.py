"""Whatever is killed with -9: what was acknowledged is there."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from hdalr.service.database import NewCorrection, Store

N = 1000
ADD = """
import sys
from hdalr.errors import StorageError
from hdalr.service.database import NewCorrection, Store

url, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with Store(url) as store:
    for n in range(first, last):
        picture = b"GIF89a" + n.to_bytes(4) * 2000
        try:
            kept = store.add(NewCorrection(picture, f"text {n}", {"text": str(n)}))
        except StorageError:
            sys.exit(1)
        print(kept.id, n, flush=True)
"""


def add_until_killed(url: str, first: int, n_wanted: int) -> Iterator[tuple[str, int]]:
    """Each identifier and number that a process acknowledges until it is killed or done."""
    command = [sys.executable, "-c", ADD, url, str(first), str(N)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for n_told, line in enumerate(process.stdout, 1):
            if n_told == n_wanted:
                process.send_signal(signal.SIGKILL)
            if line.endswith("\n"):
                id, n = line.split()
                yield id, int(n)


def check_all_are_there(store: Store, acknowledged: dict[str, int]) -> None:
    for id, n in acknowledged.items():
        kept = store.get(id)
        assert kept is not None
        assert kept.picture == b"GIF89a" + n.to_bytes(4) * 2000
        assert (kept.text, kept.reading) == (f"text {n}", {"text": str(n)})


@pytest.mark.timeout(300)
def test_a_process_killed_amid_a_thousand_corrections_loses_none(url):
    chance = random.Random(20261122)
    acknowledged: dict[str, int] = {}
    n_killed = 0
    while (first := max(acknowledged.values(), default=-1) + 1) < N:
        n_wanted = chance.randint(1, 400)
        n_killed += first + n_wanted < N
        acknowledged |= dict(add_until_killed(url, first, n_wanted))
        with Store(url) as store:
            check_all_are_there(store, acknowledged)
            # One more may have been kept each time, of which the process could not tell.
            assert 0 <= store.count() - len(acknowledged) <= n_killed
            assert {kept.id for kept in store} >= set(acknowledged)
    assert sorted(acknowledged.values()) == list(range(N))
    assert n_killed >= 3


def test_a_process_killed_while_it_makes_the_database_does_no_harm(url):
    command = [sys.executable, "-c", ADD, url, "0", "1"]
    for step in range(8):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            try:
                process.wait(0.25 + step / 8)
            except subprocess.TimeoutExpired:
                process.kill()
    with Store(url) as store:
        kept = store.add(NewCorrection(b"GIF89a", "7"))
        assert store.get(kept.id) == kept


def test_a_server_killed_and_started_again_has_all(cluster):
    url = cluster.make_database()
    acknowledged = {}
    for id, n in add_until_killed(url, 0, 300):
        acknowledged[id] = n
        if len(acknowledged) == 200:
            cluster.kill()
    cluster.start()
    assert len(acknowledged) >= 200
    with Store(url) as store:
        check_all_are_there(store, acknowledged)
        store.add(NewCorrection(b"GIF89a", "7"))
