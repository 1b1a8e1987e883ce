"""Draw the sheet of corruptions in the docs, from the bundled digits alone.

    python docs/draw_corruptions.py

First line: ten digits as they are; below it, each of the fifteen corruptions.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from hdalr.datasets import load_dataset
from hdalr.images.batch import Images
from hdalr.images.corruptions import CORRUPTIONS

SHEET = Path(__file__).parent / "corruptions.png"
NAME_PX, ENLARGED = 150, 2


def main() -> None:
    """Write the sheet."""
    digits = load_dataset("digits")
    chosen = [int(np.flatnonzero(digits.test_labels == label)[2]) for label in range(10)]
    images = digits.test_images[chosen]
    worse = {name: corrupt(images, 0) for name, corrupt in CORRUPTIONS.items()}
    lines = [_line(name, some) for name, some in {"as they are": images, **worse}.items()]
    cv2.imwrite(str(SHEET), np.vstack(lines))


def _line(name: str, images: Images) -> np.ndarray:
    """The name, and the pictures beside it."""
    framed = np.hstack(list(np.pad(images, ((0, 0), (1, 1), (1, 1)), constant_values=128)))
    line = cv2.resize(framed, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_NEAREST)
    label = np.full((line.shape[0], NAME_PX), 255, np.uint8)
    place = (6, line.shape[0] // 2 + 5)
    cv2.putText(label, name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 0, 1, cv2.LINE_AA)
    return np.hstack([label, line])


if __name__ == "__main__":
    main()
