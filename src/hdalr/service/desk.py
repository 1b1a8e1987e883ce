"""The bounded queue before the reader."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from hdalr.service.problems import Problem

T = TypeVar("T")

FIRST_GUESS_SECONDS = 0.02  # of a picture, before one was read
LONGEST_WAIT_SECONDS = 60


class Desk:
    """Does work in a few threads; refuses it where too much waits already.

    To be used from one event loop.

    Parameters
    ----------
    threads
        That work.
    places
        Pieces of work that may wait or be worked on.
    """

    def __init__(self, threads: int, places: int) -> None:
        self.threads, self.places = threads, places
        self.taken = 0
        self._seconds = FIRST_GUESS_SECONDS
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="read")

    async def do(self, *jobs: Callable[[], T]) -> list[T]:
        """Do all of these, or none if there are not so many places.

        Raises
        ------
        Problem
            429, with the seconds after which there should be room.
        Exception
            What a job raises.
        """
        if self.taken + len(jobs) > self.places:
            raise Problem(
                429,
                f"{self.taken} of {self.places} places are taken; come again later",
                {"retry-after": str(self._wait(len(jobs)))},
            )
        loop = asyncio.get_running_loop()
        self.taken += len(jobs)
        futures = [self._pool.submit(self._timed, job) for job in jobs]
        for future in futures:  # also of who has gone: a place is taken until the work ends
            future.add_done_callback(lambda f: loop.call_soon_threadsafe(self._leave, f))
        return await asyncio.gather(*map(asyncio.wrap_future, futures))

    def close(self) -> None:
        """Let the running work end, and drop what waits."""
        self._pool.shutdown(cancel_futures=True)

    def _timed(self, job: Callable[[], T]) -> T:
        started = time.perf_counter()
        try:
            return job()
        finally:
            self._seconds += 0.05 * (time.perf_counter() - started - self._seconds)

    def _leave(self, _: Future[T]) -> None:
        self.taken -= 1

    def _wait(self, n: int) -> int:
        ahead = self.taken + n - self.places
        return min(LONGEST_WAIT_SECONDS, math.ceil(self._seconds * max(ahead, 1) / self.threads))


def first(results: Sequence[T]) -> T:
    """The result of the only job."""
    (result,) = results
    return result
