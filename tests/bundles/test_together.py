"""Calls that meet share a run, and each gets its own answer."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from hdalr.bundles import load_bundle
from hdalr.bundles.together import Together


class Net:
    """Doubles pictures; refuses the value 13; remembers how many came in each run."""

    def __init__(self, seconds: float = 0.02) -> None:
        self.seconds = seconds
        self.runs: list[int] = []

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        self.runs.append(len(pictures))
        time.sleep(self.seconds)
        if (pictures == 13).any():
            raise ValueError("thirteen")
        return pictures[:, 0].astype(np.float32) * 2


def picture(value: int, width: int = 4, n: int = 1) -> np.ndarray:
    return np.full((n, 2, width), value, np.uint8)


def test_calls_that_meet_share_a_run_and_get_their_own_answers() -> None:
    net, begun, all_there = Net(0), threading.Event(), threading.Event()

    def run(pictures: np.ndarray) -> np.ndarray:
        begun.set()
        assert all_there.wait(60)
        return net(pictures)

    together = Together(run)
    with ThreadPoolExecutor(33) as pool:
        first = pool.submit(together, picture(39))
        assert begun.wait(60)
        others = [pool.submit(together, picture(v, n=1 + v % 3)) for v in range(40, 72)]
        until = time.monotonic() + 60
        while together.waiting < len(others) and time.monotonic() < until:
            time.sleep(0.001)
        all_there.set()
    assert (first.result() == 2 * 39).all()
    for value, other in zip(range(40, 72), others, strict=True):
        assert other.result().shape == (1 + value % 3, 4)
        assert (other.result() == 2 * value).all()
    assert net.runs == [1, sum(1 + v % 3 for v in range(40, 72))]


def test_a_lone_call_runs_at_once() -> None:
    net = Net(0)
    together = Together(net)
    for value in range(5):
        together(picture(value))
    assert net.runs == [1] * 5


def test_pictures_of_other_sizes_have_a_run_of_their_own() -> None:
    together = Together(Net())
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda v: together(picture(v, width=2 + v % 2)), range(40, 64)))
    assert [a.shape[1] for a in answers] == [2 + v % 2 for v in range(40, 64)]
    assert all((a == 2 * v).all() for v, a in enumerate(answers, 40))


def test_a_run_has_at_most_so_many_pictures() -> None:
    net = Net()
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(Together(net, most=4), [picture(1)] * 40))
    assert max(net.runs) <= 4
    net.runs.clear()
    Together(net, most=4)(picture(1, n=9))
    assert net.runs == [9]


def test_an_error_reaches_only_who_caused_it() -> None:
    together = Together(Net())

    def ask(value: int) -> object:
        try:
            return together(picture(value))[0, 0]
        except ValueError as error:
            return str(error)

    values = [7, 13, 9, 13, 11] * 4
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, values))
    assert answers == ["thirteen" if v == 13 else 2 * v for v in values]


def test_an_interrupt_in_one_thread_leaves_the_others_their_answers() -> None:
    first = threading.Event()

    def run(pictures: np.ndarray) -> np.ndarray:
        time.sleep(0.05)
        if (pictures == 99).any() and not first.is_set():
            first.set()
            raise KeyboardInterrupt
        return pictures[:, 0].astype(np.float32)

    together = Together(run)
    answers: list[object] = []

    def ask(value: int) -> None:
        try:
            answers.append(float(together(picture(value))[0, 0]))
        except KeyboardInterrupt:
            answers.append("interrupted")

    threads = [threading.Thread(target=ask, args=(v,)) for v in (99, 99, 99, 99)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    assert sorted(map(str, answers)) == ["99.0", "99.0", "99.0", "interrupted"]


def test_a_bundle_answers_the_same_together_and_alone() -> None:
    alone, together = load_bundle("digits"), load_bundle("digits", together=True)
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (1, 28, 28), dtype=np.uint8) for _ in range(24)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(together.run, pictures))
    for one, answer in zip(pictures, answers, strict=True):
        np.testing.assert_allclose(answer, alone.run(one), atol=1e-4)


@pytest.mark.parametrize("together", [True, False])
def test_no_picture_is_no_call(together: bool) -> None:
    assert load_bundle("digits", together=together).run(np.zeros((0, 28, 28), np.uint8)).size == 0
