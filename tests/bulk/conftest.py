"""Pictures of bundled digits for bulk readings."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from hdalr.datasets import load_dataset
from hdalr.datasets.dataset import Dataset

load_once = cache(load_dataset)


def draw(number: int) -> np.ndarray:
    """A bundled digit as dark ink on white paper, 64 x 64."""
    digits: Dataset = load_once("digits")
    digit = 255 - digits.test_images[number]
    large = cv2.resize(digit, (48, 48), interpolation=cv2.INTER_CUBIC)
    return cv2.copyMakeBorder(large, 8, 8, 8, 8, cv2.BORDER_CONSTANT, value=255)


def write_pictures(folder: Path, n: int) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:05d}.png" for number in range(n)]
    for number, path in enumerate(paths):
        cv2.imwrite(str(path), draw(number % 300))
    return paths


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of 30 digits."""
    write_pictures(tmp_path / "scans", 30)
    return tmp_path / "scans"
