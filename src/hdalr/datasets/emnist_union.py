"""EMNIST characters from parts of several splits in one npz: the labels known in part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from hdalr.datasets.dataset import Dataset
from hdalr.errors import DataError
from hdalr.images.batch import Images, Labels, check_images

CHARACTERS = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
MERGED = "cijklmopsuvwxyz"  # small letters that EMNIST's 47 labels do not tell from capitals
FIELDS = ("images", "label62", "label47", "is_test")

Allowed = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PartlyLabelled:
    """Pictures of characters, each with the labels that it may have.

    Attributes
    ----------
    images
        uint8, shape (n_images, height, width), ink bright on dark.
    allowed
        Shape (n_images, n_characters): True where the picture may be that character; one True
        a row where the label is known, two where capital and small letter are not told apart.
    characters
        The labels.
    """

    images: Images
    allowed: Allowed
    characters: tuple[str, ...]

    def certain(self) -> PartlyLabelled:
        """The pictures whose label is known for certain."""
        return self.take(np.flatnonzero(self.allowed.sum(axis=1) == 1))

    def known(self) -> tuple[Images, Labels]:
        """Pictures whose label is known for certain, and the labels."""
        certain = self.certain()
        return certain.images, certain.allowed.argmax(axis=1)

    def take(self, rows: NDArray[np.int64]) -> PartlyLabelled:
        """The pictures at these rows."""
        return PartlyLabelled(self.images[rows], self.allowed[rows], self.characters)


def from_dataset(dataset: Dataset) -> tuple[PartlyLabelled, PartlyLabelled]:
    """Train and test part of a data set whose labels are all known."""
    identity = np.eye(len(dataset.classes), dtype=bool)
    return (
        PartlyLabelled(dataset.train_images, identity[dataset.train_labels], dataset.classes),
        PartlyLabelled(dataset.test_images, identity[dataset.test_labels], dataset.classes),
    )


def load_union(path: Path) -> tuple[PartlyLabelled, PartlyLabelled]:
    """Read the train and the test part of an npz of EMNIST characters over 62 labels.

    Parameters
    ----------
    path
        An npz with ``images`` (n, 28, 28), ``label62`` and ``label47`` (-1 for not known; the
        latter EMNIST's Balanced labels, capitals standing for merged small letters too) and
        ``is_test``.

    Returns
    -------
    train, test
        Pictures without either label are left out.

    Raises
    ------
    DataError
        If the file cannot be read or a field is missing or of the wrong shape.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            fields = {name: file[name] for name in FIELDS}
    except (OSError, ValueError, BadZipFile, EOFError) as error:
        raise DataError(f"{path}: cannot be read as npz: {error}") from error
    except KeyError as error:
        raise DataError(
            f"{path}: {error.args[0]}; expected the fields {', '.join(FIELDS)}"
        ) from error
    images = check_images(fields["images"], str(path))
    for name in FIELDS[1:]:
        if fields[name].shape != (len(images),):
            raise DataError(
                f"{path}: {name} has shape {fields[name].shape}; expected ({len(images)},)"
            )
    allowed = _allowed(fields["label62"], fields["label47"], str(path))
    labelled, is_test = allowed.any(axis=1), fields["is_test"].astype(bool)
    everything = PartlyLabelled(images, allowed, CHARACTERS)
    return (
        everything.take(np.flatnonzero(labelled & ~is_test)),
        everything.take(np.flatnonzero(labelled & is_test)),
    )


def _allowed(label62: Labels, label47: Labels, where: str) -> Allowed:
    capitals = CHARACTERS[:36]
    small = tuple(c for c in CHARACTERS[36:] if c not in MERGED)
    rows47 = np.zeros((48, len(CHARACTERS)), bool)  # the last row: nothing is known
    for row, character in zip(rows47, capitals + small, strict=False):
        row[CHARACTERS.index(character)] = True
        if character.lower() in MERGED:
            row[CHARACTERS.index(character.lower())] = True
    rows62 = np.vstack([np.eye(62, dtype=bool), np.zeros((1, 62), bool)])
    for name, labels, most in (("label62", label62, 61), ("label47", label47, 46)):
        if labels.min() < -1 or labels.max() > most:
            raise DataError(
                f"{where}: {name} holds {labels.min()} to {labels.max()}; expected -1 to {most}"
            )
    known = label62 >= 0
    return np.where(known[:, None], rows62[label62], rows47[label47])
