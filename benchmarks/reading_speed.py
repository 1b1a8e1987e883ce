"""Measure how long reading takes and how much memory, beside the bare call of the net.

Usage::

    python benchmarks/reading_speed.py -o docs/results/reading-speed.json

All pictures are made of the test part of the bundled digits, so that no data folder is needed. In
turns, picture by picture, in one process that has read before:

- one character as an array through ``Reader.read``, said to be one or found out, beside the bare
  call of ONNX Runtime on the same net with its input made ready: ``ratio`` is the ratio of the two
  medians, ``ratio_paired`` the median of the ratios of each picture, ``cpu_ratio`` that of the
  medians of the processor's time, which other users of the machine disturb less;
- a field, a photographed line of five or six digits, with the alphabet of digits, with a pattern,
  and with the layout found out as well.

Then ``hdalr read`` of the first field as a new process each time: best and median seconds, most
memory. All compute with one thread. The table goes to stderr, the record to stdout or a file.
"""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from recording import (
    describe_run,
    describe_times,
    make_parser,
    processor_seconds,
    put_record,
    run_main,
)

from hdalr.bundles.bundle import WEIGHTS_FOLDER, load_bundle, open_session
from hdalr.bundles.folder import GRAPH
from hdalr.datasets import load_dataset
from hdalr.images.batch import Images
from hdalr.images.glyph import normalise_glyphs
from hdalr.images.picture import Picture
from hdalr.images.synthetic.lines import GlyphStore, draw_hand, write_line
from hdalr.images.synthetic.paper import photograph
from hdalr.reading.reader import Reader
from hdalr.reading.request import Options

NET = "characters"  # what reads a single character where nothing is said of the alphabet
ENLARGED, PAPER, INK = 4, 230, 190  # times; grey value; by how much ink is darker
N_DIGITS = 360  # in the bundled test part
WARM_UP = 5  # calls before the first that counts
CHARACTER: Mapping[str, Options] = {
    "character": {"layout": "character"},
    "character, found out": {},
}
FIELD: Mapping[str, Options] = {
    "field, digits": {"alphabet": "digits", "layout": "line"},
    "field, pattern": {"pattern": r"\d{5,6}", "layout": "line"},
    "field, digits, found out": {"alphabet": "digits"},
}
# The peak of a process counts what it held before it became the program that was asked for, so the
# measuring one must be small itself.
MEASURE_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""

Calls = Mapping[str, Callable[[], Any]]


def main() -> None:
    """Measure all, and write the record."""
    parser = make_parser(__doc__)
    parser.add_argument("--n", type=int, default=200, help="pictures of each kind (default: 200)")
    parser.add_argument("--starts", type=int, default=10, help="new processes (default: 10)")
    options = parser.parse_args()
    if not 1 <= options.n <= N_DIGITS or options.starts < 1:
        parser.error(f"--n is 1 to {N_DIGITS}, as many as there are digits; --starts at least 1")
    if options.model:
        parser.error("--model: the bare call is that of the bundles that ship")
    cv2.setNumThreads(1)
    rng = np.random.default_rng(options.seed)
    digits = load_dataset("digits")
    store = GlyphStore(
        normalise_glyphs(list(digits.test_images)), digits.test_labels, digits.classes
    )
    fields = [draw_field(store, rng) for _ in range(options.n)]
    record = {
        "pictures": "bundled digits, test part",
        "character": measure_characters(digits.test_images[: options.n]),
        "field": measure_fields(fields),
        "start": measure_start(fields[0], options.starts),
        **describe_run(f"reading_speed.py --n {options.n} --starts {options.starts}", options),
    }
    put_record(record, options.output)


def draw_field(store: GlyphStore, rng: np.random.Generator) -> Picture:
    """A photographed line of five or six digits."""
    text = "".join(rng.choice(list(store.characters), int(rng.integers(5, 7))))
    hand = dataclasses.replace(draw_hand(rng), drawn=0.0, zero_drawn=0.0, european=False)
    return photograph(write_line(text, store, rng, hand), rng)


