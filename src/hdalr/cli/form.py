"""``hdalr form``: check a form's template, and print the blank form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Check templates of forms, and print blank forms.", no_args_is_help=True)

TemplateFile = Annotated[
    Path, typer.Argument(metavar="TEMPLATE", help="A .json, .yaml or .yml file.")
]


@app.command("print")
def print_blank(
    template: TemplateFile,
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="Where it goes: a .pdf or .png file."),
    ],
    dpi: Annotated[int, typer.Option(help="Dots an inch, 50 to 600.")] = 300,
) -> None:
    """Make the blank form; print it at its true size, without scaling to the paper."""
    from hdalr.reading.forms import load_template, save_form

    typer.echo(save_form(load_template(template), output, dpi))


@app.command()
def check(template: TemplateFile) -> None:
    """Check a template, and list its fields."""
    from hdalr.reading.forms import load_template

    form = load_template(template)
    typer.echo(f"form: {form.name}, {form.width:g} x {form.height:g} mm, {len(form.fields)} fields")
    for field in form.fields:
        asked = {
            "alphabet": field.alphabet,
            "pattern": field.pattern,
            "lexicon": f"{len(field.lexicon)} words" if field.lexicon else None,
            "check": field.check,
            "required": "yes" if field.required else None,
        }
        said = ", ".join(f"{key} {value}" for key, value in asked.items() if value)
        cells = f" of {field.cells}" if field.cells > 1 else ""
        typer.echo(f"{field.name}: {field.style}{cells}{', ' if said else ''}{said}")
