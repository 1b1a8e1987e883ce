"""Measure what a bundle learns from corrections, and what it forgets meanwhile.

Usage::

    HDALR_DATA_DIR=... python benchmarks/feedback.py -o docs/results/feedback.json

An office that writes zeros with a bar through them, twos as barred z and nines with a loop corrects
some pictures of digits; all are drawn for the purpose, these three in shapes that the training of
the shipped nets has not, and photographed as its lines are. What ``hdalr train readers.digits
--feedback FOLDER`` does with its defaults then learns from them, once a seed; a row is the
``record["feedback"]`` of its bundle.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from recording import describe_run, make_parser, put_record, run_main

from hdalr.images.synthetic.paper import photograph
from hdalr.images.synthetic.strokes import SHAPES, Shape, draw_shape
from hdalr.recipes.readers import RECIPES
from hdalr.training.bundling import train_bundle
from hdalr.training.feedback import load_corrections

RECIPE = "readers.digits"
BAR = ((-0.05, 0.5), (0.65, 0.5))
BARRED_Z = ((0.0, 0.0), (0.6, 0.0), (0.6, 0.0), (0.0, 1.0), (0.0, 1.0), (0.6, 1.0))
LOOPED_G = (
    *((0.5, 0.15), (0.25, 0.0), (0.05, 0.2), (0.25, 0.4), (0.5, 0.2), (0.5, 0.15)),
    *((0.5, 0.8), (0.3, 1.0), (0.0, 0.9), (0.1, 0.75), (0.6, 0.7)),
)
OWN: dict[str, tuple[Shape, ...]] = {
    "0": tuple((*shape, BAR) for shape in SHAPES["0"]),
    "2": ((BARRED_Z, BAR),),
    "9": ((LOOPED_G,),),
}


def main() -> None:
    """Measure, and write the record."""
    parser = make_parser(__doc__)
    parser.add_argument("--n", type=int, default=150, help="pictures corrected (default: 150)")
    parser.add_argument("--seeds", type=int, default=3, help="trainings (default: 3)")
    options = parser.parse_args()
    if options.n < 20 or options.seeds < 1:
        parser.error("--n is at least 20, --seeds at least 1")
    if options.model:
        parser.error("--model: it starts from the bundle that ships")
    rows = [measure(options.seed + number, options.n) for number in range(options.seeds)]
    put_record(
        {
            "runs": rows,
            **describe_run(f"feedback.py --n {options.n} --seeds {options.seeds}", options),
        },
        options.output,
    )


def measure(seed: int, n: int) -> dict[str, Any]:
    """Correct, learn, compare."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "corrections"
        write_corrections(folder, n, np.random.default_rng(seed))
        corrections = load_corrections(folder, RECIPES[RECIPE])
        bundle = train_bundle(
            RECIPE, Path(scratch) / "tuned", random_state=seed, corrections=corrections
        )
    row: dict[str, Any] = bundle.manifest.record["feedback"]
    held, old = row["held"], row["old_test"]
    print(
        f"seed {seed}: held out {held['before']:.4f} to {held['after']:.4f} (n {held['n']}), "
        f"old test set {old['before']:.4f} to {old['after']:.4f} (n {old['n']})",
        file=sys.stderr,
    )
    return {"seed": seed, **row}


def write_corrections(folder: Path, n: int, rng: np.random.Generator) -> None:
    """A folder as ``hdalr feedback export`` makes it."""
    folder.mkdir()
    with (folder / "labels.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("file", "text"))
        for number in range(n):
            digit = str(rng.integers(10))
            shapes = OWN.get(digit, SHAPES[digit])
            picture = photograph(draw_shape(shapes[int(rng.integers(len(shapes)))], rng), rng)
            name = f"{number:04}.png"
            cv2.imwrite(str(folder / name), picture)
            rows.writerow((name, digit))


if __name__ == "__main__":
    run_main(main)
