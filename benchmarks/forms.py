"""Measure how many fields of filled forms are read right, and how well the forms are aligned.

Usage::

    HDALR_DATA_DIR=... python benchmarks/forms.py -o docs/results/forms.json

The forms of ``examples/forms`` are filled with characters of EMNIST's test part, which no shipped
net has learnt from (``emnist/emnist-union.npz`` in the data folder; MNIST's test digits are left
out, since some of them are EMNIST digits too), and photographed: perspective, turns, shadow, blur,
noise and JPEG. A field is right if its whole text is. All fields count, blank ones and check boxes
too; the record tells them apart. The table goes to stderr, the record to stdout or a file.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from held_out import NAME, held_out_glyphs
from recording import describe_run, make_parser, put_record, run_main

from hdalr.evaluation.intervals import wilson_interval
from hdalr.reading.forms import FormReading, Template, load_template, read_form
from hdalr.reading.forms.alignment import millimetres_to_pixels
from hdalr.reading.forms.filling import FILL_DPI, Glyphs, draw_texts, fill_form
from hdalr.reading.forms.marks import Homography, project
from hdalr.reading.forms.photo import photograph
from hdalr.reading.reader import Reader

EXAMPLES = Path(__file__).parents[1] / "examples" / "forms"


def main() -> None:
    """Read as many forms as the command line says, and write the record."""
    parser = make_parser(__doc__)
    parser.add_argument("--forms", type=int, default=200, help="how many (default: 200)")
    options = parser.parse_args()
    glyphs = held_out_glyphs()
    templates = [load_template(path) for path in sorted(EXAMPLES.iterdir())]
    reader = Reader(options.model)
    rows = [
        measure(templates[number % len(templates)], reader, glyphs, options.seed, number)
        for number in range(options.forms)
    ]
    record = summarise(rows) | {
        "glyphs": NAME,
        "templates": [template.name for template in templates],
        "models": sorted({field["model"] for row in rows for field in row["fields"]} - {""}),
        **describe_run(f"forms.py --forms {options.forms}", options),
        "wrong": [field for row in rows for field in row["fields"] if not field["right"]],
    }
    put_record(record, options.output)


def measure(
    template: Template, reader: Reader, glyphs: Glyphs, seed: int, number: int
) -> dict[str, Any]:
    """Fill, photograph and read one form."""
    rng = np.random.default_rng([seed, number])
    texts = draw_texts(template, rng)
    photo, truth = photograph(fill_form(template, texts, glyphs, rng), rng)
    started = time.perf_counter()
    record = read_form(photo, template, reader)
    seconds = time.perf_counter() - started
    if (number + 1) % 20 == 0:
        print(f"{number + 1} forms", file=sys.stderr)
    return {
        "seconds": seconds,
        "worst_mm": worst_mm(template, truth, record),
        "fields": [judge(template, record, name, text, number) for name, text in texts.items()],
    }


def judge(
    template: Template, record: FormReading, name: str, text: str, number: int
) -> dict[str, Any]:
    """What was written into a field beside what was read."""
    field = next(field for field in template.fields if field.name == name)
    reading = record.fields.get(name)
    return {
        "form": number,
        "field": name,
        "style": field.style.value if text else "blank",
        "written": text,
        "read": reading.text if reading else None,
        "right": reading is not None and reading.text == text,
        "accepted": reading is not None and reading.accepted,
        "confidence": round(reading.confidence, 4) if reading else 0.0,
        "reason": str(reading.reason) if reading and reading.reason else None,
        "model": reading.model if reading else "",
    }


def worst_mm(template: Template, truth: Homography, record: FormReading) -> float | None:
    """How far off the worst corner of a box is on the form; None if the form was not found."""
    if not record.alignment:
        return None
    boxes = [field.cell(index) for field in template.fields for index in range(field.cells)]
    corners = np.array(
        [(x, y) for b in boxes for x in (b.left, b.right) for y in (b.top, b.bottom)]
    )
    seen = project(truth @ millimetres_to_pixels(FILL_DPI), corners)
    found = project(np.linalg.inv(np.array(record.alignment["homography"])), seen)
    return float(np.hypot(*(found - corners).T).max())


def summarise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares of fields by style, of written ones and of all, and the alignment; also a table."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for field in (field for row in rows for field in row["fields"]):
        groups[field["style"]].append(field)
        groups["all"].append(field)
        if field["style"] in ("comb", "line", "box"):
            groups["written"].append(field)
    shares = {name: share(fields) for name, fields in sorted(groups.items())}
    for name, row in shares.items():
        low, high = row["interval"]
        print(
            f"{name:8} {row['n_right']:5} of {row['n']:5} right, {100 * row['right']:6.2f} % "
            f"({100 * low:.2f}–{100 * high:.2f}); accepted {100 * row['coverage']:6.2f} %, "
            f"of these wrong {100 * row['accepted_error']:.2f} %",
            file=sys.stderr,
        )
    errors = [row["worst_mm"] for row in rows if row["worst_mm"] is not None]
    within = sum(error <= 1 for error in errors)
    return {
        "n_forms": len(rows),
        "fields": shares,
        "aligned_within_1_mm": within / len(rows),
        "aligned_interval": wilson_interval(within, len(rows)),
        "worst_mm_median": float(np.median(errors)) if errors else None,
        "worst_mm_max": max(errors, default=None),
        "seconds_median": float(np.median([row["seconds"] for row in rows])),
    }


def share(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """How many of some fields are right, with the Wilson interval, and how many are accepted."""
    n_right = sum(field["right"] for field in fields)
    accepted = [field for field in fields if field["accepted"]]
    n_wrong = sum(not field["right"] for field in accepted)
    return {
        "n": len(fields),
        "n_right": n_right,
        "right": n_right / len(fields),
        "interval": wilson_interval(n_right, len(fields)),
        "coverage": len(accepted) / len(fields),
        "accepted_error": n_wrong / len(accepted) if accepted else 0.0,
    }


if __name__ == "__main__":
    run_main(main)
