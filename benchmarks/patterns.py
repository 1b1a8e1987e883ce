r"""Measure what patterns, check digits and lexicons gain on synthetic fields.

Usage::

    HDALR_DATA_DIR=... python benchmarks/patterns.py -o docs/results/patterns.json

Three kinds of fields, each written with characters that no shipped net has learnt from and
photographed with print, rules, shadow, blur and noise:

- ZIP codes, half of them with four more digits: ``90210-4433``.
- Dates, day, month and year of 1930 to 2035: ``31/12/1999``.
- Serial numbers in the manner of ISO 13616: two capitals, two check digits over the whole (97 in
  ISO 7064), six digits: ``GB82123456``.

Each picture is read as a line once for each row of the table. With the alphabet alone a text is
right if it is apart from separators, which are not read but written by a pattern; else the whole
text has to be right. Rejected readings count with their best text. The table goes to stderr, the
record to stdout or a file.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice
from typing import Any

import cv2
import numpy as np
from held_out import NAME, held_out_store
from recording import (
    describe_run,
    describe_times,
    in_percent,
    make_parser,
    processor_seconds,
    put_record,
    run_main,
    share,
)

from hdalr.images.picture import Picture
from hdalr.images.synthetic.lines import GlyphStore, draw_hand, write_line
from hdalr.images.synthetic.paper import photograph
from hdalr.reading.checks import mod97
from hdalr.reading.reader import Reader
from hdalr.reading.request import Options

N_CODES = 1000  # in the lexicon
FIRST_DAY, N_DAYS = date(1930, 1, 1), 38_716  # to 2035
DIGITS, CAPITALS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Rng = np.random.Generator


@dataclass(frozen=True)
class Field:
    """A kind of field: how many texts are drawn, and the options of each row."""

    draw: Callable[[Rng], str]
    rows: Mapping[str, Options]


def draw_zip(rng: Rng) -> str:
    """Five digits, or nine in two groups."""
    text = draw(DIGITS, 5, rng)
    return text if rng.random() < 0.5 else f"{text}-{draw(DIGITS, 4, rng)}"


def draw_date(rng: Rng) -> str:
    """Day, month and year."""
    return f"{FIRST_DAY + timedelta(days=int(rng.integers(N_DAYS))):%d/%m/%Y}"


def draw_serial(rng: Rng) -> str:
    """Two capitals, two check digits, six digits."""
    start, end = draw(CAPITALS, 2, rng), draw(DIGITS, 6, rng)
    return next(text for check in range(2, 99) if mod97(text := f"{start}{check:02}{end}"))


def draw(characters: str, n: int, rng: Rng) -> str:
    """``n`` of the characters by chance."""
    return "".join(characters[place] for place in rng.integers(0, len(characters), n))


DIGIT_LINE: Options = {"alphabet": "digits", "layout": "line"}
SERIAL_LINE: Options = {"alphabet": f"chars:{DIGITS}{CAPITALS}", "layout": "line"}
ZIP: Options = {**DIGIT_LINE, "pattern": r"\d{5}(-\d{4})?"}
DATE: Options = {**DIGIT_LINE, "pattern": r"\d{2}/\d{2}/\d{4}"}
SERIAL: Options = {**SERIAL_LINE, "pattern": r"[A-Z]{2}\d{8}"}
FIELDS = {
    "zip": Field(draw_zip, {"alphabet": DIGIT_LINE, "pattern": ZIP, "lexicon": DIGIT_LINE}),
    "date": Field(
        draw_date,
        {"alphabet": DIGIT_LINE, "pattern": DATE, "check": {**DATE, "check": "date-dmy"}},
    ),
    "serial": Field(
        draw_serial,
        {"alphabet": SERIAL_LINE, "pattern": SERIAL, "check": {**SERIAL, "check": "mod97"}},
    ),
}


def main() -> None:
    """Write and read as many fields of each kind as the command line says."""
    parser = make_parser(__doc__)
    parser.add_argument("--n", type=int, default=1000, help="pictures a kind (default: 1000)")
    options = parser.parse_args()
    if options.n < 1:
        parser.error(f"--n {options.n}: expected at least 1")
    cv2.setNumThreads(1)
    store, reader = held_out_store(), Reader(options.model)
    fields = {
        name: measure(name, field, reader, store, options.n, [options.seed, number])
        for number, (name, field) in enumerate(FIELDS.items())
    }
    run = describe_run(f"patterns.py --n {options.n}", options)
    put_record({"glyphs": NAME, "n": options.n, "fields": fields, **run}, options.output)


def measure(
    name: str, field: Field, reader: Reader, store: GlyphStore, n: int, seed: list[int]
) -> dict[str, Any]:
    """All rows on the same pictures, in turns; the lexicon holds what is written."""
    rng = np.random.default_rng(seed)
    codes = [field.draw(rng) for _ in range(N_CODES)]
    rows = dict(field.rows)
    if "lexicon" in rows:
        rows["lexicon"] = {**rows["lexicon"], "lexicon": codes}
    for options in rows.values():
        reader.prepare(**options)
    found: dict[str, list[dict[str, Any]]] = {row: [] for row in rows}
    for number, text in enumerate(islice(cycle(codes), n)):
        picture = write(text, store, np.random.default_rng([*seed, number]))
        for row, options in rows.items():
            found[row].append(read(picture, text, reader, options, whole=row != "alphabet"))
    summary = {row: summarise(readings) for row, readings in found.items()}
    for row, measures in summary.items():
        tell(f"{name}, {row}", measures)
    return summary


def write(text: str, store: GlyphStore, rng: Rng) -> Picture:
    """A photographed line without digits drawn by strokes: the string net has learnt from these."""
    hand = dataclasses.replace(draw_hand(rng), drawn=0.0, zero_drawn=0.0, european=False)
    return photograph(write_line(text, store, rng, hand), rng)


def read(
    picture: Picture, text: str, reader: Reader, options: Options, *, whole: bool
) -> dict[str, Any]:
    """What was read beside what was written, with its separators or without."""
    started, cpu_started = time.perf_counter(), processor_seconds()
    reading = reader.read(picture, **options)
    return {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": processor_seconds() - cpu_started,
        "written": text,
        "read": reading.text,
        "right": reading.text == (text if whole else "".join(filter(str.isalnum, text))),
        "accepted": reading.accepted,
    }


def summarise(readings: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares right and accepted, of the accepted the share that is wrong, and times."""
    accepted = [one for one in readings if one["accepted"]]
    return {
        **share("exact", [one["right"] for one in readings]),
        **share("coverage", [one["accepted"] for one in readings]),
        **share("accepted_error", [not one["right"] for one in accepted]),
        "mean_ms": round(1000 * float(np.mean([one["seconds"] for one in readings])), 3),
        **describe_times(
            [one["seconds"] for one in readings], [one["cpu_seconds"] for one in readings]
        ),
        "wrong": [[one["written"], one["read"]] for one in readings if not one["right"]],
    }


def tell(title: str, row: dict[str, Any]) -> None:
    """A line of the table, to stderr."""
    print(
        f"{title:18} n {row['n']:5}  exact {in_percent(row, 'exact'):24} "
        f"accepted {in_percent(row, 'coverage'):24} "
        f"of these wrong {in_percent(row, 'accepted_error'):22} "
        f"mean {row['mean_ms']:6.1f} ms, processor {row['cpu_p50_ms']:6.1f} ms",
        file=sys.stderr,
    )


if __name__ == "__main__":
    run_main(main)
