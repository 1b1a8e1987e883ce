"""The options that ``hdalr read`` and ``hdalr evaluate`` share, worded once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hdalr.reading.choices import Case, Engine, Layout

if TYPE_CHECKING:
    from hdalr.reading.reader import Reader
    from hdalr.reading.request import Options


ALL_FAILED, SOME_FAILED = 1, 3  # exit codes

AsOption = Annotated[
    Layout | None, typer.Option("--as", help="What a picture holds; found out if not said.")
]
Alphabet = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|chars:...",
        help="Characters that may occur: digits, upper, lower, letters, alphanumeric (default), "
        "hexadecimal, devanagari-digits, devanagari, or chars: and the characters.",
    ),
]
Pattern = Annotated[
    str | None,
    typer.Option(metavar="REGEX", help=r"What the text fits as a whole, e.g. '\d{5}(-\d{4})?'."),
]
Lexicon = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Words, one a line, one of which the text is.")
]
CheckName = Annotated[
    str | None,
    typer.Option("--check", metavar="NAME", help="What the text passes: luhn, date-iso, amount..."),
]
MaxError = Annotated[
    float | None,
    typer.Option(
        metavar="P", help="Accept only what keeps the share of wrong readings below P, e.g. 0.01."
    ),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model", metavar="BUNDLE", help="Name or folder of a bundle; twice for two kinds."
    ),
]
CaseOption = Annotated[Case, typer.Option(help="Upper and lower case; fold: both count together.")]
Merge = Annotated[
    bool, typer.Option("--merge", help="Write small letters that look like capitals as these.")
]
EngineOption = Annotated[
    Engine, typer.Option("--engine", help="How strings are read; to compare the ways.")
]


def make_options(
    layout: Layout | None,
    alphabet: str | None,
    pattern: str | None,
    lexicon: Path | None,
    check: str | None,
    max_error: float | None,
    case: Case,
    merge: bool,
    engine: Engine,
) -> Options:
    """The options of `hdalr.reading.reader.Reader.read`, the lexicon read from its file."""
    from hdalr.reading.request import Options

    words = None
    if lexicon is not None:
        from hdalr.reading.lexicon import read_lexicon

        words = tuple(read_lexicon(lexicon))
    return Options(
        layout=layout,
        alphabet=alphabet,
        pattern=pattern,
        lexicon=words,
        check=check,
        max_error=max_error,
        case=case.value,
        merge=merge,
        engine=engine,
    )


def open_reader(models: list[str] | None) -> Reader:
    """A reader with the named bundles, or with those that ship."""
    from hdalr.reading.reader import Reader

    return Reader(models or None)
