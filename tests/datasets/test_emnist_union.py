from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hdalr.datasets import load_dataset
from hdalr.datasets.emnist_union import CHARACTERS, from_dataset, load_union
from hdalr.errors import DataError


def write(path: Path, **changes: object) -> Path:
    fields: dict[str, object] = {
        "images": np.zeros((5, 28, 28), np.uint8),
        "label62": np.array([3, -1, -1, -1, 61], np.int8),
        "label47": np.array([-1, 12, 36, -1, -1], np.int8),
        "is_test": np.array([False, False, False, False, True]),
    }
    fields |= changes
    np.savez(path, **{k: v for k, v in fields.items() if v is not None})  # type: ignore[arg-type]
    return path


def test_labels_known_in_part_allow_capital_and_small_letter(tmp_path: Path) -> None:
    train, test = load_union(write(tmp_path / "u.npz"))
    allowed = ["".join(np.array(CHARACTERS)[row]) for row in train.allowed]
    assert allowed == ["3", "Cc", "a"]
    assert "".join(np.array(CHARACTERS)[test.allowed[0]]) == "z"


def test_only_certain_labels_are_known(tmp_path: Path) -> None:
    images, labels = load_union(write(tmp_path / "u.npz"))[0].known()
    assert len(images) == 2
    assert labels.tolist() == [3, CHARACTERS.index("a")]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label62": None}, "label62"),
        ({"label47": np.zeros(4, np.int8)}, r"label47 has shape \(4,\)"),
        ({"label62": np.array([0, 1, 2, 3, 99], np.int8)}, "0 to 99; expected -1 to 61"),
        ({"images": np.zeros((5, 28), np.uint8)}, "expected a non-empty uint8"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_union(write(tmp_path / "u.npz", **changes))


def test_a_file_that_is_no_npz_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "u.npz"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(DataError, match="cannot be read as npz"):
        load_union(path)


def test_a_data_set_is_wholly_labelled() -> None:
    train, test = from_dataset(load_dataset("digits"))
    assert (train.allowed.sum(axis=1) == 1).all()
    assert test.characters == tuple("0123456789")
