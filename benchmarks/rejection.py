"""Measure how much of what is no character the reader declines, and what declining costs.

Usage::

    HDALR_DATA_DIR=... python benchmarks/rejection.py -o docs/results/rejection.json

Pictures without a character of ours, read with the default alphabet, once said to be a character
and once with the layout found out:

- ``devanagari``: characters of the test part of DHCD, made dark on light; without the classes that
  the recipes list as look-alikes of ours. The nets have learnt from the train part, that is, from
  other pictures of the same classes, that these are no characters.
- ``blots``, ``dashes``, ``drawings``: spills with lobes and drops; one or two bowed lines at up to
  30 degrees; figures such as a house, a face or a star. The training draws blots, dashes and
  bodies with limbs and marks too, at random, by other code: none of these figures is among them.
- ``paper``: nothing written. The net for characters has learnt from what is left where paper's
  grain is taken for ink, the one for lines from a few strips without writing, or with marks alone.
- ``box``, ``comb``: a printed box, or a row of cells, with nothing in it. The training draws empty
  boxes, of up to three cells, by other code.

Each but the first is photographed by the function that photographs the training's lines, with
print, rules, shadow, blur and noise, from other seeds. A comb and a strip of paper are lines, so
they are read with the layout found out only.

The other side are the pictures of ``real/paper62`` in the data folder (a development set) that are
read right, upper and lower case taken as equal: how many of these are accepted. Everything is
asked with ``case="fold"``, so that a doubt between C and c declines nothing on either side, and
accepted without ``max_error``. The table goes to stderr, the record to stdout or a file.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from no_characters import (
    Rng,
    Specimen,
    draw_blot,
    draw_box,
    draw_comb,
    draw_dash,
    draw_figure,
    draw_paper,
    draw_strip,
)
from recording import (
    describe_run,
    in_percent,
    make_parser,
    put_record,
    require_data,
    run_main,
    share,
)

from hdalr.datasets import load_dataset
from hdalr.reading.evaluation import evaluate_folder
from hdalr.reading.reader import Reader
from hdalr.reading.request import Options
from hdalr.reading.result import Reading
from hdalr.recipes.readers import RECIPES

CASE: Options = {"case": "fold"}
LAYOUTS: Mapping[str, Options] = {
    "character": {**CASE, "layout": "character"},
    "found out": CASE,
}
LINE = ("found out",)  # for what is no character's shape


@dataclass(frozen=True)
class Kind:
    """What is no character: how it is drawn, and how it is asked for."""

    draw: Callable[[Rng], Specimen]
    layouts: Sequence[str] = tuple(LAYOUTS)


DRAWN = {
    "blots": Kind(draw_blot),
    "dashes": Kind(draw_dash),
    "drawings": Kind(draw_figure),
    "paper, 60 x 60": Kind(draw_paper),
    "paper, 64 x 220": Kind(draw_strip, LINE),
    "box": Kind(draw_box),
    "comb": Kind(draw_comb, LINE),
}


def main() -> None:
    """Read as many pictures of each kind as the command line says, and the right ones."""
    parser = make_parser(__doc__)
    parser.add_argument("--n", type=int, default=500, help="pictures a kind (default: 500)")
    options = parser.parse_args()
    if options.n < 1:
        parser.error(f"--n {options.n}: expected at least 1")
    folder = require_data("devanagari and real/paper62")
    cv2.setNumThreads(1)
    reader = Reader(options.model)
    kinds = {"devanagari": Kind(devanagari()), **DRAWN}
    record = {
        "n": options.n,
        "case": CASE["case"],
        "declined": {
            name: measure(name, kind, reader, options.n, [options.seed, number])
            for number, (name, kind) in enumerate(kinds.items())
        },
        "kept": {layout: keep(folder / "real" / "paper62", reader, layout) for layout in LAYOUTS},
        **describe_run(f"rejection.py --n {options.n}", options),
    }
    put_record(record, options.output)


def measure(name: str, kind: Kind, reader: Reader, n: int, seed: list[int]) -> dict[str, Any]:
    """Read the same pictures of a kind in each layout."""
    specimens = [kind.draw(np.random.default_rng([*seed, number])) for number in range(n)]
    rows = {}
    for layout in kind.layouts:
        readings = [reader.read(one.picture, **LAYOUTS[layout]) for one in specimens]
        rows[layout] = summarise([one.sort for one in specimens], readings)
        tell(f"{name}, {layout}", rows[layout], "rejected")
    return rows


def summarise(sorts: Sequence[str], readings: Sequence[Reading]) -> dict[str, Any]:
    """How many were rejected, for which reasons, and as what the others were accepted."""
    accepted = [(sort, one.text) for sort, one in zip(sorts, readings, strict=True) if one.accepted]
    return {
        "n": len(readings),
        "n_rejected": len(readings) - len(accepted),
        **share("rejected", [not one.accepted for one in readings]),
        "reasons": count_reasons(readings),
        "accepted": [[*pair, n] for pair, n in Counter(accepted).most_common()],
    }


def keep(folder: Path, reader: Reader, layout: str) -> dict[str, Any]:
    """Of the readings of a folder that are right apart from case: how many are accepted."""
    judged = evaluate_folder(folder, lambda path: reader.read(path, **LAYOUTS[layout])).judged
    right = [one.reading for one in judged if one.reading.text.casefold() == one.true.casefold()]
    row = {
        "n_pictures": len(judged),
        "n": len(right),
        "n_kept": sum(one.accepted for one in right),
        **share("kept", [one.accepted for one in right]),
        "reasons": count_reasons(right),
    }
    tell(f"{folder.name}, {layout}", row, "kept")
    return row


def count_reasons(readings: Sequence[Reading]) -> dict[str, int]:
    """How often each reason was given, the most frequent first."""
    counts = Counter(one.reason.value for one in readings if one.reason is not None)
    return dict(counts.most_common())


def devanagari() -> Callable[[Rng], Specimen]:
    """Characters of DHCD's test part that look like none of ours, dark on light."""
    data = load_dataset("devanagari")
    left_out = {label for recipe in RECIPES.values() for label in recipe.look_alikes}
    kept = [number for number, label in enumerate(data.classes) if label not in left_out]
    rows = np.flatnonzero(np.isin(data.test_labels, kept))

    def draw(rng: Rng) -> Specimen:
        row = rng.choice(rows)
        return Specimen(data.classes[data.test_labels[row]], 255 - data.test_images[row])

    return draw


def tell(title: str, row: dict[str, Any], name: str) -> None:
    """A line of the table, to stderr."""
    reasons = ", ".join(f"{n} {reason}" for reason, n in row["reasons"].items())
    print(
        f"{title:24} n {row['n']:5}  {name} {in_percent(row, name):24} {reasons}", file=sys.stderr
    )


if __name__ == "__main__":
    run_main(main)
