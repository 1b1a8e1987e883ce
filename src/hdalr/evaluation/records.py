"""The record: all that one run of a recipe on a data set has shown, as one JSON file.

A record holds everything that the report needs, so that a report is made from records alone.
Fractions are 0 to 1; times are seconds; sizes are bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, cast

from hdalr.errors import DataError
from hdalr.storage import write_whole

SCHEMA = 1


class PaperFigure(TypedDict):
    """What the paper reports for a row, and on what."""

    accuracy: float | None  # None: the paper gives no figure
    split: str  # "test", "validation", "training"
    dataset: str  # "mnist" or "emnist-balanced"
    where: str  # "Table 2, row 3"


class Epoch(TypedDict):
    """One point of a learning curve; validation fields are None without a validation part."""

    epoch: int
    loss: float
    accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float


class TreeNode(TypedDict):
    """A node of a drawn decision tree; a leaf, or one cut off below, has no children."""

    row: int | None  # pixel that the split looks at
    column: int | None
    pair: NotRequired[list[str] | None]  # or two classes: the log odds of one against the other
    threshold: float | None  # goes left if the pixel's value, or the log odds <= threshold
    n_images: int
    label: str  # name of the majority class
    share: float  # fraction of the node's images in that class
    children: list[TreeNode]


class ReliabilityBin(TypedDict):
    """Images whose confidence fell into one of 15 equal bins; empty bins are left out."""

    confidence: float
    accuracy: float
    n: int


class Mistake(TypedDict):
    """A test image that was read wrong, most confident first."""

    index: int  # position in the row's test part
    true: int
    predicted: int
    confidence: float


class GridPoint(TypedDict):
    """One setting that a grid search tried, judged by cross-validation on the training part."""

    parameters: dict[str, Any]
    mean: float  # accuracy over the folds
    spread: float  # its standard deviation


class Corrupted(TypedDict):
    """How often a fitted model is right on corrupted pictures of its test part."""

    n: int  # pictures under each corruption; the same ones for rows with the same test digest
    clean: float  # accuracy on the same pictures as they are
    accuracies: dict[str, float]  # by the name of the corruption


class Transferred(TypedDict):
    """How often a fitted model is right on a set that others made: a development figure."""

    dataset: str
    n: int
    accuracy: float
    interval: list[float]  # Wilson, 95 %


class Beyond(TypedDict, total=False):
    """What only some records hold: the first two where they were asked for."""

    corruptions: Corrupted
    transfer: list[Transferred]
    member_accuracies: list[float]  # of a committee: each net on the test part


class Finished(TypedDict):
    """One finished run, judged on its test part."""

    schema: int
    fingerprint: str
    recipe: str
    title: str
    family: str
    dataset: str
    classes: list[str]
    seed: int
    limit: int | None
    protocol: str  # how the data set was cut, in one sentence
    parameters: dict[str, Any]
    demo: dict[str, list[Any]]  # changed for the bundled set: name -> [used, the source's]; or {}
    source: str
    assumed: list[str]  # settings that the source does not give
    matched: list[str]  # settings chosen so that the source's figure comes out
    paper: PaperFigure
    difference: str  # why our figure and the paper's differ
    n_train: int
    n_validation: int
    n_test: int
    test_part: str
    test_digest: str  # rows with the same digest were judged on the same test images
    accuracy: float
    accuracy_interval: list[float]
    accuracy_per_class: dict[str, float]
    confusion_matrix: list[list[int]]  # row: true class, column: predicted class
    precision_macro: float
    recall_macro: float
    f1_macro: float
    top3_accuracy: float
    log_loss: float
    calibration_error: float
    reliability: list[ReliabilityBin]
    mistakes: list[Mistake]
    test_labels: list[int]
    predictions: list[int]
    class_distribution: dict[str, dict[str, int]]  # {"train": {class: n}, "test": {class: n}}
    fit_seconds: float
    predict_seconds: float
    predict_microseconds_per_image: float
    n_parameters: int
    model_bytes: int
    peak_memory_bytes: int
    learning_curve: list[Epoch]
    tree: TreeNode | None
    search: list[GridPoint]  # a grid search's points; [] where nothing was searched
    versions: dict[str, str]
    hardware: dict[str, Any]
    command: str
    finished: str  # ISO 8601, UTC


class Record(Finished, Beyond):
    """One finished run, and what else the model was judged on."""


class Failure(TypedDict):
    """A row that did not finish, and why."""

    recipe: str
    title: str
    dataset: str
    seed: int
    reason: str
    status: Literal["failed", "not applicable"]


class Brief(TypedDict):
    """What is kept of a run that is one of many in an experiment."""

    schema: int
    fingerprint: str
    recipe: str
    title: str
    family: str
    dataset: str
    accuracy: float  # on the test part
    n_train: int
    n_test: int
    seed: int
    parameters: dict[str, Any]
    fit_seconds: float
    versions: dict[str, str]
    hardware: dict[str, Any]
    command: str
    finished: str


class Ablation(Brief):
    """One family, trained and judged on pictures that went through one kind of preprocessing."""

    preprocessing: str  # "none", "noise-reduction", "resizing", "cropping" or "all"
    noise: str  # "clean" or "noisy"


class Sized(Brief):
    """One recipe that learned from so many pictures of the train part."""

    size: int  # pictures drawn from the train part, those kept back for validation included
    test_digest: str


class Comparison(TypedDict, total=False):
    """``comparison.json``: how a results folder was made."""

    recipes: list[str]  # in the order of the table
    seeds: int
    limit: int | None
    dataset: str
    data: str  # the name or path that the user gave
    command: str


def write_json(path: Path, content: Any) -> None:
    """Write ``content`` as JSON so that the path holds the whole of it or what it held before.

    Raises
    ------
    StorageError
        If the disk is full or the folder cannot be written; no half file is left.
    """
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    write_text(path, text + "\n")


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, whole or not at all.

    Raises
    ------
    StorageError
        If the disk is full or the folder cannot be written; no half file is left.
    """
    write_whole(path, text.encode())


def load_record(path: Path) -> Record:
    """Read one record.

    Raises
    ------
    DataError
        If the file is no JSON, no record of this schema, or its accuracy is not that of its
        predictions.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: no record: {error}; expected JSON") from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        found = content.get("schema") if isinstance(content, dict) else type(content).__name__
        raise DataError(f"{path}: record of schema {found!r}; expected schema {SCHEMA}")
    missing = sorted(Record.__required_keys__ - content.keys())
    if missing:
        raise DataError(f"{path}: the record lacks {', '.join(missing)}")
    _check_accuracy(content, path)
    return cast(Record, content)


def _check_accuracy(content: dict[str, Any], path: Path) -> None:
    """Raise DataError if the accuracy is not that of the record's own predictions."""
    pairs = list(zip(content["predictions"], content["test_labels"], strict=False))
    found = sum(answer == truth for answer, truth in pairs) / max(len(pairs), 1)
    if len(pairs) != content["n_test"] or abs(found - content["accuracy"]) > 1e-9:
        raise DataError(
            f"{path}: accuracy {content['accuracy']} on {content['n_test']} pictures, but its "
            f"predictions give {found} on {len(pairs)}; expected an unchanged record"
        )


def load_records(folder: Path) -> list[Record]:
    """Read all records of a results folder, ``folder/records/*.json``, sorted by file name."""
    return [load_record(path) for path in sorted((folder / "records").glob("*.json"))]
