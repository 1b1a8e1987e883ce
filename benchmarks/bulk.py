"""Measure reading in bulk: rate of workers, cost of a task, memory of a long run, same answers.

Usage::

    python benchmarks/bulk.py -o docs/results/bulk.json

The pictures are the bundled digits, single ones of 64 x 64 pixels and fields of five, each moved
and shaded otherwise, as PNG files. Rates: one and two workers of one thread each take turns on the
same pictures, warm, five rounds. Memory: a run with two workers over ``--long`` pictures, sampled
after each chunk; this process holds the scheduler, too. Answers: in one process, on two workers,
and on two workers after a kill -9 in the middle.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
import pyarrow.parquet as pq
from recording import describe_run, make_parser, put_record, run_main

from hdalr.bulk import Bulk, BulkProgress, read_in_bulk
from hdalr.bulk.work import success
from hdalr.cluster import SPARING, open_cluster, spread
from hdalr.datasets import load_dataset
from hdalr.reading.request import Options

ROUNDS = 5
WARM = 40  # pictures, before each rate
CHARACTER = Options(layout="character", alphabet="digits")
FIELD = Options(layout="line", alphabet="digits")
MEMORY_POINTS = 200  # of the long run that the record keeps
Clock = Callable[[BulkProgress], None]


def main() -> None:
    """Measure all and write the record."""
    parser = make_parser(__doc__)
    parser.add_argument("--characters", type=int, default=6000, help="pictures for the rates")
    parser.add_argument("--fields", type=int, default=800)
    parser.add_argument("--tasks", type=int, default=2000, help="that do nothing")
    parser.add_argument("--long", type=int, default=100_000, help="pictures of the long run")
    parser.add_argument("--same", type=int, default=1000, help="pictures for the answers")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        put_record(measure(Path(folder), options), options.output)


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The record."""
    draw = Drawing(options.seed)
    characters = draw.write(folder / "characters", options.characters, 1)
    fields = draw.write(folder / "fields", options.fields, 5)
    rates = [
        _compare_rates("character", characters, CHARACTER, folder),
        _compare_rates("field of five digits", fields, FIELD, folder),
    ]
    same = _compare_answers(characters, options.same, folder)
    overhead = _time_tasks(options.tasks)
    long = draw.write(folder / "long", options.long, 1)
    memory = _watch_memory(long, folder)
    words = " ".join(
        f"--{name} {getattr(options, name)}"
        for name in ("characters", "fields", "tasks", "long", "same")
    )
    return {
        **describe_run(f"bulk.py {words}", options),
        "rates": rates,
        "overhead": overhead,
        "memory": memory,
        "same": same,
    }


class Drawing:
    """Pictures of bundled digits, each moved and shaded otherwise."""

    def __init__(self, seed: int) -> None:
        self._digits = load_dataset("digits").test_images
        self._rng = np.random.default_rng(seed)

    def write(self, folder: Path, n: int, digits: int) -> Path:
        """Write n pictures with so many digits each into a folder of folders of 1,000."""
        for number in range(n):
            if number % 1000 == 0:
                place = folder / f"{number // 1000:04d}"
                place.mkdir(parents=True)
            cv2.imwrite(str(place / f"{number:06d}.png"), self._draw(digits))
        return folder

    def _draw(self, digits: int) -> np.ndarray:
        paper = np.full((64, 16 + 44 * digits + 4), self._rng.integers(225, 256), np.uint8)
        chosen = self._digits[self._rng.integers(len(self._digits), size=digits)]
        for place, digit in enumerate(chosen):
            ink = cv2.resize(digit, (44, 44), interpolation=cv2.INTER_CUBIC)
            top, left = self._rng.integers(4, 16), 8 + 44 * place + self._rng.integers(-2, 3)
            there = paper[top : top + 44, left : left + 44]
            np.minimum(there, 255 - (ink * 0.85).astype(np.uint8), out=there)
        return paper


def _compare_rates(what: str, pictures: Path, options: Options, folder: Path) -> dict[str, Any]:
    """Pictures a second in this process, with one worker, with two; ratios of the same round."""
    warm = folder / f"warm-{pictures.name}"
    warm.mkdir()
    for path in sorted(pictures.rglob("*.png"))[:WARM]:
        shutil.copy(path, warm / path.name)
    rates: dict[str, list[float]] = {"alone": [], "one": [], "two": []}
    for number in range(ROUNDS):
        for name, workers in (("alone", 0), ("one", 1), ("two", 2)):
            with _workers(workers) as address:
                out = folder / "rate"
                _read(warm, out, options, address)  # so that all is loaded
                shutil.rmtree(out)
                done = _read(pictures, out, options, address)
                sizes = _measure_sizes(pictures, out, done.n_done)
                shutil.rmtree(out)
            rates[name].append(done.rate)
            print(f"{what}, round {number + 1}, {name}: {done.rate:.1f} a second", file=sys.stderr)
    ratios = [two / one for one, two in zip(rates["one"], rates["two"], strict=True)]
    return {
        "what": what,
        "n": done.n_done,
        "rates": {name: [round(rate, 1) for rate in found] for name, found in rates.items()},
        "two_against_one": round(float(np.median(ratios)), 3),
        "two_against_one_rounds": [round(ratio, 3) for ratio in ratios],
        "bytes_a_picture": sizes,
    }


