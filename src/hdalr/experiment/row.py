"""One row of a comparison: a recipe is fitted on a data set with a seed, and judged."""

from __future__ import annotations

import datetime
import hashlib
import json
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from hdalr.datasets.dataset import Dataset
from hdalr.evaluation.machine import (
    describe_hardware,
    describe_versions,
    peak_memory_bytes,
    reset_peak_memory,
)
from hdalr.evaluation.metrics import Measures, judge
from hdalr.evaluation.records import SCHEMA, Finished, Record, TreeNode
from hdalr.experiment.beyond import Fitted, judge_beyond
from hdalr.images.batch import Images, Labels
from hdalr.models.acceleration import accelerated
from hdalr.recipes.protocol import Split
from hdalr.recipes.recipe import Recipe, plain

TREE_DEPTH = 3  # levels of a decision tree that are drawn


@dataclass(frozen=True)
class Row:
    """What to run: a recipe on a data set with a seed.

    ``limit`` is the number that the data set was cut to, for the record; ``command`` remakes
    the row; ``checkpoint`` is where a net keeps its state; ``also`` names what of `BEYOND` the
    fitted model is judged on beyond its test part.
    """

    recipe: Recipe
    seed: int
    limit: int | None
    device: str
    command: str
    checkpoint: Path | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answers:
    """What a fitted model says of the test pictures, and what it cost."""

    predictions: Labels
    probabilities: NDArray[np.float64]
    fit_seconds: float
    predict_seconds: float
    peak_memory_bytes: int


