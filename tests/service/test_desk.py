"""The bounded queue."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from hdalr.service.desk import Desk, first
from hdalr.service.problems import Problem


def test_work_is_done_and_places_are_left() -> None:
    async def main() -> None:
        desk = Desk(threads=2, places=4)
        assert await desk.do(lambda: 1, lambda: 2) == [1, 2]
        assert first(await desk.do(lambda: 3)) == 3
        await asyncio.sleep(0)
        assert desk.taken == 0
        desk.close()

    asyncio.run(main())


def test_who_finds_no_place_is_told_when_to_come_again() -> None:
    async def main() -> None:
        desk = Desk(threads=1, places=2)
        gate = threading.Event()
        work = [asyncio.create_task(desk.do(gate.wait)) for _ in range(2)]
        await asyncio.sleep(0.01)
        with pytest.raises(Problem, match="2 of 2 places are taken") as refused:
            await desk.do(lambda: 1)
        assert refused.value.status_code == 429
        assert int(refused.value.headers["retry-after"]) >= 1
        gate.set()
        await asyncio.gather(*work)
        await asyncio.sleep(0.01)
        assert await desk.do(lambda: 1) == [1]
        desk.close()

    asyncio.run(main())


def test_all_jobs_of_a_request_find_room_or_none_is_begun() -> None:
    async def main() -> None:
        desk = Desk(threads=1, places=3)
        done: list[int] = []
        with pytest.raises(Problem):
            await desk.do(*[lambda: done.append(1)] * 4)
        assert desk.taken == 0
        assert not done
        desk.close()

    asyncio.run(main())


def test_an_error_reaches_the_caller_and_leaves_the_place() -> None:
    async def main() -> None:
        desk = Desk(threads=1, places=1)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await desk.do(lambda: 1 / 0)
            await asyncio.sleep(0.01)
        assert desk.taken == 0
        desk.close()

    asyncio.run(main())


def test_a_place_is_taken_until_the_work_ends_though_the_caller_has_gone() -> None:
    async def main() -> None:
        desk = Desk(threads=1, places=1)
        gate = threading.Event()
        task = asyncio.create_task(desk.do(gate.wait))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.sleep(0.01)
        assert desk.taken == 1
        gate.set()
        for _ in range(100):
            await asyncio.sleep(0.01)
            if desk.taken == 0:
                break
        assert desk.taken == 0
        desk.close()

    asyncio.run(main())


def test_the_wait_follows_the_work() -> None:
    async def main() -> None:
        desk = Desk(threads=1, places=1)
        for _ in range(60):
            await desk.do(lambda: time.sleep(0.001))
            await asyncio.sleep(0.002)
        assert desk._wait(1) == 1
        desk._seconds = 500
        assert desk._wait(1) == 60
        desk.close()

    asyncio.run(main())
