"""Measure how many pictures a second a server reads, how long each takes, and that it stays well.

Usage::

    python benchmarks/serving.py -o docs/results/serving.json
    python benchmarks/serving.py --soak 15 -o docs/results/serving-soak.json

A real ``hdalr serve`` in a process of its own is asked from this one over connections that stay
open, by 1, 8 and 64 clients at once, each of which sends its next picture when the last one is
answered: characters, and fields of five or six digits, made of the test part of the bundled digits
(as in reading_speed.py), as PNG. Before each, in turns, a `Reader` alone reads the same bytes in a
loop here; ``share`` is the server's rate over that one's.

Then 128 clients meet a server with 16 places: what finds none must be told so (429) at once.

With ``--soak M`` instead: M minutes of eight clients that send characters, fields, corrections and
broken pictures, with the server's memory every ten seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from reading_speed import draw_field, put_on_paper
from recording import describe_run, make_parser, put_record, run_main

from hdalr.datasets import load_dataset
from hdalr.images.glyph import normalise_glyphs
from hdalr.images.synthetic.lines import GlyphStore
from hdalr.reading.reader import Reader

CLIENTS = (1, 8, 64)
CHARACTER = {"as": "character"}
FIELD = {"alphabet": "digits", "as": "line"}
BOUNDARY = "benchmark"
CROWD, PLACES = 128, 16
SAMPLE_SECONDS = 10


def main() -> None:
    """Measure, and write the record."""
    parser = make_parser(__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="of all of them, in turns")
    parser.add_argument("--soak", type=float, metavar="M", help="minutes of a soak instead")
    options = parser.parse_args()
    if options.seconds <= 0 or options.rounds < 1 or (options.soak or 1) <= 0:
        parser.error("--seconds and --soak are above 0, --rounds at least 1")
    cv2.setNumThreads(1)
    characters, fields = draw_pictures(np.random.default_rng(options.seed))
    if options.soak:
        record = {"soak": soak(characters, fields, options)}
        command = f"serving.py --soak {options.soak:g}"
    else:
        rows = measure_rates(characters, fields, options)
        record = {"rates": rows, "overload": measure_overload(fields, options)}
        command = f"serving.py --seconds {options.seconds:g} --rounds {options.rounds}"
    put_record({**describe_run(command, options), **record}, options.output)


def draw_pictures(rng: np.random.Generator, n: int = 200) -> tuple[list[bytes], list[bytes]]:
    """PNG files of characters and of fields."""
    digits = load_dataset("digits")
    glyphs = normalise_glyphs(list(digits.test_images))
    store = GlyphStore(glyphs, digits.test_labels, digits.classes)
    characters = [put_on_paper(image) for image in digits.test_images[:n]]
    fields = [draw_field(store, rng) for _ in range(n)]
    return [_png(picture) for picture in characters], [_png(picture) for picture in fields]


def measure_rates(
    characters: list[bytes], fields: list[bytes], options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Requests a second and their milliseconds, by picture and number of clients."""
    rows = []
    kinds = (("character", characters, CHARACTER), ("field", fields, FIELD))
    with run_server(options.model, "--queue", "256") as server:
        for name, pictures, fields_of in kinds:
            bodies = [make_request("/v1/read", picture, fields_of) for picture in pictures]
            asyncio.run(ask(server.port, bodies, 8, 2.0))  # warm
            taken: dict[int, list[tuple[float, Answers]]] = {n: [] for n in CLIENTS}
            for _ in range(options.rounds):
                for n in CLIENTS:
                    alone = rate_alone(pictures, fields_of, options)
                    answers = asyncio.run(ask(server.port, bodies, n, options.seconds))
                    taken[n].append((answers.rate / alone, answers))
            rows += [describe(name, n, taken[n]) for n in CLIENTS]
    return rows


