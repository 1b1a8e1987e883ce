"""Measure single digits of sets that others made: SEMEION (16 x 16, scanned) and hwd1000 (28 x 28).

Usage::

    HDALR_DATA_DIR=... python benchmarks/digit_sets.py -o docs/results/digit-sets.json

``real/semeion.npz`` (ink bright) and ``real/hwd1000.npz`` (ink dark) hold ``images`` (n, height,
width), ``labels`` and ``classes``; development sets, nothing is fitted on them. Each picture is
read dark on light, as one character of the alphabet of digits, with ``max_error`` 0.01.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from recording import (
    describe_run,
    in_percent,
    make_parser,
    put_record,
    require_data,
    run_main,
    share,
)

from hdalr.bundles.risk import expected_calibration_error
from hdalr.reading.reader import Reader

SETS = ("semeion", "hwd1000")


def main() -> None:
    """Measure, and write the record."""
    options = make_parser(__doc__).parse_args()
    folder = require_data("real/semeion.npz")
    cv2.setNumThreads(1)
    reader = Reader(options.model)
    rows = {name: measure(folder / "real" / f"{name}.npz", reader) for name in SETS}
    for name, row in rows.items():
        print(f"{name} {in_percent(row, 'right')} of {row['n']}", file=sys.stderr)
    put_record({"sets": rows, **describe_run("digit_sets.py", options)}, options.output)


def measure(path: Path, reader: Reader) -> dict[str, Any]:
    """Read a set's pictures."""
    with np.load(path) as content:
        images, labels, classes = (content[name] for name in ("images", "labels", "classes"))
    readings = [
        reader.read(_on_paper(image), alphabet="digits", layout="character", max_error=0.01)
        for image in images
    ]
    right = [one.text == classes[label] for one, label in zip(readings, labels, strict=True)]
    accepted = [one.accepted for one in readings]
    wrong = [not flag for flag, kept in zip(right, accepted, strict=True) if kept]
    confidence = np.array([one.confidence for one in readings])
    return {
        "n": len(right),
        **share("right", right),
        **share("accepted", accepted),
        **share("accepted_error", wrong),
        "calibration_error": expected_calibration_error(confidence, np.array(right)),
    }


def _on_paper(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture with dark ink on light paper, whichever way round it is."""
    return image if np.median(image) > 127 else 255 - image


if __name__ == "__main__":
    run_main(main)
