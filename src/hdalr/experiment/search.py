"""The search for better settings of a recipe, on pictures of the train part alone."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hdalr.cluster import check_workers
from hdalr.datasets.dataset import Dataset
from hdalr.errors import HdalrError, ParameterError
from hdalr.evaluation.intervals import wilson_interval
from hdalr.experiment.folder import claim
from hdalr.experiment.study import Asked, Method, Study, Tried
from hdalr.experiment.trial import Task, Verdict, choice_protocol, judge, without_test_part
from hdalr.experiment.trial_workers import judge_on_cluster
from hdalr.recipes.difference import settings_of, write_difference
from hdalr.recipes.recipe import Recipe
from hdalr.recipes.spaces import Space, space_of

STUDY_FILE = "study.db"


@dataclass(frozen=True)
class Search:
    """What to search, how, and where the trials are kept.

    Attributes
    ----------
    dataset
        The whole data set; its test part is cut away before anything else.
    recipe
        Where the search starts.
    folder
        The trials go to ``folder/study.db``.
    space
        What to vary; None for the model's row in `hdalr.recipes.spaces.SPACES`.
    method
        ``"optuna"`` or ``"grid"``, see `Study`.
    folds
        Parts of a cross-validation; 0 for one validation part.
    budget_seconds
        For all trials together, those of earlier runs too. A trial is begun only if the median
        of those before it fits in what is left; one that takes longer is stopped after a step
        of its net or between two folds. A model that trains in one go is not interrupted.
    trials
        So many are tried at most, in all runs together; None for as many as there is time for.
    jobs
        Trials that run at a time, each in a process of its own if there is more than one.
    limit
        At most so many train pictures are used.
    device
        ``"auto"``, ``"cpu"`` or ``"cuda"``.
    seed
        Of the models and of the order or the draws of settings.
    cluster
        Address of a Dask scheduler: the trials run on its workers, one on each at a time.
    """

    dataset: Dataset
    recipe: Recipe
    folder: Path
    space: Space | None = None
    method: Method = "optuna"
    folds: int = 0
    budget_seconds: float = 1800.0
    trials: int | None = None
    jobs: int = 1
    limit: int | None = None
    device: str = "auto"
    seed: int = 0
    cluster: str | None = None


@dataclass(frozen=True)
class Found:
    """What a search found so far.

    Attributes
    ----------
    own, best
        The trial of the recipe's own settings, and the best one; the same one if none is better.
    own_settings, best_settings
        The values of all settings that were varied.
    tried
        All trials that have ended.
    n_settings
        How many there are in all; None if they are drawn from ranges.
    spent_seconds
        What they took together.
    judged_on
        Which pictures of the train part, in words.
    difference
        Python that makes the found recipe; empty if the best are the recipe's own settings.
    """

    own: Tried
    best: Tried
    own_settings: dict[str, Any]
    best_settings: dict[str, Any]
    tried: list[Tried]
    n_settings: int | None
    spent_seconds: float
    judged_on: str
    difference: str

    @property
    def is_tie(self) -> bool:
        """Whether the best accuracy lies inside the 95 % interval of the recipe's own."""
        low, high = wilson_interval(self.own.verdict.n_right, self.own.verdict.n_images)
        return low <= self.best.verdict.accuracy <= high

    def count(self, state: str) -> int:
        """How many trials ended like that; see `Verdict`."""
        return sum(trial.verdict.state == state for trial in self.tried)


def search(
    plan: Search,
    on_trial: Callable[[Tried], None] | None = None,
    on_progress: Callable[[str, Any], None] | None = None,
) -> Found:
    """Try settings until the budget is spent, and say which did best.

    Started again after it was stopped, it goes on; what had ended is not run again.

    Parameters
    ----------
    plan
        What to search.
    on_trial
        Called with each trial that ends.
    on_progress
        Called with the trial's name and a progress while a net trains (one job only).

    Raises
    ------
    DataError
        If the study file is damaged, or a class has too few pictures for the folds.
    HdalrError
        If the recipe's own settings cannot run, or a process was ended from outside.
    NotApplicableError
        If there is no search space for the recipe.
    ParameterError
        If the folder holds another search, the budget is too small for a comparison, or several
        jobs are asked for beside a cluster.
    StorageError
        If the folder cannot be written, or another run is writing to it.
    UnknownNameError
        If the space names a setting that the recipe does not have.
    """
    check_workers(plan.jobs, plan.cluster)
    space = space_of(plan.recipe) if plan.space is None else plan.space
    dataset = without_test_part(plan.dataset).limited(plan.limit)
    own = settings_of(plan.recipe, list(space), dataset.name)
    facts = _facts(plan, dataset, space)
    with (
        claim(plan.folder),
        closing(
            Study(plan.folder / STUDY_FILE, facts, space, own, plan.method, plan.seed)
        ) as study,
    ):
        _run(plan, dataset, study, on_trial, on_progress)
        return _sum_up(plan, dataset, study)


