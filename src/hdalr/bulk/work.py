"""What a worker does: fetch the pictures of a chunk, read them, give back rows."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from hdalr import __version__
from hdalr.bulk.fetching import Fetcher
from hdalr.bulk.inputs import Input, in_utf8
from hdalr.errors import ClusterError, DataError, in_words
from hdalr.reading.reader import Reader
from hdalr.reading.request import Options
from hdalr.reading.result import Reading
from hdalr.reading.sources import Named

Row = dict[str, Any]


@dataclass(frozen=True)
class Setup:
    """How pictures are read.

    Attributes
    ----------
    models
        The bundles by name or folder, or none for those that ship.
    options
        Of `hdalr.reading.reader.Reader.read`.
    version, bundles
        Of hdalr, and names and digests of the bundles, which a worker must have, too.
    """

    models: tuple[str, ...]
    options: Options
    version: str
    bundles: tuple[str, ...]


def name_bundles(reader: Reader) -> tuple[str, ...]:
    """Name and digest of each bundle that a reader reads with."""
    return tuple(f"{bundle.name} {bundle.digest}" for bundle in reader.bundles)


class Order(NamedTuple):
    """A picture to read.

    Attributes
    ----------
    input
        Which.
    known
        SHA-256 of the bytes that were read by an earlier run; the same bytes are not read again.
    """

    input: Input
    known: str | None = None


class Answer(NamedTuple):
    """What became of an order.

    Attributes
    ----------
    path, sha256
        Of the input, and of its bytes; None where they could not be fetched.
    rows
        A row a page, or one with the error, as JSON, an object a line: whoever gives the orders
        keeps them as text. None if nothing changed.
    n_rows
        How many these are.
    error
        Why the picture could not be read now; then this is in its only row.
    """

    path: str
    sha256: str | None
    rows: str | None = None
    n_rows: int = 0
    error: str | None = None


def answer_all(setup: Setup, orders: tuple[Order, ...]) -> tuple[list[Answer], float]:
    """Read the pictures of a chunk, each on its own: one that fails is a row with its error.

    Returns
    -------
    list of Answer
        One an order.
    float
        Seconds that it took, more than 0.
    """
    reader = _reader(setup.models, setup.version, setup.bundles)
    began = time.perf_counter()
    contents = Fetcher().ahead(order.input for order in orders)
    answers = [
        _answer(reader, get, setup.options, order)
        for order, get in zip(orders, contents, strict=True)
    ]
    return answers, max(time.perf_counter() - began, 1e-6)


def success(path: str, sha256: str, rows: Sequence[Row]) -> Answer:
    """The answer for a picture that was read."""
    return Answer(path, sha256, _to_lines(rows), len(rows))


def failure(path: str, sha256: str | None, message: str) -> Answer:
    """The answer for a picture that could not be read."""
    message = in_utf8(message)  # a storage may say anything
    row = {"path": path, "error": message, "sha256": sha256}
    return Answer(path, sha256, _to_lines([row]), 1, message)


def _to_lines(rows: Sequence[Row]) -> str:
    return "\n".join(map(json.dumps, rows))


@lru_cache(maxsize=1)
def _reader(models: tuple[str, ...], version: str, bundles: tuple[str, ...]) -> Reader:
    """One reader a process; what it spreads over threads would be taken from other processes.

    Raises
    ------
    ClusterError
        If this process has another hdalr, or other bundles, than the one that asks.
    """
    import cv2

    cv2.setNumThreads(1)
    reader = Reader(models or None)
    found, expected = (__version__, *name_bundles(reader)), (version, *bundles)
    if found != expected:
        raise ClusterError(
            f"a worker reads with hdalr {'; '.join(found)}; expected {'; '.join(expected)}: "
            "install the same on each worker, and lay the bundles at the same place"
        )
    return reader


def _answer(reader: Reader, get: Callable[[], bytes], options: Options, order: Order) -> Answer:
    path, sha256 = order.input.path, None
    if order.input.fault:
        return failure(path, None, order.input.fault)
    try:
        content = get()
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 == order.known:
            return Answer(path, sha256)
        readings = reader.read_pages(Named(content, path), **options)
        rows = [_row(path, page, one, sha256) for page, one in enumerate(readings, 1)]
        return success(path, sha256, rows)
    except DataError as error:
        return failure(path, sha256, str(error))
    except Exception as error:  # the other pictures shall be read whatever this one does
        return failure(path, None, f"{path}: {in_words(error)}")  # the next run tries again


def _row(path: str, page: int, reading: Reading, sha256: str) -> Row:
    content = reading.to_dict()
    alternatives = [
        {"text": text, "confidence": confidence}
        for text, confidence in content.pop("alternatives", [])
    ]
    del content["timings"]
    for character in content["characters"]:
        del character["alternatives"]
    return {"path": path, "page": page, **content, "alternatives": alternatives, "sha256": sha256}
