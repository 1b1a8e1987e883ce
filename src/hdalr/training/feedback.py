"""Corrections of readings, made ready to learn from: pictures and what they really say."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from hdalr.errors import DataError
from hdalr.images.door import open_pages
from hdalr.images.glyph import main_parts, normalise_glyphs
from hdalr.images.ink import ink_of
from hdalr.images.line import normalise_line
from hdalr.images.picture import Picture
from hdalr.images.rules import remove_rules
from hdalr.reading.choices import Layout
from hdalr.reading.page import Sheet, find_character, take_apart
from hdalr.reading.truth import LABELS, read_truth
from hdalr.recipes.readers import ReaderRecipe

HELD_EVERY = 5  # of the pictures, one in so many is never learned from
WIDEST_PX = 960  # of a line that is learned from: one wide line makes its whole batch as wide


class LeftOut(StrEnum):
    """Why a correction cannot be used."""

    row = f"a row of {LABELS} that cannot be used"
    picture = "a picture that cannot be read"
    pages = "a file of several pages"
    again = "a picture that was corrected again later"
    blank = "a blank picture"
    label = "a text that is none of the labels"
    letters = "a text with letters that are none of the labels"
    nothing = "a text without any of the labels"
    lines = "another number of lines on the picture than in the text"
    wide = "a line too long to learn from"


class Example(NamedTuple):
    """A picture as the net sees it, and what it says in the net's labels."""

    picture: Picture
    text: str


@dataclass(frozen=True, eq=False)
class Corrections:
    """Corrections of one kind.

    Attributes
    ----------
    learned
        To learn from.
    held
        To judge on: no picture of theirs is among the learned ones, and a picture that is held
        out stays so when others are added.
    left_out
        How many could not be used, by reason.
    digest
        SHA-256 of all that is learned from.
    """

    learned: tuple[Example, ...]
    held: tuple[Example, ...]
    left_out: Mapping[str, int]
    digest: str


def load_corrections(folder: Path, recipe: ReaderRecipe) -> Corrections:
    """Make the corrections of a folder ready for a recipe.

    Each picture goes through what it goes through when it is read, as one character or as lines.
    Of a text for lines, spaces and marks are left out, as in all lines that are learned from.

    Parameters
    ----------
    folder
        Pictures and ``labels.csv``, as ``hdalr feedback export`` writes them; see
        `hdalr.reading.truth`. Of a picture that comes twice, the later row counts.
    recipe
        Its kind and labels say what can be learned.

    Raises
    ------
    DataError
        If the folder has no usable ``labels.csv``, or there is nothing to learn from.
    """
    truth = read_truth(folder)
    left_out = Counter({LeftOut.row: len(truth.errors)})
    found: dict[str, tuple[Example, ...]] = {}
    for file, text in truth.texts.items():
        try:
            page = _open(folder / file)
            digest = _digest(page)
            left_out[LeftOut.again] += found.pop(digest, None) is not None
            found[digest] = tuple(_examples(page, normalize("NFC", text), recipe))
        except _NotUsable as reason:
            left_out[reason.args[0]] += 1
    learned, held = _split(found)
    fitting = tuple(one for one in learned if one.picture.shape[1] <= WIDEST_PX)
    left_out[LeftOut.wide] += len(learned) - len(fitting)
    reasons = {str(reason): n for reason, n in left_out.items() if n}
    if not fitting:
        said = "; ".join(f"{reason}: {n}" for reason, n in reasons.items())
        raise DataError(
            f"{folder}: no correction that {recipe.name} can learn from{f' ({said})' * bool(said)};"
            f" {len(held)} are held out, about one in {HELD_EVERY}; expected more of them"
        )
    return Corrections(fitting, held, reasons, _digest_all(fitting))


class _NotUsable(Exception):
    """Carries a `LeftOut`."""


def _open(path: Path) -> Picture:
    try:
        pages = open_pages(path)
        first = next(pages).picture
        if next(pages, None) is not None:
            raise _NotUsable(LeftOut.pages)
    except DataError as error:
        raise _NotUsable(LeftOut.picture) from error
    return first


def _examples(page: Picture, text: str, recipe: ReaderRecipe) -> Iterator[Example]:
    if recipe.kind == "characters":
        yield _character(page, text.strip(), recipe.labels)
    else:
        yield from _lines(page, text, recipe.labels)


def _character(page: Picture, text: str, labels: Sequence[str]) -> Example:
    """As `Reader.read` sees it with the layout ``"character"``."""
    if text not in labels:
        raise _NotUsable(LeftOut.label)
    sheet = _not_blank(find_character(page))
    return Example(normalise_glyphs([main_parts(sheet.line(0))])[0], text)


def _lines(page: Picture, text: str, labels: Sequence[str]) -> Iterator[Example]:
    """As `Reader.read` sees them with the layout ``"line"``, or ``"lines"`` for several."""
    texts = [_spell(line, labels) for line in text.splitlines() if line.strip()]
    if not all(texts) or not texts:
        raise _NotUsable(LeftOut.nothing)
    ink = ink_of(page)
    layout = Layout.line if len(texts) == 1 else Layout.lines
    sheet = _not_blank(take_apart(remove_rules(ink), layout, ruled=ink))
    if len(sheet.lines) != len(texts):
        raise _NotUsable(LeftOut.lines)
    for number, line in enumerate(texts):
        yield Example(normalise_line(sheet.ruled_line(number)), line)


def _spell(text: str, labels: Sequence[str]) -> str:
    """The text without spaces and marks."""
    if any(c.isalnum() and c not in labels for c in text):
        raise _NotUsable(LeftOut.letters)
    return "".join(c for c in text if c in labels)


def _not_blank(sheet: Sheet) -> Sheet:
    if sheet.layout is None:
        raise _NotUsable(LeftOut.blank)
    return sheet


def _split(found: Mapping[str, Sequence[Example]]) -> tuple[list[Example], tuple[Example, ...]]:
    """What to learn from and what to hold out, by the pictures' digests alone."""
    learned: list[Example] = []
    held: list[Example] = []
    for digest in sorted(found):
        (learned if int(digest, 16) % HELD_EVERY else held).extend(found[digest])
    return learned, tuple(held)


def _digest(page: Picture) -> str:
    return hashlib.sha256(f"{page.shape}".encode() + page.tobytes()).hexdigest()


def _digest_all(examples: Sequence[Example]) -> str:
    parts = (f"{_digest(one.picture)} {one.text}\n" for one in examples)
    return hashlib.sha256("".join(parts).encode()).hexdigest()
