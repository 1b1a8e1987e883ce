"""Measure hdalr and Tesseract on the same pictures, one picture after the other, in one run.

Usage::

    python benchmarks/tesseract.py digits:SETS/cheque_amounts characters:SETS/paper62 -o RECORD

A set is what its pictures hold (``digits``: a line of them, or ``characters``: one digit or
letter) and a folder with ``labels.csv`` (file,text). Both are told what they hold: Tesseract by its
page segmentation mode and its list of allowed characters, hdalr by layout and alphabet. What is not
in the alphabet, such as spaces, is taken out of both answers. A rejected reading of hdalr counts
with its best text.

The two are timed as they are mostly used, which is not the same: hdalr by a `Reader` that has
been used before, Tesseract by its command line program, started anew for each picture. Before every
tenth picture it is also given a blank one: that time is the start alone, program and language
model. Both compute with one thread. The table goes to stderr, the record to stdout or a file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from recording import (
    describe_run,
    describe_times,
    in_percent,
    make_parser,
    processor_seconds,
    put_record,
    run_main,
)

from hdalr.reading.alphabets import find_alphabet
from hdalr.reading.evaluation import Judged, measure
from hdalr.reading.reader import Reader
from hdalr.reading.request import Options
from hdalr.reading.result import Reading
from hdalr.reading.truth import read_truth

BLANK_PX = 64
BLANK_EVERY = 10
MEASURES = ("exact", "exact_interval", "exact_folded", "exact_folded_interval", "character_error")


@dataclass(frozen=True)
class Kind:
    """What pictures hold, and how each of the two is told so."""

    alphabet: str
    layout: str
    segmentation: int  # Tesseract's --psm

    @property
    def options(self) -> Options:
        """For `Reader.read`."""
        return {"alphabet": self.alphabet, "layout": self.layout}

    @property
    def characters(self) -> str:
        """All that a text may hold."""
        return "".join(find_alphabet(self.alphabet))


class Timed(NamedTuple):
    """A reading beside its truth, and the seconds that a processor worked for it."""

    judged: Judged
    cpu_seconds: float


KINDS = {"digits": Kind("digits", "line", 7), "characters": Kind("alphanumeric", "character", 10)}


def main() -> None:
    """Measure both on each set that the command line names."""
    parser = make_parser(__doc__)
    parser.add_argument("sets", nargs="+", metavar="KIND:FOLDER", help=f"KIND: {', '.join(KINDS)}")
    parser.add_argument("--limit", type=int, default=200, help="pictures a set (default: 200)")
    options = parser.parse_args()
    sets = [tuple(one.partition(":")[::2]) for one in options.sets]
    for kind, folder in sets:
        if kind not in KINDS or not folder:
            parser.error(f"{kind}:{folder}: expected KIND:FOLDER with KIND of {', '.join(KINDS)}")
    if options.limit < 1:
        parser.error(f"--limit {options.limit}: expected at least 1")
    if shutil.which("tesseract") is None:
        parser.error(
            "there is no program tesseract; install it (Debian: tesseract-ocr), then again"
        )
    cv2.setNumThreads(1)
    reader = Reader(options.model)
    rows = [
        compare(KINDS[kind], Path(folder), reader, options.limit, options.seed)
        for kind, folder in sets
    ]
    named = " ".join(f"{kind}:SETS/{Path(folder).name}" for kind, folder in sets)
    run = describe_run(f"tesseract.py {named} --limit {options.limit}", options)
    put_record({"tesseract": tesseract_version(), "sets": rows, **run}, options.output)


def compare(kind: Kind, folder: Path, reader: Reader, limit: int, seed: int) -> dict[str, Any]:
    """Both on a random part of a folder, in turns."""
    texts = read_truth(folder).texts
    rng = np.random.default_rng(seed)
    files = sorted(rng.permutation(sorted(texts))[:limit].tolist())
    reader.read(folder / files[0], **kind.options)  # loads the nets
    ours: list[Timed] = []
    theirs: list[Timed] = []
    starts: list[Timed] = []
    with tempfile.TemporaryDirectory() as scratch:
        blank = Path(scratch) / "blank.png"
        cv2.imwrite(str(blank), np.full((BLANK_PX, BLANK_PX), 255, np.uint8))
        for number, file in enumerate(files):
            if number % BLANK_EVERY == 0:
                starts.append(timed(blank, "", lambda path: run_tesseract(path, kind)))
            path, text = folder / file, texts[file]
            ours.append(timed(path, text, lambda path: reader.read(path, **kind.options)))
            theirs.append(timed(path, text, lambda path: run_tesseract(path, kind)))
    row = {
        "set": folder.name,
        "hdalr": summarise(ours),
        "tesseract": summarise(theirs),
        "tesseract_start": summarise_times(starts),
    }
    tell(row)
    return row


def timed(path: Path, text: str, read: Callable[[Path], Reading]) -> Timed:
    """Read a picture that says ``text``."""
    started, cpu_started = time.perf_counter(), processor_seconds()
    reading = read(path)
    seconds = time.perf_counter() - started
    return Timed(Judged(path.name, text, reading, seconds), processor_seconds() - cpu_started)


def run_tesseract(path: Path, kind: Kind) -> Reading:
    """Start Tesseract on a picture; what it prints, as a reading."""
    command = ["tesseract", str(path), "-", "--psm", str(kind.segmentation)]
    command += ["-c", f"tessedit_char_whitelist={kind.characters}"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=True,
        env=os.environ | {"OMP_THREAD_LIMIT": "1"},
    )
    text = "".join(character for character in done.stdout if character in kind.characters)
    return Reading(text, True, None, 1.0, (), "tesseract")


def tesseract_version() -> str:
    """The first line of what it says of itself: ``tesseract 5.3.0``."""
    done = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]


def summarise(timed: list[Timed]) -> dict[str, Any]:
    """Shares of texts read right, the character error, and times."""
    measures = measure([one.judged for one in timed])
    return {name: measures[name] for name in MEASURES} | summarise_times(timed)


def summarise_times(timed: list[Timed]) -> dict[str, Any]:
    """On the clock and of the processor."""
    return describe_times([one.judged.seconds for one in timed], [one.cpu_seconds for one in timed])


def tell(row: dict[str, Any]) -> None:
    """A line of the table for each of the two, to stderr."""
    for name in ("hdalr", "tesseract"):
        found = row[name]
        print(
            f"{row['set']:16} {name:10} n {found['n']:5}  exact {in_percent(found, 'exact'):24} "
            f"folded {in_percent(found, 'exact_folded'):24} "
            f"character error {100 * found['character_error']:5.1f} %  "
            f"{found['p50_ms']:7.1f} ms, 90 % within {found['p90_ms']:7.1f} ms, "
            f"processor {found['cpu_p50_ms']:7.1f} ms",
            file=sys.stderr,
        )
    start = row["tesseract_start"]
    print(
        f"{row['set']:16} tesseract's start alone: {start['p50_ms']:.1f} ms, "
        f"processor {start['cpu_p50_ms']:.1f} ms",
        file=sys.stderr,
    )


if __name__ == "__main__":
    run_main(main)
