"""``hdalr read`` in bulk: into a folder of Parquet files, over processes or a cluster."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from hdalr.cli.reading import ALL_FAILED, SOME_FAILED
from hdalr.errors import ParameterError, require_extra
from hdalr.reading.serialise import one_line
from hdalr.storage import is_url

if TYPE_CHECKING:
    from hdalr.bulk import BulkProgress
    from hdalr.reading.request import Options

TOLD_EVERY_SECONDS = 10.0  # where stderr is no terminal
MOST_ERRORS = 10  # that are told; all are in the rows


def is_folder(output: str | None) -> bool:
    """Whether ``-o`` names a folder: it ends with a slash, is one, or is behind a URL.

    Examples
    --------
    >>> [is_folder(output) for output in (None, "rows.csv", "rows/", "s3://bucket/rows")]
    [False, False, True, True]
    """
    if output is None:
        return False
    return output.endswith(("/", os.sep)) or is_url(output) or Path(output).is_dir()


def is_bulk(paths: list[str], output: str | None, jobs: int | None, cluster: str | None) -> bool:
    """Whether a bulk reading is asked for: of URLs or manifests, over workers, into a folder."""
    elsewhere = any(is_url(path) or path.lower().endswith(".jsonl") for path in paths)
    return elsewhere or jobs is not None or cluster is not None or is_folder(output)


def read_bulk(
    paths: list[str],
    output: str | None,
    options: Options,
    models: list[str] | None,
    jobs: int,
    cluster: str | None,
    others: Mapping[str, object],
) -> None:
    """Read all, tell how far it is, and print what came of it."""
    if output is None:
        raise ParameterError("reading in bulk needs a folder for its rows: -o DIR/")
    if not is_folder(output) and Path(output).suffix:
        raise ParameterError(
            f"-o {output}: reading in bulk writes a folder of Parquet files; expected one, such as "
            f"{Path(output).stem}/"
        )
    wrong = [name for name, value in others.items() if value]
    if wrong:
        raise ParameterError(f"{wrong[0]} does not go with reading in bulk, into {output}")
    for library in ("fsspec", "pyarrow"):
        require_extra(library)
    from hdalr.bulk import Bulk, read_in_bulk

    plan = Bulk(paths, output, tuple(models or ()), options, jobs, cluster)
    with _show() as tell:
        done = read_in_bulk(plan, tell, tell.failure)
    kept = f", of which {done.n_kept:,} were read before" if done.n_kept else ""
    typer.echo(
        f"{output}: {done.n_done:,} inputs{kept}; {done.n_failed:,} could not be read; "
        f"{done.rate:,.1f} a second",
        err=True,
    )
    if done.n_failed:
        raise typer.Exit(ALL_FAILED if done.n_failed == done.n_done else SOME_FAILED)


@contextmanager
def _show() -> Iterator[_Tell]:
    tell = _Tell(1.0 if sys.stderr.isatty() else TOLD_EVERY_SECONDS)
    try:
        yield tell
    finally:
        tell.end_line()


class _Tell:
    """Says how far a run is: a line that is written over on a terminal, else one now and then."""

    def __init__(self, every_seconds: float) -> None:
        self._every, self._last = every_seconds, time.monotonic()
        self._n_errors = 0
        self._is_open = False

    def __call__(self, now: BulkProgress) -> None:
        if time.monotonic() - self._last < self._every:
            return
        self._last = time.monotonic()
        if sys.stderr.isatty():
            self._is_open = True
            typer.echo(f"\r\x1b[K{_describe(now)}", err=True, nl=False)
        else:
            typer.echo(_describe(now), err=True)

    def failure(self, message: str) -> None:
        """Say why an input could not be read."""
        self._n_errors += 1
        if self._n_errors <= MOST_ERRORS:
            self.end_line()
            typer.echo(one_line(message), err=True)
        elif self._n_errors == MOST_ERRORS + 1:
            self.end_line()
            typer.echo("further errors stand in the rows, under error", err=True)

    def end_line(self) -> None:
        """Leave the line that is written over."""
        if self._is_open:
            typer.echo(err=True)
        self._is_open = False


def _describe(now: BulkProgress) -> str:
    of_all = "" if now.n_all is None else f" of {now.n_all:,}"
    left = now.seconds_left
    time_left = "" if left is None else f", {_span(left)} left"
    failed = f", {now.n_failed:,} could not be read" if now.n_failed else ""
    return f"{now.n_done:,}{of_all} read{failed}, {now.recent_rate:,.1f} a second{time_left}"


def _span(seconds: float) -> str:
    """Hours, minutes and seconds.

    Examples
    --------
    >>> _span(59.6), _span(7384)
    ('0:01:00', '2:03:04')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
