"""``hdalr feedback``: list, export and delete the corrections that people gave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hdalr.cli.data import Format, FormatOption
from hdalr.errors import ParameterError, require_extra

if TYPE_CHECKING:
    from hdalr.service.database import Correction, Store

SOME_MISSING = 3

app = typer.Typer(
    help="List, export and delete the corrections that people gave.", no_args_is_help=True
)

Database = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE; by default "
        "HDALR_DATABASE_URL, else a file in your data folder. A password is better given in "
        "HDALR_DATABASE_URL, where other users do not see it.",
    ),
]
Since = Annotated[
    datetime | None,
    typer.Option(
        metavar="DATE",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
        help="Only those from this day or time on (UTC): 2026-01-31 or 2026-01-31T18:00:00.",
    ),
]


@app.command("list")
def list_corrections(
    database: Database = None, since: Since = None, format: FormatOption = Format.text
) -> None:
    """List the corrections that are kept, without their pictures."""
    from hdalr.reading.serialise import write_json

    with _open(database) as store:
        if format is Format.json:
            records = (correction.to_dict() for correction in _select(store, since))
            for piece in write_json(records):
                typer.echo(piece, nl=False)
            return
        typer.echo(f"{'id':32}  {'created (UTC)':19}  {'text':20}  read")
        for correction in _select(store, since):
            typer.echo(_row(correction))


@app.command()
def export(
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FOLDER",
            help="Where they go; an earlier export there is replaced, anything else is refused.",
        ),
    ],
    database: Database = None,
    since: Since = None,
) -> None:
    """Write pictures and labels.csv into a folder, for hdalr evaluate and hdalr train.

    Further facts of each, such as what was read and by which models, go to corrections.jsonl.
    """
    with _open(database) as store:
        from hdalr.service.database import export_corrections

        n = export_corrections(_select(store, since), output)
    typer.echo(f"{output}: {n} corrections")


@app.command()
def delete(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID...", help="See hdalr feedback list.")
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="All corrections.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Sure about --all.")] = False,
    database: Database = None,
) -> None:
    """Delete corrections for good.

    Exit code: 0 if all were deleted, 1 if none was there, 3 if some were not there.
    """
    if bool(ids) == all:
        raise ParameterError("expected either identifiers, see hdalr feedback list, or --all")
    with _open(database) as store:
        if ids:
            _delete(store, ids)
        elif yes:
            typer.echo(f"deleted: {store.delete_all()}")
        else:
            raise ParameterError(f"--all deletes all {store.count()}; add --yes if you are sure")


def _open(url: str | None) -> Store:
    for module in ("sqlalchemy", "alembic"):
        require_extra(module)
    from hdalr.service.database import Store, default_url

    return Store(url or default_url())


def _select(store: Store, since: datetime | None) -> Iterator[Correction]:
    return iter(store) if since is None else store.since(since.replace(tzinfo=UTC))


def _delete(store: Store, ids: list[str]) -> None:
    missing = [id for id in dict.fromkeys(ids) if not store.delete(id)]
    for id in missing:
        typer.echo(f"{id!r}: no such correction", err=True)
    n_deleted = len(set(ids)) - len(missing)
    typer.echo(f"deleted: {n_deleted}")
    if missing:
        raise typer.Exit(SOME_MISSING if n_deleted else 1)


def _row(correction: Correction) -> str:
    from hdalr.reading.serialise import one_line

    read = (correction.reading or {}).get("text")
    return (
        f"{correction.id}  {correction.created:%Y-%m-%d %H:%M:%S}  "
        f"{one_line(correction.text):20}  {'-' if read is None else one_line(str(read))}"
    )
