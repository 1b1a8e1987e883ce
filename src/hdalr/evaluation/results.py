"""A results folder, read back: records, failures, the ablation and how it was made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from hdalr.errors import DataError
from hdalr.evaluation.records import Ablation, Comparison, Failure, Record, Sized, load_records


@dataclass(frozen=True)
class Results:
    """All that a results folder holds.

    Attributes
    ----------
    records
        Finished runs, any number of seeds a recipe.
    failures
        Runs that did not finish; one that has finished since is left out.
    ablation
        Runs with and without preprocessing; may be empty.
    comparison
        How the folder was made; may be empty.
    sizes
        Runs on growing parts of the train part; may be empty.
    """

    records: Sequence[Record]
    failures: Sequence[Failure] = ()
    ablation: Sequence[Ablation] = ()
    comparison: Comparison = field(default_factory=lambda: Comparison())
    sizes: Sequence[Sized] = ()


def load_results(folder: Path) -> Results:
    """Read ``records/``, ``failures/``, ``ablation/``, ``sizes/`` and ``comparison.json``.

    Raises
    ------
    DataError
        If there is neither a record nor a failure, or a file is broken.
    """
    records = load_records(folder)
    failures = [
        cast(Failure, content)
        for content in load_objects(folder / "failures", Failure.__required_keys__)
    ]
    if not records and not failures:
        raise DataError(f"{folder}: no records; expected JSON files in {folder / 'records'}")
    finished = {(one["recipe"], one["seed"]) for one in records}
    ablation = load_objects(folder / "ablation", Ablation.__required_keys__)
    sizes = load_objects(folder / "sizes", Sized.__required_keys__)
    how = folder / "comparison.json"
    return Results(
        records,
        [one for one in failures if (one["recipe"], one["seed"]) not in finished],
        [cast(Ablation, content) for content in ablation],
        cast(Comparison, load_object(how)) if how.exists() else Comparison(),
        [cast(Sized, content) for content in sizes],
    )


def load_objects(folder: Path, keys: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Each JSON object of a folder, sorted by file name; raises DataError if it lacks a key."""
    for path in sorted(folder.glob("*.json")):
        content = load_object(path)
        missing = sorted(keys - content.keys())
        if missing:
            raise DataError(f"{path}: lacks {', '.join(missing)}")
        yield content


def load_object(path: Path) -> dict[str, Any]:
    """Read one JSON object; raises DataError if the file holds something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: {error}; expected a JSON object") from error
    if not isinstance(content, dict):
        raise DataError(f"{path}: holds a {type(content).__name__}; expected a JSON object")
    return content
