"""``hdalr read``: pictures of handwriting into text, JSON, JSON lines or CSV."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hdalr.cli.bulk import is_bulk, read_bulk
from hdalr.cli.options import Cluster
from hdalr.cli.reading import (
    ALL_FAILED,
    SOME_FAILED,
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

if TYPE_CHECKING:
    from hdalr.reading.forms import FormReading, Template
    from hdalr.reading.reader import Reader
    from hdalr.reading.request import Options
    from hdalr.reading.result import Reading
    from hdalr.reading.serialise import Record
    from hdalr.reading.sources import FileId, Sources

STDIN = "-"
REJECTED = 4  # exit code


class Format(StrEnum):
    """How readings are written."""

    text = "text"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"


def read(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Pictures, PDFs, folders of them, globs in quotes, or - for the standard input.",
        ),
    ],
    layout: AsOption = None,
    alphabet: Alphabet = None,
    pattern: Pattern = None,
    lexicon: Lexicon = None,
    check: CheckName = None,
    form: Annotated[
        Path | None,
        typer.Option(metavar="TEMPLATE", help="Read filled forms by this template."),
    ] = None,
    max_error: MaxError = None,
    format: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.text,
    annotate: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write each picture with what was read into this folder."),
    ] = None,
    fail_on_reject: Annotated[
        bool, typer.Option("--fail-on-reject", help="Exit code 4 if a reading is rejected.")
    ] = False,
    model: Models = None,
    n_best: Annotated[
        int, typer.Option(min=1, max=1000, help="Texts to give for each picture.")
    ] = 1,
    case: CaseOption = Case.keep,
    merge: Merge = False,
    engine: EngineOption = Engine.both,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Read in bulk, in so many processes.")
    ] = None,
    cluster: Cluster = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE|DIR/", help="Default: stdout. A folder: in bulk."
        ),
    ] = None,
) -> None:
    """Read pictures of handwriting.

    In bulk, with -o DIR/: any number of pictures, also from manifests (.jsonl) and URLs, into
    Parquet, in several processes with --jobs or --cluster. Stopped at any moment and started
    again, it goes on.

    As text, a rejected reading leaves its row empty, and is told on stderr with its reason.
    Rows for -o FILE grow in FILE.part, which becomes FILE at the end.
    Exit code: 0 if all pictures were read, 1 if none could be, 3 if some could not be.
    """
    from hdalr.reading.sources import find_sources, identify_files

    options = make_options(
        layout, alphabet, pattern, lexicon, check, max_error, case, merge, engine
    )
    options["n_best"] = n_best
    if is_bulk(paths, output, jobs, cluster):
        given = {"--form": form, "--annotate": annotate, "--fail-on-reject": fail_on_reject}
        given["--format"] = format is not Format.text
        read_bulk(paths, output, options, model, jobs or 1, cluster, given)
        return
    reader = open_reader(model)
    reader.prepare(**options)
    sources = find_sources(paths)
    if sources.n_others:
        typer.echo(f"{sources.n_others} other files left out", err=True)
    template = None if form is None else _load_template(form, options, annotate)
    others = (lexicon, form, template and template.picture)
    inputs = identify_files([*sources.paths, *(str(path) for path in others if path)])
    place = None if output is None else Path(output)
    if place is not None:
        _check_output(place, inputs)
    run = _Run(reader, options, template, annotate, inputs, quiet=format is not Format.text)
    pieces = _format(run.records(sources), format, len(sources.paths) == 1)
    if place is None or _is_stdout(place):
        _print(pieces)
    else:
        _save(pieces, place, run)
    code = run.exit_code(fail_on_reject)
    if code:
        raise typer.Exit(code)


@dataclass
class _Run:
    """One call of the command: what it reads with, and what came of it."""

    reader: Reader
    options: Options
    template: Template | None
    folder: Path | None
    inputs: Mapping[FileId, str]
    quiet: bool
    n_read: int = 0
    n_failed: int = 0
    n_rejected: int = 0
    n_rows: int = 0  # records that were written
    names: set[str] = field(default_factory=set)

    def records(self, sources: Sources) -> Iterator[Record]:
        """A record a page as it is read; a file that cannot be read becomes one with its error."""
        from hdalr.errors import DataError, ParameterError
        from hdalr.reading.serialise import make_failure

        for path in sources.paths:
            try:
                if path in sources.faults:
                    raise DataError(sources.faults[path])
                for record in self._pages(path):
                    yield record
                    self.n_rows += 1  # it is written when the next one is asked for
            except (DataError, ParameterError) as error:
                self.n_failed += 1
                # Such as a line that is too long for the pattern; data names its file itself.
                is_named = isinstance(error, DataError)
                message = str(error) if is_named else f"{_name(path)}: {error}"
                _tell(message)
                yield make_failure(path, message)
                self.n_rows += self.quiet  # as text, it has no row

    def exit_code(self, fail_on_reject: bool) -> int:
        """What the process ends with."""
        if self.n_failed:
            return SOME_FAILED if self.n_read else ALL_FAILED
        return REJECTED if fail_on_reject and self.n_rejected else 0

    def _pages(self, path: str) -> Iterator[Record]:
        from hdalr.reading.serialise import make_record
        from hdalr.reading.sources import Named

        if self.template is not None:
            yield from self._forms(path, self.template)
            return
        source = _source(path)
        given = Named(source, _name(path)) if isinstance(source, bytes) else source
        for number, reading in enumerate(self.reader.read_pages(given, **self.options), 1):
            self._count(path, number, reading)
            if self.folder is not None:
                self._annotate(source, path, number, reading)
            yield make_record(path, number, reading)

    def _forms(self, path: str, template: Template) -> Iterator[Record]:
        from hdalr.errors import DataError
        from hdalr.images.door import open_pages
        from hdalr.reading.forms import read_form
        from hdalr.reading.serialise import make_record

        for page in open_pages(_source(path), _name(path)):
            max_error = self.options.get("max_error")
            try:
                reading = read_form(page.picture, template, self.reader, max_error=max_error)
            except DataError as error:  # of an array, which has no name
                raise DataError(f"{_name(path)}: page {page.number}: {error}") from error
            self._count(path, page.number, reading)
            yield make_record(path, page.number, reading)

    def _count(self, path: str, number: int, reading: Reading | FormReading) -> None:
        self.n_read += 1
        if not reading.accepted:
            self.n_rejected += 1
            if not self.quiet:
                _tell(f"{path}, page {number}: rejected{_why(reading)}")

    def _annotate(self, source: bytes | Path, path: str, number: int, reading: Reading) -> None:
        """Draw the characters' boxes into the page, decoded once more."""
        from hdalr.images.annotate import annotate, save_png
        from hdalr.images.door import open_pages

        assert self.folder is not None
        page = next(islice(open_pages(source, path), number - 1, None))
        characters = reading.characters
        drawn = annotate(
            page.picture,
            [character.box for character in characters],
            [character.text for character in characters],
            [reading.accepted] * len(characters),
        )
        save_png(self.folder / self._free_name(path, number), drawn)

    def _free_name(self, path: str, number: int) -> str:
        """A name for the annotated page that no other picture of this run has, read or written."""
        from hdalr.reading.sources import identify_files

        assert self.folder is not None
        stem = "stdin" if path == STDIN else Path(path).stem
        start = f"{stem}-{number}" if number > 1 else stem
        tries = (f"{start}.png" if n == 1 else f"{start}_{n}.png" for n in count(1))
        for name in tries:
            there = identify_files([str(self.folder / name)])
            if name not in self.names and not there.keys() & self.inputs.keys():
                break
        self.names.add(name)
        return name