def fingerprint(recipe: Recipe, dataset: Dataset, digest: str, seed: int, limit: int | None) -> str:
    """Sixteen hexadecimal digits that change with recipe, protocol, data, limit or seed."""
    facts = recipe.describe(dataset.name) | {"data": digest, "seed": seed, "limit": limit}
    text = json.dumps(facts | {"schema": SCHEMA}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def run_row(
    row: Row,
    dataset: Dataset,
    key: str,
    on_progress: Callable[[Any], None] | None = None,
) -> Record:
    """Fit, predict, judge.

    Parameters
    ----------
    row
        What to run.
    dataset
        The data set, cut to the row's limit.
    key
        The row's `fingerprint`.
    on_progress
        Called with a `hdalr.models._training.Progress` while a net trains.

    Returns
    -------
    Record
        Complete, but not written anywhere.
    """
    split = row.recipe.protocol.cut(dataset)
    estimator = row.recipe.build(dataset.name, random_state=row.seed, device=row.device)
    answers = _fit_and_answer(estimator, split, row, key, on_progress, len(dataset.classes))
    labels = split.test[1]
    measures = judge(labels, answers.predictions, answers.probabilities, dataset.classes)
    finished = _write_up(row, dataset, split, estimator, answers, measures, key)
    # Last, so that it changes no other figure, such as the size of a model that remembers.
    beyond = judge_beyond(row.also, Fitted(estimator, answers.predictions, dataset, split))
    if hasattr(estimator, "members_"):
        beyond["member_accuracies"] = [net.score(*split.test) for net in estimator.members_]
    return cast(Record, {**finished, **beyond})


def _fit_and_answer(
    estimator: Any,
    split: Split,
    row: Row,
    key: str,
    on_progress: Callable[[Any], None] | None,
    n_classes: int,
) -> Answers:
    extras: dict[str, Any] = {}
    if estimator.trains_in_epochs:
        extras = {"validation": split.validation, "checkpoint": row.checkpoint, "key": key}
        extras["on_progress"] = on_progress
    reset_peak_memory()
    started = time.perf_counter()
    estimator.fit(*split.train, **extras)
    fitted = time.perf_counter()
    predictions = estimator.predict(split.test[0])
    predicted = time.perf_counter()
    probabilities = np.zeros((len(predictions), n_classes))
    probabilities[:, estimator.classes_] = estimator.predict_proba(split.test[0])
    earlier = getattr(estimator, "resumed_seconds_", 0.0)
    return Answers(
        predictions,
        probabilities,
        fitted - started + earlier,
        predicted - fitted,
        peak_memory_bytes(),
    )


def _write_up(
    row: Row,
    dataset: Dataset,
    split: Split,
    estimator: Any,
    answers: Answers,
    measures: Measures,
    key: str,
) -> Finished:
    recipe, n_test = row.recipe, len(split.test[1])
    return {
        "schema": SCHEMA,
        "fingerprint": key,
        "recipe": recipe.name,
        "title": recipe.title,
        "family": recipe.family,
        "dataset": dataset.name,
        "classes": list(dataset.classes),
        "seed": row.seed,
        "limit": row.limit,
        "protocol": split.summary,
        "parameters": plain(recipe.parameters_on(dataset.name)),
        "demo": plain(recipe.demo_on(dataset.name)),
        "source": recipe.source,
        "assumed": list(recipe.assumed),
        "matched": list(recipe.matched),
        "paper": recipe.paper,
        "difference": recipe.difference,
        "n_train": len(split.train[1]),
        "n_validation": 0 if split.validation is None else len(split.validation[1]),
        "n_test": n_test,
        "test_part": split.test_part,
        "test_digest": digest_pictures(*split.test),
        **measures,
        "test_labels": split.test[1].tolist(),
        "predictions": answers.predictions.tolist(),
        "class_distribution": {
            "train": _count(dataset.train_labels, dataset.classes),
            "test": _count(dataset.test_labels, dataset.classes),
        },
        "fit_seconds": answers.fit_seconds,
        "predict_seconds": answers.predict_seconds,
        "predict_microseconds_per_image": answers.predict_seconds / n_test * 1e6,
        "n_parameters": int(estimator.n_parameters_),
        "model_bytes": len(pickle.dumps(estimator, protocol=5)),
        "peak_memory_bytes": answers.peak_memory_bytes,
        "learning_curve": getattr(estimator, "learning_curve_", []),
        "tree": _draw_tree(estimator, dataset.classes),
        "search": plain(getattr(estimator, "search_", [])),
        "versions": _versions(),
        "hardware": trained_on(estimator),
        "command": row.command,
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def digest_pictures(images: Images, labels: Labels) -> str:
    """Sixteen hexadecimal digits of SHA-256 over pictures and labels."""
    sha = hashlib.sha256(np.ascontiguousarray(images).data)
    sha.update(np.ascontiguousarray(labels).data)
    return sha.hexdigest()[:16]


def _count(labels: Labels, classes: tuple[str, ...]) -> dict[str, int]:
    return dict(zip(classes, np.bincount(labels, minlength=len(classes)).tolist(), strict=True))


def _draw_tree(estimator: Any, classes: tuple[str, ...]) -> TreeNode | None:
    if not hasattr(estimator, "drawn_tree"):
        return None
    names = [classes[label] for label in estimator.classes_]
    return _name_labels(estimator.drawn_tree(TREE_DEPTH), names)


def _name_labels(node: dict[str, Any], names: list[str]) -> TreeNode:
    """Put class names in the place of label numbers, down the tree."""
    return {
        "row": node["row"],
        "column": node["column"],
        "pair": [names[index] for index in node["pair"]] if node.get("pair") else None,
        "threshold": node["threshold"],
        "n_images": node["n_images"],
        "label": names[node["label_index"]],
        "share": node["share"],
        "children": [_name_labels(child, names) for child in node["children"]],
    }


def _versions() -> dict[str, str]:
    versions = describe_versions()
    if not accelerated():
        versions.pop("scikit-learn-intelex", None)
    return versions


def trained_on(estimator: Any) -> dict[str, Any]:
    """The machine; for a net also the device, and the threads, on which the last digits hang."""
    if not estimator.trains_in_epochs:
        return describe_hardware("cpu")
    import torch

    device = next(estimator.net_.parameters()).device
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return describe_hardware(name) | {"threads": torch.get_num_threads()}
