"""Many rows: what is finished is kept, what fails is told, the rest is run."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, cast

from hdalr.cluster import check_workers
from hdalr.datasets.dataset import Dataset
from hdalr.errors import DataError, HdalrError, NotApplicableError, ParameterError
from hdalr.evaluation.records import Comparison as PlanFacts
from hdalr.evaluation.records import Failure, Record, load_record, write_json
from hdalr.experiment.beyond import check_beyond
from hdalr.experiment.folder import claim
from hdalr.experiment.row import Row, fingerprint
from hdalr.experiment.workers import Result, Task, run_here, run_on_cluster
from hdalr.recipes import RECIPES, Recipe


@dataclass(frozen=True)
class Comparison:
    """What to compare, and where the records go.

    Attributes
    ----------
    dataset
        The whole data set.
    recipes
        In the order in which the report shows them.
    folder
        Records go to ``folder/records``, failures to ``folder/failures``, the state of nets in
        training to ``folder/checkpoints``.
    data
        What the user named the data set by, for the command that remakes a row.
    seeds
        Each recipe runs with the seeds 0 to seeds - 1.
    limit
        At most so many pictures in the train and in the test part.
    jobs
        Rows that run at a time, each in a process of its own if there is more than one.
    device
        ``"auto"``, ``"cpu"`` or ``"cuda"``.
    rerun
        Run finished rows again.
    also
        What of `hdalr.experiment.beyond.BEYOND` the fitted models are judged on, too.
    cluster
        Address of a Dask scheduler: the rows run on its workers.
    """

    dataset: Dataset
    recipes: list[Recipe]
    folder: Path
    data: str = "digits"
    seeds: int = 1
    limit: int | None = None
    jobs: int = 1
    device: str = "auto"
    rerun: bool = False
    also: tuple[str, ...] = ()
    cluster: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a row: a record, or a failure that says why there is none.

    ``kept`` if the record was made by an earlier run; ``lacking`` names what was asked for beyond
    the test part and is not in it: a record does not hold the model.
    """

    record: Record | None = None
    failure: Failure | None = None
    kept: bool = False
    lacking: tuple[str, ...] = ()


def compare(
    plan: Comparison, on_progress: Callable[[str, Any], None] | None = None
) -> Iterator[Outcome]:
    """Run the rows that have no record yet, and yield every row as soon as it is there.

    Parameters
    ----------
    plan
        What to run.
    on_progress
        Called with the row's recipe name and a progress while a net trains (one job only).

    Yields
    ------
    Outcome
        Kept rows first, the others as they end. A row that fails does not stop the others.

    Raises
    ------
    ParameterError
        If the folder holds a record of one of the rows, on another data set or with another
        limit, or the data set has not the classes to be judged on what ``also`` asks for, or
        several jobs are asked for beside a cluster; nothing is run then.
    UnknownNameError, DataError
        If ``also`` holds an unknown name, or its pictures are not at hand.
    StorageError
        If a record cannot be written, or another run is writing to the folder.
    """
    check_workers(plan.jobs, plan.cluster)
    dataset = plan.dataset.limited(plan.limit)
    check_beyond(plan.also, dataset)
    with claim(plan.folder):
        waiting: list[Task] = []
        kept: list[Outcome] = []
        for task in _tasks(plan, dataset):
            record = _load(record_path(plan, task.row))
            if record is not None and not plan.rerun:
                _check_same_data(plan, record)
            if record is None or plan.rerun or record["fingerprint"] != task.key:
                waiting.append(task)
            else:
                lacking = tuple(name for name in plan.also if name not in record)
                kept.append(Outcome(record, kept=True, lacking=lacking))
        _note_plan(plan)
        yield from kept
        jobs = min(plan.jobs, len(waiting))
        if waiting and (jobs > 1 or plan.cluster is not None):
            results = run_on_cluster(waiting, dataset, jobs, plan.cluster)
        else:
            results = run_here(waiting, dataset, on_progress)
        for task, result in results:
            yield _store(plan, task.row, result)