def _measure_sizes(pictures: Path, out: Path, n: int) -> dict[str, float]:
    """Bytes for each picture: its file, its rows in Parquet, its answer on the way."""
    parts = sorted(out.glob("*.parquet"))
    rows = pq.read_table(parts[0]).slice(0, 100).to_pylist()
    chunk = [success(row["path"], row["sha256"], [row]) for row in rows]
    return {
        "file": round(sum(path.stat().st_size for path in pictures.rglob("*.png")) / n, 1),
        "parquet": round(sum(path.stat().st_size for path in parts) / n, 1),
        "answer": round(len(pickle.dumps(chunk)) / len(chunk), 1),
    }


@contextlib.contextmanager
def _workers(n: int) -> Iterator[str | None]:
    """The address of a scheduler with so many workers, one thread each; None for this process."""
    if not n:
        yield None
        return
    import dask
    from distributed import LocalCluster

    with dask.config.set(SPARING), LocalCluster(
        n_workers=n, threads_per_worker=1, dashboard_address=None, memory_limit=0,
        silence_logs=50, env={"OMP_NUM_THREADS": "1"},
    ) as cluster:  # fmt: skip
        yield cluster.scheduler_address


def _read(
    pictures: Path, out: Path, options: Options, address: str | None, **others: Any
) -> BulkProgress:
    return read_in_bulk(Bulk([str(pictures)], str(out), options=options, cluster=address), **others)


def _time_tasks(n: int) -> dict[str, Any]:
    """Milliseconds that a task costs beyond its work, with two workers."""
    with open_cluster(2) as client:
        waiting = iter(range(n + 20))
        began = 0.0
        for number, _ in spread(client, _nothing, lambda: next(waiting, None), ahead=2):
            if number == 20:
                began = time.perf_counter()
        milliseconds = (time.perf_counter() - began) / n * 1000
    print(f"a task costs {milliseconds:.2f} ms", file=sys.stderr)
    return {"n": n, "ms_a_task": round(milliseconds, 3), "workers": 2}


def _nothing(item: int) -> int:
    return item


def _watch_memory(pictures: Path, folder: Path) -> dict[str, Any]:
    """Resident memory of this process and of its workers, against pictures that are done."""
    samples: list[tuple[int, float, float]] = []
    own = psutil.Process()

    def sample(now: BulkProgress) -> None:
        mebibytes = own.memory_info().rss / 2**20
        workers = [_resident(child) for child in own.children(recursive=True)]
        samples.append((now.n_done, round(mebibytes, 1), round(max(workers, default=0.0), 1)))
        if now.n_done % 10_000 < 100:
            print(f"{now.n_done}: {mebibytes:.0f} MiB, worker {max(workers):.0f}", file=sys.stderr)

    plan = Bulk([str(pictures)], str(folder / "long-rows"), options=CHARACTER, jobs=2)
    done = read_in_bulk(plan, sample)
    rows = pq.read_table(folder / "long-rows", columns=["path", "error"])
    paths = rows.column("path").to_pylist()
    assert len(paths) == len(set(paths)) == done.n_done
    growth = {
        name: round(_growth([(one[0], one[index]) for one in samples]), 4)
        for name, index in (("client", 1), ("worker", 2))
    }
    step = max(1, len(samples) // MEMORY_POINTS)
    return {
        "n": done.n_done,
        "seconds": round(done.seconds, 1),
        "rate": round(done.rate, 1),
        "n_failed": done.n_failed,
        "growth_after_10000": growth,
        "columns": ["pictures", "client_MiB", "largest_worker_MiB"],
        "samples": samples[::step],
    }


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss / 2**20)
    except psutil.NoSuchProcess:
        return 0.0


def _growth(samples: list[tuple[int, float]]) -> float:
    """By what share the peak after the first 10,000 pictures lies above the peak before."""
    before = max(memory for n, memory in samples if n <= 10_000)
    return max(memory for _, memory in samples) / before - 1


def _compare_answers(pictures: Path, n: int, folder: Path) -> dict[str, Any]:
    """Texts, decisions and probabilities in three ways of reading the same pictures."""
    some = folder / "some"
    some.mkdir()
    for path in sorted(pictures.rglob("*.png"))[:n]:
        shutil.copy(path, some / path.name)
    _read(some, folder / "alone", CHARACTER, None)
    read_in_bulk(Bulk([str(some)], str(folder / "two"), options=CHARACTER, jobs=2))
    _kill_and_resume(some, folder / "resumed")
    alone, two, resumed = (_rows(folder / name) for name in ("alone", "two", "resumed"))
    return {
        "n": len(alone),
        "two_workers": _differences(alone, two),
        "killed_and_resumed": _differences(alone, resumed),
    }


def _kill_and_resume(pictures: Path, out: Path) -> None:
    command = [sys.executable, "-m", "hdalr", "read", str(pictures), "--as", "character",
               "--alphabet", "digits", "--jobs", "2", "-o", f"{out}/"]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    index = out / "_index.sqlite-wal"
    while not (index.exists() and index.stat().st_size > 250_000):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    subprocess.run(command, check=True, capture_output=True)


def _rows(folder: Path) -> dict[str, dict[str, Any]]:
    rows = pq.read_table(folder).to_pylist()
    found = {row["path"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def _differences(
    one: dict[str, dict[str, Any]], other: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    assert one.keys() == other.keys()
    pairs = [(one[path], other[path]) for path in one]
    gaps = [
        abs(a["confidence"] - b["confidence"])
        for left, right in pairs
        for a, b in [(left, right), *zip(left["characters"], right["characters"], strict=True)]
    ]
    return {
        "other_texts": sum(a["text"] != b["text"] for a, b in pairs),
        "other_decisions": sum(a["accepted"] != b["accepted"] for a, b in pairs),
        "largest_difference": max(gaps),
    }


if __name__ == "__main__":
    run_main(main)