def _format(records: Iterator[Record], format: Format, alone: bool) -> Iterator[str]:
    from hdalr.reading import serialise

    if format is Format.text:
        return serialise.write_text(records, alone)
    write = {"json": serialise.write_json, "jsonl": serialise.write_jsonl}
    return write.get(format.value, serialise.write_csv)(records)


def _print(pieces: Iterator[str]) -> None:
    """Write each record as soon as it is there."""
    for piece in pieces:
        sys.stdout.write(piece)
        sys.stdout.flush()


def _save(pieces: Iterator[str], path: Path, run: _Run) -> None:
    """Write a file that takes its place at the end; without a row, what was there stays."""
    from hdalr.reading.serialise import RowFile

    file = RowFile(path)
    try:
        for piece in pieces:
            file.write(piece)
        if run.n_rows:
            file.finish()
    except BaseException:  # Ctrl-C above all
        if run.n_rows and file.part != path:
            _tell(f"{path} is as it was; what was read so far is in {file.part}")
        raise
    finally:
        file.stop(keep=run.n_rows > 0)


def _check_output(output: Path, inputs: Mapping[FileId, str]) -> None:
    """Refuse to write where something is read from: it would be lost."""
    from hdalr.errors import ParameterError
    from hdalr.reading.serialise import find_part
    from hdalr.reading.sources import identify_files

    for found in identify_files([str(output), str(find_part(output))]):
        if found in inputs:
            raise ParameterError(
                f"-o {output} would overwrite {_name(inputs[found])}, which is read; expected "
                "another file"
            )


def _is_stdout(path: Path) -> bool:
    """Whether this is another name of the standard output, such as /dev/stdout."""
    try:
        return os.path.samestat(path.stat(), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError):
        return False


def _load_template(path: Path, options: Options, annotate: Path | None) -> Template:
    from hdalr.errors import ParameterError
    from hdalr.reading.forms import load_template

    given = {
        "--as": options["layout"],
        "--alphabet": options["alphabet"],
        "--pattern": options["pattern"],
        "--lexicon": options["lexicon"],
        "--check": options["check"],
        "--case": options["case"] != Case.keep.value,
        "--merge": options["merge"],
        "--engine": options["engine"] != Engine.both,
        "--n-best": options["n_best"] > 1,
    }
    if annotate is not None:
        raise ParameterError("--annotate does not go with --form; forms are not annotated")
    wrong = [name for name, value in given.items() if value not in (None, False)]
    if wrong:
        raise ParameterError(f"{wrong[0]} does not go with --form; the template says what is read")
    return load_template(path)


def _source(path: str) -> bytes | Path:
    if path != STDIN:
        return Path(path)
    from hdalr.images.source import read_file

    return read_file(sys.stdin.buffer, _name(path))


def _name(path: str) -> str:
    """What a source is called in messages."""
    return "standard input" if path == STDIN else path


def _why(reading: Reading | FormReading) -> str:
    """The reason, and what was read nevertheless."""
    guess = f": {reading.text!r} with a confidence of {reading.confidence:.2f}"
    return f" ({reading.reason}){guess if reading.text else ''}"


def _tell(message: str) -> None:
    from hdalr.reading.serialise import one_line

    typer.echo(one_line(message), err=True)