def record_path(plan: Comparison, row: Row) -> Path:
    """Where the record of a row lies: ``records/<recipe>-seed<k>.json``."""
    return plan.folder / "records" / f"{row.recipe.name}-seed{row.seed}.json"


def _tasks(plan: Comparison, dataset: Dataset) -> Iterator[Task]:
    digest = dataset.digest()
    for recipe, seed in product(plan.recipes, range(plan.seeds)):
        yield Task(_row(plan, recipe, seed), fingerprint(recipe, dataset, digest, seed, plan.limit))


def _check_same_data(plan: Comparison, record: Record) -> None:
    """Refuse to write over a record of another data set or limit: it may have taken hours."""
    found, asked = (record["dataset"], record["limit"]), (plan.dataset.name, plan.limit)
    if found != asked:
        raise ParameterError(
            f"{plan.folder}: holds {record['recipe']} on {found[0]} with limit {found[1]}, and "
            f"{asked[0]} with limit {asked[1]} is asked for; choose another folder with -o, or "
            "--rerun to replace it"
        )


def _store(plan: Comparison, row: Row, result: Result) -> Outcome:
    failure_path = plan.folder / "failures" / f"{row.recipe.name}-seed{row.seed}.json"
    if isinstance(result, HdalrError):
        failure: Failure = {
            "recipe": row.recipe.name,
            "title": row.recipe.title,
            "dataset": plan.dataset.name,
            "seed": row.seed,
            "reason": str(result),
            "status": "not applicable" if isinstance(result, NotApplicableError) else "failed",
        }
        write_json(failure_path, failure)
        return Outcome(failure=failure)
    write_json(record_path(plan, row), result)
    failure_path.unlink(missing_ok=True)
    if row.checkpoint is not None:  # a committee keeps one for each member
        for path in row.checkpoint.parent.glob(f"{row.checkpoint.stem}[.-]*"):
            path.unlink(missing_ok=True)
    return Outcome(result)


def _load(path: Path) -> Record | None:
    """The record at ``path``, or None where there is none or no whole one."""
    try:
        return load_record(path) if path.exists() else None
    except DataError:
        return None


def _row(plan: Comparison, recipe: Recipe, seed: int) -> Row:
    checkpoint = plan.folder.absolute() / "checkpoints" / f"{recipe.name}-seed{seed}.safetensors"
    command = name_command(plan, [recipe.name], seed + 1)
    return Row(recipe, seed, plan.limit, plan.device, command, checkpoint, plan.also)


def name_command(plan: Comparison, recipes: list[str], seeds: int, verb: str = "compare") -> str:
    """The command line that makes these rows."""
    words = ["hdalr", verb, "--data", plan.data, "--recipes", ",".join(recipes)]
    words += ["--seeds", str(seeds)]
    if plan.limit is not None:
        words += ["--limit", str(plan.limit)]
    if plan.also:
        words += ["--also", ",".join(plan.also)]
    return shlex.join(words)


def _note_plan(plan: Comparison) -> None:
    """Keep for the report what was compared here, now and earlier, in the recipes' own order."""
    compared = {*load_plan(plan.folder).get("recipes", []), *(r.name for r in plan.recipes)}
    places = {name: place for place, name in enumerate(RECIPES)}
    names = sorted(compared, key=lambda name: (places.get(name, len(places)), name))
    facts: PlanFacts = {
        "dataset": plan.dataset.name,
        "data": plan.data,
        "limit": plan.limit,
        "seeds": plan.seeds,
        "recipes": names,
        "command": name_command(plan, names, plan.seeds),
    }
    write_json(plan.folder / "comparison.json", facts)


def load_plan(folder: Path) -> PlanFacts:
    """What ``folder/comparison.json`` says of earlier runs; empty where there is none."""
    try:
        facts = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    whole = isinstance(facts, dict) and isinstance(facts.get("recipes"), list)
    return cast(PlanFacts, facts) if whole else {}
