"""`hdalr compare`: train and judge recipes on a data set, and write a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hdalr.cli.options import Cluster, Data, Device, Limit, Output, Recipes, Seeds, Where

if TYPE_CHECKING:
    from hdalr.experiment import Outcome

HEADER = f"{'recipe':<24}{'seed':>4}{'test':>10}{'95 % interval':>19}{'n':>8}{'fit':>12}"


def compare(
    data: Data = "digits",
    recipes: Recipes = "paper",
    seeds: Seeds = 1,
    limit: Limit = None,
    jobs: Annotated[int, typer.Option(min=1, help="Rows that run at a time.")] = 1,
    cluster: Cluster = None,
    device: Where = Device.auto,
    output: Output = None,
    rerun: Annotated[bool, typer.Option("--rerun", help="Run finished rows again.")] = False,
    also: Annotated[
        str,
        typer.Option(
            metavar="NAME,...",
            help="Judge the models on more than the test part: corruptions (15 of MNIST-C, at "
            "most 1,000 pictures each), transfer (digits that others wrote).",
        ),
    ] = "",
) -> None:
    """Train and judge recipes on a data set; print the table and write records and a report.

    Stopped at any moment and started again, it goes on: finished rows are kept, and a net goes
    on from its last epoch.
    """
    from hdalr.cli.progress import show_progress
    from hdalr.datasets import fetch_dataset
    from hdalr.evaluation.report import write_report
    from hdalr.experiment import Comparison, find_test_pictures
    from hdalr.experiment import compare as run
    from hdalr.recipes import choose_recipes

    chosen = choose_recipes(recipes)
    dataset = fetch_dataset(data)
    folder = output or Path("results") / dataset.name
    asked = tuple(filter(None, map(str.strip, also.split(","))))
    plan = Comparison(
        dataset, chosen, folder, data, seeds, limit, jobs, device.value, rerun, asked, cluster
    )
    outcomes = []
    typer.echo(HEADER)
    with show_progress() as on_progress:
        for outcome in run(plan, on_progress):
            typer.echo(_line(outcome))
            outcomes.append(outcome)
    if any(outcome.record for outcome in outcomes):
        report, *_ = write_report(folder, find_test_pictures(folder))
        typer.echo(f"report: {report}", err=True)
    if any(outcome.failure for outcome in outcomes):
        raise typer.Exit(1)


def _line(outcome: Outcome) -> str:
    """One line of the table."""
    if outcome.failure is not None:
        failure = outcome.failure
        return f"{_name(failure['recipe'], failure['seed'])}failed: {failure['reason']}"
    assert outcome.record is not None
    record = outcome.record
    low, high = record["accuracy_interval"]
    demo = ", ".join(
        f"{name} {used} instead of {source}" for name, (used, source) in record["demo"].items()
    )
    notes = [f"demo: {demo}"] if demo else []
    notes += ["kept"] if outcome.kept else []
    notes += [f"without {' and '.join(outcome.lacking)}: see --rerun"] if outcome.lacking else []
    return (
        f"{_name(record['recipe'], record['seed'])}{record['accuracy']:>8.2%}"
        f"{low:>10.2%} - {high:.2%}{record['n_test']:>8,}{record['fit_seconds']:>10.1f} s"
        f"  {'; '.join(notes)}"
    ).rstrip()


def _name(recipe: str, seed: int) -> str:
    return f"{recipe:<24}{seed:>4}  "
