"""``hdalr evaluate``: what the reader is worth on pictures whose texts are known."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hdalr.cli.data import Format
from hdalr.cli.reading import (
    Alphabet,
    AsOption,
    CaseOption,
    CheckName,
    EngineOption,
    Lexicon,
    MaxError,
    Merge,
    Models,
    Pattern,
    make_options,
    open_reader,
)
from hdalr.reading.choices import Case, Engine

SHEET = "errors.png"
FRACTIONS = {
    "exact": "exact",
    "exact_folded": "exact, case folded",
    "exact_lookalikes": "exact, look-alikes as one",
    "character_error": "character error",
    "coverage": "accepted",
    "accepted_error": "wrong among accepted",
    "accepted_error_folded": "wrong among accepted, case folded",
    "expected_calibration_error": "calibration error",
    "expected_calibration_error_folded": "calibration error, case folded",
}


def evaluate(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="Pictures, and labels.csv with the header file,text."
        ),
    ],
    layout: AsOption = None,
    alphabet: Alphabet = None,
    pattern: Pattern = None,
    lexicon: Lexicon = None,
    check: CheckName = None,
    max_error: MaxError = None,
    format: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.text,
    model: Models = None,
    case: CaseOption = Case.keep,
    merge: Merge = False,
    engine: EngineOption = Engine.both,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Where the sheet of errors goes."),
    ] = None,
) -> None:
    """Read a folder of pictures and compare with the truth in its labels.csv.

    Exit code: 0 if all were read, 1 if none could be, 3 if some could not be.
    """
    from hdalr.reading.evaluation import evaluate_folder
    from hdalr.reading.serialise import one_line
    from hdalr.reading.truth import find_unlabelled

    options = make_options(
        layout, alphabet, pattern, lexicon, check, max_error, case, merge, engine
    )
    reader = open_reader(model)
    reader.prepare(**options)
    tell = _tell if sys.stderr.isatty() else None
    evaluation = evaluate_folder(folder, lambda path: reader.read(path, **options), tell)
    for error in evaluation.errors:
        typer.echo(one_line(error), err=True)
    if n_unlabelled := len(find_unlabelled(folder)):
        typer.echo(f"{n_unlabelled} pictures without a usable row in labels.csv", err=True)
    measures = evaluation.to_dict()
    if format is Format.json:
        typer.echo(json.dumps(measures, ensure_ascii=False, indent=2))
    else:
        _print(measures)
    if output is not None:
        from hdalr.images.annotate import save_png
        from hdalr.reading.error_sheet import draw_errors

        save_png(output / SHEET, draw_errors(folder, evaluation.mistakes()))
    if evaluation.errors:
        raise typer.Exit(3 if evaluation.judged else 1)


def _print(measures: dict[str, Any]) -> None:
    typer.echo(f"{'pictures':34}{measures['n']:>8,}")
    for name, title in FRACTIONS.items():
        value = measures[name]
        low, high = measures.get(f"{name}_interval") or (None, None)
        interval = "" if low is None else f"   {low:.2%} - {high:.2%}"
        typer.echo(f"{title:34}{'-' if value is None else f'{value:.2%}':>8}{interval}")
    for reason, n in measures["reasons"].items():
        typer.echo(f"{f'rejected, {reason}':34}{n:>8,}")
    typer.echo(f"{'seconds':34}{measures['seconds']:>8.1f}")
    typer.echo(f"{'model':34}{measures['model']}")
    for true, read, n in measures["confusions"][:10]:
        typer.echo(f"{true or 'nothing'} read as {read or 'nothing'}: {n}")


def _tell(n_done: int, n_all: int) -> None:
    """How far it is, on one line of the terminal."""
    typer.echo(f"\r{n_done}/{n_all}", err=True, nl=n_done == n_all)
