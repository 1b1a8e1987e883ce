"""Pictures from far: several at once, large ones in their turn, each with its own error."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

import fsspec
import pytest

from hdalr import __version__
from hdalr.bulk import fetching
from hdalr.bulk.inputs import Input
from hdalr.bulk.work import Answer, Order, Setup, answer_all, name_bundles
from hdalr.reading.reader import Reader

NAMES = [f"{number:05d}.png" for number in range(8)]


@pytest.fixture
def far(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder that counts as far."""
    files = fsspec.filesystem("memory")
    for name in NAMES:
        files.pipe(f"/far/{name}", (pictures / name).read_bytes())
    monkeypatch.setattr(fetching, "_is_far", lambda path: path.startswith("memory://"))
    return "memory://far"


def test_several_are_fetched_at_once(
    pictures: Path, far: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(len(NAMES), timeout=20)  # broken if they come one by one
    fetch = fetching._fetch_small

    def wait_and_fetch(path: str) -> bytes | None:
        together.wait()
        return fetch(path)

    monkeypatch.setattr(fetching, "_fetch_small", wait_and_fetch)
    answers = answer(f"{far}/{name}" for name in NAMES)
    here = answer(str(pictures / name) for name in NAMES)
    assert [one.sha256 for one in answers] == [one.sha256 for one in here]
    assert [one.path.rsplit("/", 1)[1] for one in answers] == NAMES
    assert all(one.error is None for one in answers)


def test_no_more_than_some_lie_in_memory(far: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    fetch = fetching._fetch_small
    monkeypatch.setattr(fetching, "_fetch_small", lambda path: begun.append(path) or fetch(path))
    monkeypatch.setattr(fetching, "AHEAD", 3)
    inputs = [Input(f"{far}/{name}") for name in NAMES]
    contents = fetching.Fetcher().ahead(inputs)
    next(contents)()
    assert len(begun) <= 4
    assert len(list(contents)) == len(NAMES) - 1


def test_a_large_one_is_fetched_in_its_turn(far: str, monkeypatch: pytest.MonkeyPatch) -> None:
    size = fsspec.filesystem("memory").size(f"/far/{NAMES[3]}")
    monkeypatch.setattr(fetching, "MOST_AHEAD", size - 1)
    assert fetching._fetch_small(f"{far}/{NAMES[3]}") is None
    assert all(one.error is None for one in answer(f"{far}/{name}" for name in NAMES))


def test_one_that_cannot_be_fetched_is_told_in_its_place(far: str) -> None:
    wrong = Input(f"{far}/b.png", "b.png: not to be fetched")
    answers = answer([f"{far}/none.png", f"{far}/{NAMES[0]}", wrong])
    errors = [one.error for one in answers]
    assert errors[0] is not None
    assert "none.png: cannot be read" in errors[0]
    assert errors[1:] == [None, "b.png: not to be fetched"]


@pytest.mark.parametrize("path", ["a.png", "memory://a.png", "zip://a::b.zip", "bogus://a.png", ""])
def test_what_one_connection_does_not_serve_is_not_fetched_ahead(path: str) -> None:
    assert not fetching._is_far(path)


def answer(paths: Iterable[str | Input]) -> list[Answer]:
    setup = Setup((), {"layout": "character"}, __version__, name_bundles(Reader(None)))
    inputs = [one if isinstance(one, Input) else Input(one) for one in paths]
    return answer_all(setup, tuple(map(Order, inputs)))[0]
