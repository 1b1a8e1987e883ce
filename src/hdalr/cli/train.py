"""`hdalr train`: a recipe and data to a bundle that `hdalr read --model` uses."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hdalr.cli.options import Device, Limit, Where

if TYPE_CHECKING:
    from hdalr.training.feedback import Corrections

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
    add_feedback: Annotated[
        bool,
        typer.Option(
            "--add-feedback", help="Fine-tune the bundle on the corrections in the database."
        ),
    ] = False,
    feedback: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Fine-tune it on those of a folder: see hdalr feedback export.",
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Of --add-feedback; see hdalr feedback export --help."),
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

    Stopped at any moment and started again, it goes on from BUNDLE.checkpoint. With corrections,
    the bundle of --from, or the one that ships, is fine-tuned in a few minutes, and what came of
    it is shown on corrections held out and on the old test set.
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
    if database is not None and not add_feedback:
        raise ParameterError("--database is for --add-feedback")
    if add_feedback and feedback is not None:
        raise ParameterError("--add-feedback and --feedback FOLDER: choose one of them")
    corrections = None
    if add_feedback or feedback is not None:
        corrections = _load_corrections(recipe, feedback, database)
    changes: dict[str, Any] = {"steps": steps, "learning_rate": learning_rate}
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
            corrections=corrections,
            command=_command(
                recipe,
                output,
                {
                    "--data": data or None,
                    "--seed": seed,
                    "--limit": limit,
                    **given,
                    "--from": None if start is None else Path(start).name,
                    "--feedback": None if feedback is None else feedback.name,
                    "--add-feedback": "" if add_feedback else None,
                },
            ),
            on_progress=tell,
            **{name: value for name, value in changes.items() if value is not None},
        )
    record = bundle.manifest.record
    for name in ("accuracy", "exact", "calibration_error"):
        if name in record:
            typer.echo(f"{name} {record[name]:.4f} on {record['n']:,} ({record['data']})")
    if corrections is not None:
        _tell_tuning(record["feedback"])
    typer.echo(f"bundle: {output}", err=True)


def _load_corrections(recipe: str, folder: Path | None, database: str | None) -> Corrections:
    """The corrections of a folder or of the database, and a word about those left out."""
    from hdalr.errors import NotApplicableError, require_extra
    from hdalr.recipes.readers import RECIPES
    from hdalr.training.feedback import load_corrections

    if recipe not in RECIPES:
        raise NotApplicableError(
            f"{recipe} does not learn from corrections; choose one of {', '.join(RECIPES)}"
        )
    with tempfile.TemporaryDirectory(prefix="hdalr-") as temporary:
        if folder is None:
            require_extra("sqlalchemy")
            from hdalr.service.database import Store, default_url, export_corrections

            folder = Path(temporary, "corrections")
            with Store(database or default_url()) as store:
                export_corrections(store, folder)
        corrections = load_corrections(folder, RECIPES[recipe])
    for reason, n in corrections.left_out.items():
        typer.echo(f"left out: {reason}: {n}", err=True)
    n_learned, n_held = len(corrections.learned), len(corrections.held)
    typer.echo(f"corrections: {n_learned} to learn from, {n_held} held out", err=True)
    return corrections


def _tell_tuning(found: Mapping[str, Any]) -> None:
    """What the fine-tuning has brought on stdout, what speaks against it on stderr."""
    from hdalr.training.tuning import FEWEST_HELD, MOST_FORGOTTEN

    held, old, forgot = found["held"], found["old_test"], found["forgot"]
    low, high = held.get("after_interval", (0, 0))
    typer.echo(_compared("corrections held out", held, f", 95 % {low:.2f} to {high:.2f}"))
    lost = f": forgot {100 * forgot:.2f} points" if forgot and forgot > 0 else ""
    typer.echo(f"{_compared('old test set', old, '')}{lost}")
    if held["n"] < FEWEST_HELD:
        typer.echo(
            f"only {held['n']} corrections are held out: what they show may be chance", err=True
        )
    if found["not_rehearsed"]:
        names = ", ".join(found["not_rehearsed"])
        typer.echo(f"not rehearsed, since not on this computer: {names}", err=True)
    if forgot is not None and forgot > MOST_FORGOTTEN:
        typer.echo(
            f"it forgot {100 * forgot:.2f} points on the old test set, more than "
            f"{100 * MOST_FORGOTTEN:g} (p {old['p']:.2g}: {old['lost']} read before and not now, "
            f"{old['gained']} the other way); try fewer --steps, a lower --learning-rate, or "
            "more corrections",
            err=True,
        )


def _compared(name: str, found: Mapping[str, Any], interval: str) -> str:
    if not found["n"]:
        return f"{name}: none"
    before, after = found["before"], found["after"]
    return f"{name}: before {before:.4f}, after {after:.4f} (n {found['n']:,}{interval})"


def _command(recipe: str, output: Path, options: Mapping[str, object]) -> str:
    """The command that remakes the bundle, in any folder."""
    given = [f"{name} {value}".rstrip() for name, value in options.items() if value is not None]
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
