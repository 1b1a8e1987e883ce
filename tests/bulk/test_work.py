"""A chunk: pictures from far are fetched several at once, each answer stays with its picture."""

from __future__ import annotations

import threading
from pathlib import Path

import fsspec
import pytest

from hdalr import __version__
from hdalr.bulk import work
from hdalr.bulk.inputs import Input
from hdalr.bulk.work import Order, Setup, answer_all, name_bundles
from hdalr.reading.reader import Reader


def test_pictures_from_far_are_fetched_several_at_once(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = fsspec.filesystem("memory")
    names = [f"{number:05d}.png" for number in range(8)]
    for name in names:
        files.pipe(f"/bulk-far/{name}", (pictures / name).read_bytes())
    together = threading.Barrier(len(names), timeout=20)  # broken if they come one by one

    class Patient(work.Fetcher):
        def __call__(self, path: str) -> bytes:
            together.wait()
            return super().__call__(path)

    near = answer(str(pictures / name) for name in names)
    monkeypatch.setattr(work, "Fetcher", Patient)
    far = answer(f"memory://bulk-far/{name}" for name in names)
    assert [one.sha256 for one in far] == [one.sha256 for one in near]
    assert [one.path.rsplit("/", 1)[1] for one in far] == names
    assert all(one.error is None for one in far)


def test_one_that_cannot_be_fetched_is_told_in_its_place(pictures: Path) -> None:
    fsspec.filesystem("memory").pipe("/bulk-far/a.png", (pictures / "00001.png").read_bytes())
    wrong = Input("memory://bulk-far/b.png", "b.png: not to be fetched")
    answers = answer(["memory://bulk-far/none.png", "memory://bulk-far/a.png", wrong])
    errors = [one.error for one in answers]
    assert errors[0] is not None and "none.png: cannot be read" in errors[0]
    assert errors[1:] == [None, "b.png: not to be fetched"]


def answer(paths: object) -> list[work.Answer]:
    setup = Setup((), {"layout": "character"}, __version__, name_bundles(Reader(None)))
    inputs = [one if isinstance(one, Input) else Input(one) for one in paths]  # type: ignore[attr-defined]
    return answer_all(setup, tuple(map(Order, inputs)))[0]
