"""Folders of corrections as ``hdalr feedback export`` writes them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.datasets import load_dataset

Picture = NDArray[np.uint8]
DIGITS = load_dataset("digits")


def write_corrections(folder: Path, rows: Iterable[tuple[str, Picture | bytes, str]]) -> Path:
    """Write files, pictures or bytes, and what each says."""
    folder.mkdir(exist_ok=True)
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        labels = csv.writer(file, quoting=csv.QUOTE_ALL)
        labels.writerow(["file", "text"])
        for name, picture, text in rows:
            if isinstance(picture, np.ndarray):
                picture = cv2.imencode(Path(name).suffix, picture)[1].tobytes()
            (folder / name).write_bytes(picture)
            labels.writerow([name, text])
    return folder


def write_digits(folder: Path, n: int) -> Path:
    """Write n of the bundled test digits as somebody might have drawn them on a page."""
    pairs = zip(DIGITS.test_images[:n], DIGITS.test_labels[:n], strict=True)
    return write_corrections(
        folder,
        ((f"{i}.png", on_paper(image), str(label)) for i, (image, label) in enumerate(pairs)),
    )


def on_paper(image: Picture) -> Picture:
    """Dark ink on light paper, larger, with some room."""
    grown = cv2.resize(image, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    return np.asarray(240 - np.pad(grown, 20) * 0.8, np.uint8)
