"""`hdalr train`: a recipe and data to a bundle that `hdalr read --model` uses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hdalr.cli.options import Device, Limit, Where

LINES = 20  # of progress, where stderr is no terminal


def train(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE", help="readers.digits, readers.characters ..., or a net: paper.cnn ..."
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="BUNDLE", help="Folder of the new bundle.")
    ],
    data: Annotated[
        str,
        typer.Option(
            metavar="NAME|PATH,...",
            help="Data sets instead of the recipe's own: see hdalr data list.",
        ),
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="Of weights, order and distortion.")] = 0,
    limit: Limit = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Of a reader's training, instead of the recipe's.")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=0, help="Of a reader's training, at its highest.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="BUNDLE", help="Begin with its weights instead of random ones."
        ),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, max=256, help="Threads that torch computes with.")
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            min=0, max=64, help="Processes that make a reader's pictures beside the training."
        ),
    ] = 0,
    device: Where = Device.auto,
) -> None:
    """Train a recipe and write a calibrated bundle with its card and record.

    Stopped at any moment and started again, it goes on from BUNDLE.checkpoint.
    """
    from hdalr.errors import ParameterError, require_extra

    torch = require_extra("torch")
    from hdalr.training import train_bundle

    if threads is not None:
        torch.set_num_threads(threads)
    given = {"--steps": steps, "--learning-rate": learning_rate}
    for option, value in given.items():
        if value is not None and not recipe.startswith("readers."):
            raise ParameterError(f"{option} {value} is for readers.*, not for {recipe}")
    changes = {"steps": steps, "learning_rate": learning_rate}
    names = [name.strip() for name in data.split(",") if name.strip()]
    with _show_progress(recipe) as tell:
        bundle = train_bundle(
            recipe,
            output,
            names,
            random_state=seed,
            device=device.value,
            limit=limit,
            workers=workers,
            start=start,
            command=_command(
                recipe,
                output,
                {
                    "--data": data or None,
                    "--seed": seed,
                    "--limit": limit,
                    **given,
                    "--from": start,
                },
            ),
            on_progress=tell,
            **{name: value for name, value in changes.items() if value is not None},
        )
    record = bundle.manifest.record
    for name in ("accuracy", "exact", "calibration_error"):
        if name in record:
            typer.echo(f"{name} {record[name]:.4f} on {record['n']:,} ({record['data']})")
    typer.echo(f"bundle: {output}", err=True)


def _command(recipe: str, output: Path, options: Mapping[str, object]) -> str:
    """The command that remakes the bundle, in any folder."""
    given = [f"{name} {value}" for name, value in options.items() if value is not None]
    return " ".join(["hdalr train", recipe, *given, "-o", output.name])


@contextmanager
def _show_progress(name: str) -> Iterator[Callable[[float, float, float], None]]:
    """Give a function to call with the share done, the loss and the seconds left."""
    if not sys.stderr.isatty():
        shown = [0]

        def print_line(done: float, loss: float, seconds: float) -> None:
            if int(done * LINES) > shown[0]:
                shown[0] = int(done * LINES)
                typer.echo(f"{name}: {_state(done, loss, seconds)}", err=True)

        yield print_line
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(name, total=1.0, state="")
        yield lambda done, loss, seconds: bars.update(
            task, completed=done, state=_state(done, loss, seconds)
        )


def _state(done: float, loss: float, seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{done:.0%}, loss {loss:.4f}, {minutes}:{rest:02d} left"
