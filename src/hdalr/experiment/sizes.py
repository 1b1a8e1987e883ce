"""Data-size curves: how a recipe's error falls as it learns from more pictures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any, cast

from hdalr.datasets.dataset import Dataset, stratified_sample
from hdalr.errors import HdalrError, ParameterError
from hdalr.evaluation.records import Record, Sized, write_json
from hdalr.experiment.comparison import Comparison, name_command
from hdalr.experiment.folder import claim, load_kept
from hdalr.experiment.row import Row, fingerprint
from hdalr.experiment.workers import Task, run_here
from hdalr.recipes.protocol import Protocol
from hdalr.recipes.recipe import Recipe

SIZES = (100, 300, 1_000, 3_000, 10_000, 30_000)
CARRIED_OVER = Sized.__required_keys__ - {"size"}


@dataclasses.dataclass(frozen=True)
class Point:
    """One recipe at one size with one seed: a result, or the reason why there is none.

    ``kept`` if an earlier run had made it.
    """

    recipe: str
    size: int
    seed: int
    result: Sized | None = None
    reason: str = ""
    kept: bool = False


def grow(
    plan: Comparison,
    sizes: Sequence[int] = (),
    on_progress: Callable[[str, Any], None] | None = None,
) -> Iterator[Point]:
    """Fit every recipe on growing parts of the train part, all judged on the same test part.

    Parameters
    ----------
    plan
        As for `compare`; results go to ``folder/sizes``. ``jobs`` and ``also`` are not used.
    sizes
        Pictures to learn from, those kept back for validation included; empty for `SIZES` as far
        as the train part goes, and the whole of it.
    on_progress
        Called with the recipe's name and a progress while a net trains.

    Yields
    ------
    Point
        Small sizes first. A run that fails does not stop the others, and is tried again the next
        time. Each seed draws its own pictures, classes in proportion; the larger part of a seed
        holds the smaller ones.

    Raises
    ------
    ParameterError
        If a size is below the number of classes or above the train part, or the folder holds
        results of another data set; nothing is run then.
    StorageError
        If a result cannot be written, or another run is writing to the folder.
    """
    dataset = plan.dataset.limited(plan.limit)
    chosen = check_sizes(sizes, dataset)
    with claim(plan.folder):
        for size, seed in product(chosen, range(plan.seeds)):
            part = draw_part(dataset, size, seed)
            digest = part.digest()
            for recipe in map(with_whole_part, plan.recipes):
                key = fingerprint(recipe, part, digest, seed, plan.limit)
                path = plan.folder / "sizes" / f"{recipe.name}-{size}-seed{seed}.json"
                kept = None
                if not plan.rerun:
                    kept = load_kept(path, key, Sized.__required_keys__, dataset.name)
                if kept is not None:
                    yield Point(recipe.name, size, seed, cast(Sized, kept), kept=True)
                else:
                    words = f"{name_command(plan, [recipe.name], seed + 1, 'sizes')} --sizes {size}"
                    row = Row(recipe, seed, plan.limit, plan.device, words)
                    yield _run(Task(row, key), part, size, path, on_progress)


def check_sizes(sizes: Sequence[int], dataset: Dataset) -> list[int]:
    """The sizes in rising order, each once; the default ones if none is given.

    Raises
    ------
    ParameterError
        If one is below the number of classes or above the train part.
    """
    smallest, largest = len(dataset.classes), len(dataset.train_images)
    for size in sizes:
        if not smallest <= size <= largest:
            raise ParameterError(
                f"size {size} is not allowed; {dataset.name} has {smallest} classes and "
                f"{largest} pictures in its train part: choose from {smallest} to {largest}"
            )
    default = [*(size for size in SIZES if smallest <= size < largest), largest]
    return sorted(set(sizes)) or default


def draw_part(dataset: Dataset, size: int, seed: int) -> Dataset:
    """The data set with so many pictures in its train part, drawn by the seed."""
    rows = stratified_sample(dataset.train_labels, size, random_state=seed)
    return dataclasses.replace(
        dataset,
        train_images=dataset.train_images[rows],
        train_labels=dataset.train_labels[rows],
    )


def with_whole_part(recipe: Recipe) -> Recipe:
    """The recipe with a protocol that uses every picture, its share for validation kept."""
    return dataclasses.replace(recipe, protocol=Protocol(validation=recipe.protocol.validation))


def _run(
    task: Task,
    part: Dataset,
    size: int,
    path: Path,
    on_progress: Callable[[str, Any], None] | None,
) -> Point:
    name, seed = task.row.recipe.name, task.row.seed
    ((_, outcome),) = run_here([task], part, on_progress)
    if isinstance(outcome, HdalrError):
        return Point(name, size, seed, reason=str(outcome))
    result = _extract(outcome, size)
    write_json(path, result)
    return Point(name, size, seed, result)


def _extract(record: Record, size: int) -> Sized:
    facts = {name: record[name] for name in CARRIED_OVER}  # type: ignore[literal-required]
    return cast(Sized, facts | {"size": size})
