"""Calls of several threads, put together into one run of a net."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdalr.images.batch import Images

Logits = NDArray[np.float32]  # (n, n_outputs), or (n, n_frames, n_outputs)


@dataclass(eq=False, slots=True)
class _Call:
    pictures: Images
    logits: Logits | None = None
    error: Exception | None = None

    @property
    def done(self) -> bool:
        return self.logits is not None or self.error is not None


class Together:
    """Runs a net for one thread at a time; who comes meanwhile shares the next run.

    So nobody waits for company: a lone call runs at once, and the busier it gets, the larger the
    runs, which cost less a picture ("combining", Hendler, Incze, Shavit, Tzafrir 2010).

    Parameters
    ----------
    run
        From pictures (n, height, width) to an array whose first axis is n.
    most
        Pictures of a run, unless one call has more.

    Examples
    --------
    >>> halves = Together(lambda pictures: (pictures / 2).astype(np.float32))
    >>> halves(np.full((1, 1, 1), 6, np.uint8))
    array([[[3.]]], dtype=float32)
    """

    def __init__(self, run: Callable[[Images], Logits], most: int = 256) -> None:
        self._run = run
        self._most = most
        self._waiting: list[_Call] = []
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    @property
    def waiting(self) -> int:
        """Calls whose run has not begun."""
        return len(self._waiting)

    def __call__(self, pictures: Images) -> Logits:
        """The net's answers, as `run` alone would give them.

        Raises
        ------
        Exception
            What `run` raises on these pictures.
        """
        own = _Call(pictures)
        with self._lock:
            self._waiting.append(own)
        while not own.done:
            with self._turn:
                if not own.done:
                    self._run_some(own)
        if own.error is not None:
            raise own.error
        assert own.logits is not None
        return own.logits

    def _run_some(self, own: _Call) -> None:
        """Run the oldest call, and those behind it whose pictures have its size."""
        with self._lock:
            calls = self._take()
        try:
            logits = self._run(_joined(calls))
        except Exception as error:
            if len(calls) == 1:
                calls[0].error = error
            else:  # each its own outcome
                for call in calls:
                    self._run_one(call)
        except BaseException:  # Ctrl-C in this thread is nothing to the others
            with self._lock:
                self._waiting[:0] = [call for call in calls if call is not own]
            raise
        else:
            ends = np.cumsum([len(call.pictures) for call in calls])
            for call, part in zip(calls, np.split(logits, ends[:-1]), strict=True):
                call.logits = part

    def _run_one(self, call: _Call) -> None:
        try:
            call.logits = self._run(call.pictures)
        except Exception as error:
            call.error = error

    def _take(self) -> list[_Call]:
        first, *others = self._waiting
        taken, left, n = [first], [], len(first.pictures)
        for call in others:
            same = call.pictures.shape[1:] == first.pictures.shape[1:]
            if same and n + len(call.pictures) <= self._most:
                taken.append(call)
                n += len(call.pictures)
            else:
                left.append(call)
        self._waiting = left
        return taken


def _joined(calls: list[_Call]) -> Any:
    if len(calls) == 1:
        return calls[0].pictures
    return np.concatenate([call.pictures for call in calls])
