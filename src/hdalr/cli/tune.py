"""`hdalr tune`: better settings of a recipe, found on pictures of the train part alone."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hdalr.cli.data import Format, FormatOption
from hdalr.cli.options import Cluster, Data, Device, Where
from hdalr.errors import ParameterError, UnknownNameError

if TYPE_CHECKING:
    from hdalr.experiment.search import Found, Search
    from hdalr.experiment.study import Tried

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}  # seconds
GRID_FOLDS = 5  # as the paper's grid search


class Method(StrEnum):
    """How the next settings are chosen."""

    optuna = "optuna"
    grid = "grid"


def tune(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="Such as paper.knn.")],
    data: Data = "digits",
    budget: Annotated[
        str, typer.Option(metavar="TIME", help="For all trials together: 90s, 30m, 2h.")
    ] = "30m",
    trials: Annotated[int | None, typer.Option(min=1, help="At most so many in all.")] = None,
    method: Annotated[
        Method, typer.Option(help="Let Optuna choose settings, or try all of a grid.")
    ] = Method.optuna,
    folds: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Judge by cross-validation in so many parts. Default: 5 with --method grid, else "
            "one validation part.",
        ),
    ] = None,
    space: Annotated[
        Path | None, typer.Option(metavar="FILE", help="YAML or JSON: what to vary, see the docs.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many pictures of the train part.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Trials that run at a time.")] = 1,
    cluster: Cluster = None,
    device: Where = Device.auto,
    seed: Annotated[int, typer.Option(min=0, help="Of models and of the search.")] = 0,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            help="Default: results/<data set>/tuning/<recipe>-<method>.",
        ),
    ] = None,
    format: FormatOption = Format.text,
) -> None:
    """Search better settings of a recipe, by validation pictures of the train part.

    The test part is not read. Stopped at any moment and started again, it goes on: trials that
    had ended are kept. A net is stopped when the budget is spent, or when it does worse than
    half of the others did at its age; other models end what they have begun.
    """
    from hdalr.recipes import RECIPES

    seconds = parse_duration(budget)
    if recipe not in RECIPES:
        raise UnknownNameError("recipe", recipe, RECIPES)

    from hdalr.cli.progress import show_progress
    from hdalr.datasets import fetch_dataset
    from hdalr.experiment.search import Search, search
    from hdalr.recipes.space_file import read_space

    dataset = fetch_dataset(data)
    plan = Search(
        dataset,
        RECIPES[recipe],
        output or Path("results") / dataset.name / "tuning" / f"{recipe}-{method.value}",
        None if space is None else read_space(space),
        method.value,
        folds or (GRID_FOLDS if method is Method.grid else 0),
        seconds,
        trials,
        jobs,
        limit,
        device.value,
        seed,
        cluster,
    )
    with show_progress() as on_progress:
        found = search(plan, _print_trial, on_progress)
    typer.echo(_to_json(plan, found) if format is Format.json else "\n".join(_table(plan, found)))


def parse_duration(text: str) -> float:
    """Seconds of a number with s, m or h after it.

    Raises
    ------
    ParameterError
        If it is none, or is 0.

    Examples
    --------
    >>> parse_duration("1.5h")
    5400.0
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text.strip())
    seconds = float(match[1]) * UNITS[match[2]] if match else 0.0
    if not seconds:
        raise ParameterError(
            f"budget {text!r} is no time; give a number above 0 and s, m or h, such as 30m"
        )
    return seconds


def _print_trial(trial: Tried) -> None:
    """One line of talk."""
    from hdalr.evaluation import wording

    verdict = trial.verdict
    outcome = {
        "worse": "stopped, worse than the others at its age",
        "failed": f"failed: {verdict.reason}",
    }.get(verdict.state) or f"{wording.percent(verdict.accuracy)} %"
    settings = wording.settings(trial.settings) if trial.settings else "the recipe's own settings"
    time = wording.seconds(verdict.seconds)
    typer.echo(f"trial {trial.number}: {outcome}, {time}, {settings}", err=True)


def _table(plan: Search, found: Found) -> list[str]:
    """The result for people: what was tried, the settings side by side, what it is worth."""
    from hdalr.evaluation import wording

    rows = [("", "recipe", "found")]
    rows += [
        (name, str(value), str(found.best_settings[name]))
        for name, value in found.own_settings.items()
    ]
    own, best = found.own, found.best
    percent, interval = wording.percent, wording.interval
    rows += [
        ("accuracy, %", percent(own.verdict.accuracy), percent(best.verdict.accuracy)),
        ("95 % interval", interval(_interval(own)), interval(_interval(best))),
    ]
    first, second = (max(len(row[column]) for row in rows) + 3 for column in (0, 1))
    return [
        f"{plan.recipe.name} on {plan.dataset.name}: {_count(plan, found)}",
        f"judged {found.judged_on}; no test picture was read",
        "",
        *(f"{row[0]:<{first}}{row[1]:<{second}}{row[2]}".rstrip() for row in rows),
        "",
        _conclude(found),
        *(["", found.difference] if found.difference else []),
    ]


def _count(plan: Search, found: Found) -> str:
    from hdalr.evaluation import wording

    of = "" if found.n_settings is None else f" of {found.n_settings}"
    words = f"{len(found.tried)}{of} settings tried"
    for state, name in (("worse", "stopped early"), ("failed", "failed")):
        words += f", {found.count(state)} {name}" if found.count(state) else ""
    spent, budget = map(wording.seconds, (found.spent_seconds, plan.budget_seconds))
    return f"{words} in {spent} (budget {budget})"


def _conclude(found: Found) -> str:
    if not found.difference:
        return "Nothing better was found than the recipe's own settings."
    if found.is_tie:
        return (
            "A tie: what was found lies inside the interval of the recipe's own settings. Prefer "
            "the simpler and cheaper."
        )
    return (
        "What was found lies outside the interval of the recipe's own settings. It is the best of "
        "those tried on the same pictures, so expect a little less on others."
    )


def _interval(trial: Tried) -> tuple[float, float]:
    from hdalr.evaluation.intervals import wilson_interval

    return wilson_interval(trial.verdict.n_right, trial.verdict.n_images)


def _to_json(plan: Search, found: Found) -> str:
    from hdalr.recipes.recipe import plain

    facts: dict[str, Any] = {
        "recipe": plan.recipe.name,
        "dataset": plan.dataset.name,
        "method": plan.method,
        "folds": plan.folds,
        "limit": plan.limit,
        "seed": plan.seed,
        "judged": found.judged_on,
        "budget_seconds": plan.budget_seconds,
        "spent_seconds": found.spent_seconds,
        "n_settings": found.n_settings,
        "own": _facts(found.own, found.own_settings),
        "found": _facts(found.best, found.best_settings),
        "tie": found.is_tie,
        "difference": found.difference,
        "trials": [
            {"number": trial.number, "settings": trial.settings, **vars(trial.verdict)}
            for trial in found.tried
        ],
    }
    return json.dumps(plain(facts), ensure_ascii=False, indent=2)


def _facts(trial: Tried, settings: dict[str, Any]) -> dict[str, Any]:
    accuracy = trial.verdict.accuracy
    return {"settings": settings, "accuracy": accuracy, "accuracy_interval": _interval(trial)}