def measure_characters(images: Images) -> dict[str, Any]:
    """The reader beside the bare net."""
    reader = Reader()
    session = open_session(
        (WEIGHTS_FOLDER / NET / GRAPH).read_bytes(), load_bundle(NET).tensors, 1, NET
    )

    def calls(image: Picture) -> Calls:
        picture = put_on_paper(image)
        glyph = normalise_glyphs([image])
        bare: Calls = {"bare": lambda: session.run(None, {"pictures": glyph})}
        return {**bare, **readings(reader, picture, CHARACTER)}

    seconds, rows = in_turns(map(calls, images))
    bare = rows["bare"]
    for name in CHARACTER:
        paired = np.divide(seconds[name], seconds["bare"])
        rows[name]["ratio"] = round(rows[name]["p50_ms"] / bare["p50_ms"], 2)
        rows[name]["ratio_paired"] = round(float(np.median(paired)), 2)
        rows[name]["cpu_ratio"] = round(rows[name]["cpu_p50_ms"] / bare["cpu_p50_ms"], 2)
    tell(rows)
    return rows


def measure_fields(fields: list[Picture]) -> dict[str, Any]:
    """Fields, asked for in several ways."""
    reader = Reader()
    _, rows = in_turns(readings(reader, picture, FIELD) for picture in fields)
    tell(rows)
    return rows


def put_on_paper(image: Picture) -> Picture:
    """A cropped photo of a character: dark on light, of a size that a camera gives."""
    large = cv2.resize(image, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    return np.asarray(PAPER - large.astype(np.float32) * (INK / 255), np.uint8)


def readings(reader: Reader, picture: Picture, ways: Mapping[str, Options]) -> Calls:
    """A call for each way to ask."""

    def call(options: Options) -> Callable[[], Any]:
        return lambda: reader.read(picture, **options)

    return {name: call(options) for name, options in ways.items()}


def in_turns(pictures: Iterable[Calls]) -> tuple[dict[str, list[float]], dict[str, dict[str, Any]]]:
    """Time the calls of each picture one after the other.

    Returns
    -------
    seconds
        Of each call, on the clock, in the order of the pictures.
    rows
        What `describe_times` says of them.
    """
    seconds: dict[str, list[float]] = defaultdict(list)
    cpu_seconds: dict[str, list[float]] = defaultdict(list)
    for number, calls in enumerate(pictures):
        for name, call in calls.items():
            for _ in range(WARM_UP if number == 0 else 0):
                call()
            started, cpu_started = time.perf_counter(), processor_seconds()
            call()
            cpu_seconds[name].append(processor_seconds() - cpu_started)
            seconds[name].append(time.perf_counter() - started)
    rows = {name: describe_times(seconds[name], cpu_seconds[name]) for name in seconds}
    return seconds, rows


def measure_start(picture: Picture, n: int) -> dict[str, Any]:
    """``hdalr read`` of one picture, from its start to its end, and the most memory it held."""
    program = Path(sys.executable).with_name("hdalr")
    if not program.exists():
        sys.exit(f"{program}: there is no such program; install the package beside this Python")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "field.png"
        cv2.imwrite(str(path), picture)
        command = [str(program), "read", str(path)]
        subprocess.run(command, capture_output=True, check=True)  # brings its files into memory
        seconds, cpu_seconds, peaks = zip(*(start(command) for _ in range(n)), strict=True)
    row = {
        "best_seconds": round(min(seconds), 3),
        "median_seconds": round(float(np.median(seconds)), 3),
        "cpu_median_seconds": round(float(np.median(cpu_seconds)), 3),
        "n": n,
        "peak_memory_mib": round(max(peaks) / 2**20, 1),
    }
    print(
        f"{'hdalr read, new process':26} best {row['best_seconds']:.2f} s, median "
        f"{row['median_seconds']:.2f} s, processor {row['cpu_median_seconds']:.2f} s, "
        f"{row['peak_memory_mib']:.0f} MiB",
        file=sys.stderr,
    )
    return row


def start(command: list[str]) -> tuple[float, float, int]:
    """Seconds on the clock and of the processor, and, of another run, the most memory in bytes."""
    started, cpu_started = time.perf_counter(), processor_seconds()
    subprocess.run(command, capture_output=True, check=True)
    seconds, cpu_seconds = time.perf_counter() - started, processor_seconds() - cpu_started
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE_PEAK, *command], capture_output=True, text=True, check=True
    )
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, cpu_seconds, int(measured.stdout) * unit


def tell(rows: dict[str, dict[str, Any]]) -> None:
    """The table, to stderr."""
    for name, row in rows.items():
        ratio = (
            f", {row['ratio']} times the bare call (processor: {row['cpu_ratio']})"
            if "ratio" in row
            else ""
        )
        print(
            f"{name:26} n {row['n']:5}  median {row['p50_ms']:7.2f} ms, 90 % within "
            f"{row['p90_ms']:7.2f} ms, processor {row['cpu_p50_ms']:7.2f} ms{ratio}",
            file=sys.stderr,
        )


if __name__ == "__main__":
    run_main(main)