def describe(name: str, n: int, taken: Sequence[tuple[float, Answers]]) -> dict[str, Any]:
    """One row, told on stderr as well."""
    middle = sorted(taken, key=lambda pair: pair[0])[len(taken) // 2]
    milliseconds = np.concatenate([answers.seconds for _, answers in taken]) * 1000
    row = {
        "picture": name,
        "clients": n,
        "n": len(milliseconds),
        "rate": round(float(np.median([answers.rate for _, answers in taken])), 1),
        "share": round(middle[0], 3),
        "shares": [round(share, 3) for share, _ in taken],
        "p50_ms": round(float(np.percentile(milliseconds, 50)), 2),
        "p99_ms": round(float(np.percentile(milliseconds, 99)), 2),
        "statuses": dict(sum((answers.statuses for _, answers in taken), Counter())),
    }
    print(row, file=sys.stderr)
    return row


def measure_overload(fields: list[bytes], options: argparse.Namespace) -> dict[str, Any]:
    """What a crowd meets at a server with few places."""
    with run_server(options.model, "--queue", str(PLACES)) as server:
        bodies = [make_request("/v1/read", picture, FIELD) for picture in fields]
        answers = asyncio.run(ask(server.port, bodies, CROWD, options.seconds, patient=True))
    milliseconds = np.asarray(answers.seconds) * 1000
    row = {
        "clients": CROWD,
        "places": PLACES,
        "statuses": dict(answers.statuses),
        "rate_read": round(answers.statuses["200"] / answers.elapsed, 1),
        "p99_ms": round(float(np.percentile(milliseconds, 99)), 1),
        "longest_ms": round(float(milliseconds.max()), 1),
    }
    print(row, file=sys.stderr)
    return row


def soak(
    characters: list[bytes], fields: list[bytes], options: argparse.Namespace
) -> dict[str, Any]:
    """Minutes of mixed work; the server's memory meanwhile."""
    rng = np.random.default_rng(options.seed)
    bodies = [make_request("/v1/read", picture, CHARACTER) for picture in characters]
    bodies += [make_request("/v1/read", picture, {**FIELD, "seen": "true"}) for picture in fields]
    bodies += [
        make_request("/v1/feedback", picture, {"text": "7", "consent": "true"})
        for picture in characters[:20]
    ]
    bodies += [
        make_request("/v1/read", picture[: len(picture) // 2], {}) for picture in fields[:20]
    ]
    bodies = [bodies[i] for i in rng.permutation(len(bodies))]
    seconds = 60 * options.soak
    with run_server(options.model) as server:

        async def both() -> tuple[Answers, list[float]]:
            asking = asyncio.create_task(ask(server.port, bodies, 8, seconds))
            memory = []
            while not asking.done():
                await asyncio.wait([asking], timeout=SAMPLE_SECONDS)
                memory.append(memory_mib(server.pid))
            return await asking, memory[:-1]

        answers, memory = asyncio.run(both())
    fifth = max(1, len(memory) // 5)
    row = {
        "minutes": options.soak,
        "statuses": dict(answers.statuses),
        "rate": round(answers.rate, 1),
        "memory_mib": [round(value, 1) for value in memory],
        "memory_mib_second_fifth": round(float(np.median(memory[fifth : 2 * fifth])), 1),
        "memory_mib_last_fifth": round(float(np.median(memory[-fifth:])), 1),
    }
    print({k: v for k, v in row.items() if k != "memory_mib"}, file=sys.stderr)
    return row


@dataclass
class Answers:
    """What came back, and when."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.elapsed


async def ask(
    port: int, bodies: Sequence[bytes], n_clients: int, seconds: float, patient: bool = False
) -> Answers:
    """Send the requests in a circle from so many clients; ``patient`` ones wait after a 429."""
    answers = Answers()
    started = time.perf_counter()

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        turn = number
        while time.perf_counter() - started < seconds:
            sent = time.perf_counter()
            writer.write(bodies[turn % len(bodies)])
            status = await _answer(reader)
            answers.seconds.append(time.perf_counter() - sent)
            answers.statuses[status] += 1
            if patient and status == "429":
                await asyncio.sleep(0.1)
            turn += n_clients
        writer.close()

    await asyncio.gather(*(client(number) for number in range(n_clients)))
    answers.elapsed = time.perf_counter() - started
    return answers


async def _answer(reader: asyncio.StreamReader) -> str:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    (length,) = (int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    await reader.readexactly(length)
    return lines[0].split()[1].decode()


def make_request(path: str, picture: bytes, fields: dict[str, str]) -> bytes:
    """A whole HTTP request with a form."""
    parts = [
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in fields.items()
    ]
    head = 'content-disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    parts += [f"--{BOUNDARY}\r\n{head}".encode(), picture, f"\r\n--{BOUNDARY}--\r\n".encode()]
    body = b"".join(parts)
    return (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n"
        f"content-type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    ).encode() + body


def rate_alone(
    pictures: Sequence[bytes], fields: dict[str, str], options: argparse.Namespace
) -> float:
    """Pictures a second that a reader reads in a loop."""
    reader = make_reader(tuple(options.model or ()))
    given = {"layout" if name == "as" else name: value for name, value in fields.items()}
    for picture in pictures[:5]:
        reader.read(picture, **given)  # type: ignore[arg-type]
    started, n = time.perf_counter(), 0
    while time.perf_counter() - started < options.seconds / 2:
        reader.read(pictures[n % len(pictures)], **given)  # type: ignore[arg-type]
        n += 1
    return n / (time.perf_counter() - started)


@functools.cache
def make_reader(models: tuple[str, ...]) -> Reader:
    """One reader for all rounds."""
    return Reader(models or None)


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    port: int
    pid: int


@contextmanager
def run_server(models: Sequence[str] | None, *options: str) -> Iterator[Server]:
    """``hdalr serve`` on a free port, with a database of its own, until the end."""
    named = [part for model in models or () for part in ("--model", model)]
    with tempfile.TemporaryDirectory() as folder:
        database = ["--database", f"sqlite:///{Path(folder) / 'kept.sqlite'}"]
        command = [sys.executable, "-m", "hdalr", "serve", "--port", "0", *database]
        process = subprocess.Popen([*command, *named, *options], stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        try:
            line = process.stderr.readline()
            port = int(line.split("/")[2].rpartition(":")[2])
            _wait_until_ready(port)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait()
            process.stderr.close()


def _wait_until_ready(port: int) -> None:
    for _ in range(600):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise RuntimeError("the server did not become ready in a minute")


def memory_mib(pid: int) -> float:
    """Memory that a process holds now (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _png(picture: np.ndarray) -> bytes:
    return bytes(cv2.imencode(".png", picture)[1].tobytes())


if __name__ == "__main__":
    run_main(main)
