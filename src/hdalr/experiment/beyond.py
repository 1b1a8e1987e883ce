"""What a fitted model is judged on beyond its test part: corrupted pictures, digits of others.

A record does not keep the model, so this is done in the run that fits it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np

from hdalr.datasets.dataset import Dataset, stratified_sample
from hdalr.datasets.npz_file import load_npz
from hdalr.datasets.places import data_folder
from hdalr.errors import DataError, ParameterError, UnknownNameError
from hdalr.evaluation.intervals import wilson_interval
from hdalr.evaluation.records import Beyond, Corrupted, Transferred
from hdalr.images.batch import Images, Labels
from hdalr.images.corruptions import CORRUPTIONS
from hdalr.images.crop import resize_ink
from hdalr.recipes.protocol import Split

MOST_CORRUPTED = 1000  # pictures: some models need a second for a hundred
DEVELOPMENT_SETS = ("semeion", "hwd1000")  # digits that others wrote; nothing is fitted on them


@dataclass(frozen=True)
class Fitted:
    """A fitted model, what it said of the test part, and what that was cut from."""

    estimator: Any
    predictions: Labels
    dataset: Dataset
    split: Split


def judge_beyond(names: Sequence[str], fitted: Fitted) -> Beyond:
    """What a record holds of a fitted model under each of the names, out of `BEYOND`."""
    return cast(Beyond, {name: BEYOND[name](fitted) for name in names})


def check_beyond(names: Sequence[str], dataset: Dataset) -> None:
    """Refuse, before anything is fitted, what a model of this data set cannot be judged on.

    Raises
    ------
    UnknownNameError
        If a name is not in `BEYOND`.
    DataError
        If a development set is not on this computer.
    ParameterError
        If the data set lacks a class of a development set.
    """
    for name in names:
        if name not in BEYOND:
            raise UnknownNameError("judgement", name, BEYOND)
    if "transfer" in names:
        for other in DEVELOPMENT_SETS:
            load_development(other, dataset)


def judge_corrupted(fitted: Fitted) -> Corrupted:
    """Accuracy under each corruption, on at most 1,000 pictures of the test part.

    The classes keep their proportion, and the pictures and their corruptions are the same for
    all models with this test part.
    """
    images, labels = fitted.split.test
    rows = stratified_sample(labels, MOST_CORRUPTED, random_state=0)
    truth = labels[rows]
    return {
        "n": len(rows),
        "clean": float((fitted.predictions[rows] == truth).mean()),
        "accuracies": {
            name: float((fitted.estimator.predict(corrupt(images[rows], 0)) == truth).mean())
            for name, corrupt in CORRUPTIONS.items()
        },
    }


def judge_transfer(fitted: Fitted) -> list[Transferred]:
    """Accuracy on each development set, brought to the form of MNIST."""
    judged: list[Transferred] = []
    for name in DEVELOPMENT_SETS:
        images, labels = load_development(name, fitted.dataset)
        right = fitted.estimator.predict(images) == labels
        judged.append(
            {
                "dataset": name,
                "n": len(right),
                "accuracy": float(right.mean()),
                "interval": list(wilson_interval(int(right.sum()), len(right))),
            }
        )
    return judged


def load_development(name: str, dataset: Dataset) -> tuple[Images, Labels]:
    """All pictures of a development set, as a model of ``dataset`` takes them.

    Parameters
    ----------
    name
        The file is ``real/<name>.npz`` in the data folder.
    dataset
        Its picture size and its classes' numbers are used.

    Returns
    -------
    tuple of Images and Labels
        Shape (n_images, height, width), and indices into ``dataset.classes``.

    Raises
    ------
    DataError
        If the file is not there or cannot be read.
    ParameterError
        If the data set lacks a class of it.
    """
    folder = data_folder()
    path = (folder or Path("HDALR_DATA_DIR")) / "real" / f"{name}.npz"
    if folder is None or not path.exists():
        raise DataError(
            f"{path}: no such file, and transfer is judged on it; set HDALR_DATA_DIR to the "
            "folder that holds it, or leave out transfer"
        )
    other = load_npz(path)
    if missing := [one for one in other.classes if one not in dataset.classes]:
        raise ParameterError(
            f"transfer to {name}: {dataset.name} has no class {', '.join(missing)}; choose a data "
            "set with the ten digits, or leave out transfer"
        )
    numbers = np.array([dataset.classes.index(one) for one in other.classes])
    images = np.concatenate([other.train_images, other.test_images])
    if np.median(images) > 127:  # dark ink on light paper, as in hwd1000
        images = 255 - images
    labels = np.concatenate([other.train_labels, other.test_labels])
    return to_mnist_form(images, dataset.image_shape), numbers[labels]


def to_mnist_form(images: Images, shape: tuple[int, int]) -> Images:
    """Ink as MNIST has it, in pictures of a size: its longer side 20/28, its mass in the middle.

    Examples
    --------
    >>> to_mnist_form(np.full((1, 16, 16), 255, np.uint8), (28, 28)).any(axis=1).sum()
    np.int64(20)
    """
    frame = np.maximum(shape, images.shape[1:])
    before = (frame - images.shape[1:]) // 2
    after = frame - images.shape[1:] - before
    centred = resize_ink(np.pad(images, ((0, 0), *zip(before, after, strict=True))))
    if centred.shape[1:] == shape:
        return centred
    height, width = shape
    shrunk = [cv2.resize(one, (width, height), interpolation=cv2.INTER_AREA) for one in centred]
    return np.stack(shrunk).astype(np.uint8)


BEYOND: Mapping[str, Callable[[Fitted], Any]] = {
    "corruptions": judge_corrupted,
    "transfer": judge_transfer,
}
