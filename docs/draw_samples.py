"""Draw the sheet of synthetic lines in the docs, from the bundled digits alone.

    python docs/draw_samples.py

Upper half of each cell: the picture; lower half: what the string net sees of it.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from hdalr.datasets import load_dataset
from hdalr.images.ink import ink_of
from hdalr.images.line import HEIGHT_PX, normalise_line
from hdalr.images.synthetic.lines import GlyphStore, write_line
from hdalr.images.synthetic.paper import photograph
from hdalr.images.synthetic.texts import draw_text

SHEET = Path(__file__).parent / "synthetic-lines.png"
COLUMNS, ROWS, CELL_PX = 4, 9, (116, 260)


def main() -> None:
    """Write the sheet."""
    digits = load_dataset("digits")
    store = GlyphStore(digits.train_images, digits.train_labels, digits.classes)
    rng = np.random.default_rng(2026)
    rows = [np.hstack([_cell(store, rng) for _ in range(COLUMNS)]) for _ in range(ROWS)]
    cv2.imwrite(str(SHEET), np.vstack(rows))


def _cell(store: GlyphStore, rng: np.random.Generator) -> np.ndarray:
    text = draw_text(rng, digits_only=1.0)
    picture = photograph(write_line(text, store, rng), rng)
    cell = np.full(CELL_PX, 255, np.uint8)
    cv2.putText(cell, text.replace("—", "--"), (3, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 0, 1)
    for top, height, part in ((17, 56, picture), (78, HEIGHT_PX, normalise_line(ink_of(picture)))):
        scale = min(height / part.shape[0], (CELL_PX[1] - 6) / part.shape[1])
        small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        cell[top : top + small.shape[0], 3 : 3 + small.shape[1]] = small
    return cell


if __name__ == "__main__":
    main()