def _facts(plan: Search, dataset: Dataset, space: Space) -> dict[str, Any]:
    """What the figures depend on, as plain JSON values."""
    return {
        **plan.recipe.describe(dataset.name),
        "dataset": dataset.name,
        "pictures": dataset.digest(),
        "limit": plan.limit,
        "method": plan.method,
        "folds": plan.folds,
        "seed": plan.seed,
        "space": {name: repr(part) for name, part in space.items()},
    }


def _run(
    plan: Search,
    dataset: Dataset,
    study: Study,
    on_trial: Callable[[Tried], None] | None,
    on_progress: Callable[[str, Any], None] | None,
) -> None:
    clock = _Clock(plan.budget_seconds, study.spent_seconds)
    asked: dict[int, Asked] = {}

    def ask() -> tuple[int, Task] | None:
        trial = study.ask() if _goes_on(plan, study, len(asked)) else None
        if trial is None:
            return None
        asked[trial.number] = trial
        return trial.number, Task(
            plan.recipe, trial.settings, plan.seed, plan.folds, clock.deadline, plan.device
        )

    def judge_here(number: int, task: Task) -> Verdict:
        tell = None if on_progress is None else partial(on_progress, f"trial {number}")
        is_worse = None if plan.folds else partial(study.is_worse, asked[number])
        return judge(task, dataset, tell, is_worse)

    for number, verdict in _judge_all(plan, dataset, ask, judge_here):
        trial = asked.pop(number)
        study.tell(trial, verdict, clock.spent_seconds())
        if not trial.settings:
            _check_own(plan, verdict)
        if on_trial is not None and verdict.state != "out of time":
            on_trial(Tried(number, trial.settings, verdict))


def _judge_all(
    plan: Search,
    dataset: Dataset,
    ask: Callable[[], tuple[int, Task] | None],
    judge_here: Callable[[int, Task], Verdict],
) -> Iterator[tuple[int, Verdict]]:
    if plan.jobs > 1 or plan.cluster is not None:
        yield from judge_on_cluster(ask, dataset, plan.jobs, plan.cluster)
        return
    while (asked := ask()) is not None:
        yield asked[0], judge_here(*asked)


class _Clock:
    """What is left of the budget, of which earlier runs have spent a part."""

    def __init__(self, budget_seconds: float, spent_seconds: float) -> None:
        self.started = time.time() - spent_seconds
        self.deadline = self.started + budget_seconds

    def spent_seconds(self) -> float:
        return time.time() - self.started


def _goes_on(plan: Search, study: Study, n_running: int) -> bool:
    """Whether to begin a trial; by what the file holds, so that another run decides alike."""
    tried = study.tried()
    if plan.trials is not None and len(tried) + n_running >= plan.trials:
        return False
    return plan.budget_seconds - study.spent_seconds > _usual_seconds(tried)


def _usual_seconds(tried: list[Tried]) -> float:
    """Median duration of the finished trials; 0 if there is none."""
    seconds = [trial.verdict.seconds for trial in tried if trial.verdict.state == "finished"]
    return statistics.median(seconds) if seconds else 0.0


def _check_own(plan: Search, verdict: Verdict) -> None:
    """Without the recipe's own figure there is nothing to compare with."""
    if verdict.state == "failed":
        raise HdalrError(f"{plan.recipe.name}: its own settings cannot be judged: {verdict.reason}")
    if verdict.state == "out of time":
        whole = verdict.seconds / max(verdict.fraction, 0.01)
        raise _too_small(plan, f"was stopped after {verdict.seconds:.1f} s", whole)


def _too_small(plan: Search, fate: str, seconds: float) -> ParameterError:
    return ParameterError(
        f"a budget of {plan.budget_seconds:g} s is too small: the first trial, "
        f"{plan.recipe.name} as it is, {fate}; give at least {math.ceil(2.5 * seconds)}s, for it "
        "and one more"
    )


def _sum_up(plan: Search, dataset: Dataset, study: Study) -> Found:
    tried = study.tried()
    finished = [trial for trial in tried if trial.verdict.state == "finished"]
    own = next((trial for trial in finished if not trial.settings), None)
    if own is None:
        raise ParameterError(
            f"a budget of {plan.budget_seconds:g} s is spent, and nothing was judged; give more"
        )
    if len(tried) == 1 and study.n_settings != 1 and plan.trials != 1:
        raise _too_small(plan, f"took {own.verdict.seconds:.1f} s", own.verdict.seconds)
    best = max(finished, key=lambda trial: trial.verdict.accuracy)
    return Found(
        own,
        best,
        dict(study.own),
        {**study.own, **best.settings},
        tried,
        study.n_settings,
        study.spent_seconds,
        _describe_cut(plan, dataset),
        write_difference(plan.recipe, best.settings, dataset.name) if best.settings else "",
    )


def _describe_cut(plan: Search, dataset: Dataset) -> str:
    split = choice_protocol(plan.recipe.protocol, plan.folds).cut(dataset)
    n_learned = len(split.train[1])
    if split.validation is None:
        return f"in {plan.folds}-fold cross-validation on {n_learned:,} pictures of the train part"
    n_held = len(split.validation[1])
    return f"on {n_held:,} pictures of the train part, after learning from {n_learned:,} others"
