"""What a form looks like: its page, its labels and its fields, all in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

MM_PER_INCH = 25.4


class Style(StrEnum):
    """How a field is printed, and so how it is read."""

    comb = "comb"  # a row of cells, one character each
    line = "line"  # a rule to write on
    box = "box"  # a frame to write in
    check = "check"  # a small frame to cross or to tick


class Rect(NamedTuple):
    """A rectangle on the page in millimetres, from the page's top left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Where it ends, from the left edge of the page."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Where it ends, from the top edge of the page."""
        return self.top + self.height

    def grown(self, margin: float) -> Rect:
        """The same, larger by ``margin`` on each side.

        Examples
        --------
        >>> Rect(10, 10, 5, 2).grown(1)
        Rect(left=9, top=9, width=7, height=4)
        """
        return Rect(
            self.left - margin, self.top - margin, self.width + 2 * margin, self.height + 2 * margin
        )

    def overlaps(self, other: Rect) -> bool:
        """Whether the two share more than an edge.

        Examples
        --------
        >>> Rect(0, 0, 4, 4).overlaps(Rect(3, 3, 4, 4)), Rect(0, 0, 4, 4).overlaps(
        ...     Rect(4, 0, 4, 4)
        ... )
        (True, False)
        """
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


class Stroke(NamedTuple):
    """A printed straight line, horizontal or vertical, in millimetres."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Label:
    """A printed text: its top left corner and the height of its letters, in millimetres."""

    text: str
    left: float
    top: float
    size: float = 3.5


@dataclass(frozen=True)
class Field:
    """One place to write in.

    Attributes
    ----------
    name
        What the record calls it.
    box
        Where it lies on the page.
    style
        How it is printed and read.
    label
        Text printed above it (to the right of a check box).
    cells
        How many cells a comb has; 1 for the other styles.
    alphabet, pattern, lexicon, check
        What may stand in it, as for any reading.
    max_length
        At most so many characters; for a comb, its cells.
    required
        Whether a blank field rejects the form.
    """

    name: str
    box: Rect
    style: Style
    label: str = ""
    cells: int = 1
    alphabet: str | None = None
    pattern: str | None = None
    lexicon: tuple[str, ...] = ()
    check: str | None = None
    max_length: int | None = None
    required: bool = False

    def cell(self, index: int) -> Rect:
        """The cell ``index`` of a comb, counted from 0 on the left.

        Examples
        --------
        >>> Field("zip", Rect(10, 20, 30, 8), Style.comb, cells=5).cell(1)
        Rect(left=16.0, top=20, width=6.0, height=8)
        """
        width = self.box.width / self.cells
        return Rect(self.box.left + index * width, self.box.top, width, self.box.height)

    def strokes(self) -> list[Stroke]:
        """The lines printed for it: frame and dividers, or the rule to write on.

        Examples
        --------
        >>> Field("name", Rect(10, 20, 30, 8), Style.line).strokes()
        [Stroke(x0=10, y0=28, x1=40, y1=28)]
        """
        left, top, right, bottom = self.box.left, self.box.top, self.box.right, self.box.bottom
        rule = Stroke(left, bottom, right, bottom)
        if self.style is Style.line:
            return [rule]
        width = self.box.width / self.cells
        ends = [left + index * width for index in range(self.cells)] + [right]
        return [Stroke(left, top, right, top), rule, *(Stroke(x, top, x, bottom) for x in ends)]


@dataclass(frozen=True)
class Template:
    """A whole form.

    Attributes
    ----------
    name
        What records call the form.
    width, height
        Of the page, in millimetres.
    fields
        In the order of the record.
    title
        Printed large at the top left; empty for none.
    labels
        Further printed texts.
    marks
        Whether squares are printed in the corners, by which a photo is aligned.
    picture
        A picture of the blank form, whole page, upright, if the form was not printed by us.
    """

    name: str
    width: float
    height: float
    fields: tuple[Field, ...]
    title: str = ""
    labels: tuple[Label, ...] = ()
    marks: bool = True
    picture: Path | None = None

    def size_px(self, dpi: float) -> tuple[int, int]:
        """Width and height of the page in pixels at ``dpi`` dots an inch.

        Examples
        --------
        >>> Template("note", 101.6, 50.8, ()).size_px(200)
        (800, 400)
        """
        scale = dpi / MM_PER_INCH
        return round(self.width * scale), round(self.height * scale)
