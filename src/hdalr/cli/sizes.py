"""`hdalr sizes`: how the error of recipes falls with the number of pictures to learn from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hdalr.cli.options import Data, Device, Limit, Output, Recipes, Seeds, Where
from hdalr.errors import ParameterError

if TYPE_CHECKING:
    from hdalr.experiment import Point

HEADER = f"{'recipe':<24}{'pictures':>9}{'seed':>5}{'test':>10}{'n':>8}{'fit':>12}"


def sizes(
    data: Data = "digits",
    recipes: Recipes = "paper.naive-bayes,paper.random-forest,paper.knn",
    sizes: Annotated[
        str,
        typer.Option(
            metavar="N,N,...",
            help="Pictures to learn from. Default: 100,300,1000,... and the whole train part.",
        ),
    ] = "",
    seeds: Seeds = 3,
    limit: Limit = None,
    device: Where = Device.auto,
    output: Output = None,
    rerun: Annotated[bool, typer.Option("--rerun", help="Run finished ones again.")] = False,
) -> None:
    """Train recipes on growing parts of the train part, judge all on the same test part.

    Each seed draws its own parts. The results join the report of the same folder; what is
    finished is kept.
    """
    from hdalr.cli.progress import show_progress
    from hdalr.datasets import fetch_dataset
    from hdalr.evaluation.report import write_report
    from hdalr.experiment import Comparison, find_test_pictures, grow
    from hdalr.recipes import choose_recipes

    numbers = _parse(sizes)
    chosen = choose_recipes(recipes)
    dataset = fetch_dataset(data)
    folder = output or Path("results") / dataset.name
    plan = Comparison(dataset, chosen, folder, data, seeds, limit, 1, device.value, rerun)
    failed = False
    typer.echo(HEADER)
    with show_progress() as on_progress:
        for point in grow(plan, numbers, on_progress):
            typer.echo(_line(point))
            failed = failed or point.result is None
    if (folder / "records").is_dir():
        report, *_ = write_report(folder, find_test_pictures(folder))
        typer.echo(f"report: {report}", err=True)
    if failed:
        raise typer.Exit(1)


def _line(point: Point) -> str:
    name = f"{point.recipe:<24}{point.size:>9,}{point.seed:>5}"
    if point.result is None:
        return f"{name}  failed: {point.reason}"
    result = point.result
    figures = f"{result['accuracy']:>10.2%}{result['n_test']:>8,}{result['fit_seconds']:>10.1f} s"
    return name + figures + ("  kept" if point.kept else "")


def _parse(sizes: str) -> list[int]:
    try:
        return [int(size) for size in sizes.split(",") if size.strip()]
    except ValueError:
        raise ParameterError(
            f"--sizes {sizes}: expected whole numbers with commas between them, such as 100,1000"
        ) from None
