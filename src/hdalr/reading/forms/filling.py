"""Filled forms made by the program: texts that may stand, written with pictures of characters.

By these the reading of forms is measured and tested; the pictures of the characters are given, so
that they can be ones which no net has learnt from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from hdalr.errors import ParameterError
from hdalr.images.batch import Images
from hdalr.images.picture import Picture
from hdalr.reading.alphabets import find_alphabet
from hdalr.reading.checks import find_check
from hdalr.reading.forms.printing import print_form
from hdalr.reading.forms.spelling import ALPHABET, compile_field
from hdalr.reading.forms.template import MM_PER_INCH, Field, Rect, Style, Template

FILL_DPI = 250
MOST_TRIES = 10_000
TEXT_LENGTH = 10  # at most, where a field itself sets no limit

Glyphs = Mapping[str, Images]  # for each character, pictures of it: ink bright on dark


@dataclass(frozen=True)
class Pen:
    """How one writer fills a form.

    Attributes
    ----------
    grey
        Of the ink, 0 (black) to 255.
    size
        Height of the characters as a share of the field's.
    thickness_px
        By which strokes are widened (at `FILL_DPI`).
    unrest
        Spread of position and size, as a share of the size.
    """

    grey: int = 40
    size: float = 0.72
    thickness_px: int = 1
    unrest: float = 0.06


def draw_pen(rng: np.random.Generator) -> Pen:
    """A pen by chance: black, blue or pencil, a large hand or a small one."""
    return Pen(
        grey=int(rng.integers(15, 100)),
        size=rng.uniform(0.6, 0.85),
        thickness_px=int(rng.integers(1, 3)),
        unrest=rng.uniform(0.03, 0.08),
    )


def draw_texts(template: Template, rng: np.random.Generator, blank: float = 0.1) -> dict[str, str]:
    """A text by chance for each field, one that may stand there.

    Parameters
    ----------
    template
        The form.
    rng
        Source of chance.
    blank
        Share of the fields that are not required, and left empty.

    Returns
    -------
    texts
        By field; for check boxes ``"true"`` or ``"false"``.

    Raises
    ------
    ParameterError
        If no text that passes a field's check was met in 10,000 tries.
    """
    texts = {}
    for field in template.fields:
        if field.style is Style.check:
            texts[field.name] = "true" if rng.random() < 0.5 else "false"
        elif not field.required and rng.random() < blank:
            texts[field.name] = ""
        else:
            texts[field.name] = _draw_text(field, rng)
    return texts


def fill_form(
    template: Template,
    texts: Mapping[str, str],
    glyphs: Glyphs,
    rng: np.random.Generator,
    pen: Pen | None = None,
) -> Picture:
    """Print a form and write into it.

    Parameters
    ----------
    template
        The form.
    texts
        By field, as `draw_texts` makes them. A character without glyphs, such as a separator,
        is not written and takes no cell.
    glyphs
        uint8 pictures of each character, ink bright on dark.
    rng
        Source of chance.
    pen
        By default one drawn by chance.

    Returns
    -------
    page
        uint8, shape (height, width) at 250 dots an inch, dark on white.
    """
    pen = pen or draw_pen(rng)
    ink = np.zeros_like(print_form(template, FILL_DPI))
    for field in template.fields:
        text = [character for character in texts.get(field.name, "") if character in glyphs]
        if field.style is Style.check:
            if texts.get(field.name) == "true":
                _cross(ink, field.box, pen, rng)
        elif field.style is Style.comb:
            for index, character in enumerate(text):
                _write(ink, field.cell(index), _pick(glyphs[character], rng), pen, rng)
        else:
            _write_line(ink, field.box, [_pick(glyphs[c], rng) for c in text], pen, rng)
    covered = ink.astype(np.float32) / 255
    page = print_form(template, FILL_DPI) * (1 - covered) + pen.grey * covered
    return np.asarray(page, np.uint8)


def _draw_text(field: Field, rng: np.random.Generator) -> str:
    if field.lexicon and not field.pattern:
        return field.lexicon[int(rng.integers(len(field.lexicon)))]
    automaton = compile_field(field)
    alphabet = frozenset("".join(find_alphabet(field.alphabet or ALPHABET)))
    longest = field.cells if field.style is Style.comb else field.max_length or TEXT_LENGTH
    for _ in range(MOST_TRIES):
        text, state, length = "", automaton.start, 0
        target = int(rng.integers(max(1, longest // 2), longest + 1))
        while not (automaton.final[state] and (length >= target or not automaton.moves(state))):
            moves = sorted(automaton.moves(state).items())
            if not moves or length > longest:
                break
            character, state = moves[int(rng.integers(len(moves)))]
            text, length = text + character, length + (character in alphabet)
        fits = automaton.final[state] and 0 < length <= longest
        if fits and (field.check is None or find_check(field.check)(text)):
            return text
    raise ParameterError(
        f"field {field.name!r}: no text that fits was met in {MOST_TRIES} tries; expected a "
        "pattern or a check that more texts pass"
    )


def _pick(pictures: Images, rng: np.random.Generator) -> Picture:
    return np.asarray(pictures[int(rng.integers(len(pictures)))], np.uint8)


def _write(ink: Picture, box: Rect, glyph: Picture, pen: Pen, rng: np.random.Generator) -> None:
    """One character into a box, in its middle as well as the writer can."""
    scale = FILL_DPI / MM_PER_INCH
    size = box.height * scale * pen.size * float(np.exp(rng.normal(0, pen.unrest)))
    drawn = _scaled(glyph, size, 1.15 * box.width * scale * pen.size, pen)
    x = (box.left + box.width * (0.5 + rng.normal(0, pen.unrest))) * scale - drawn.shape[1] / 2
    y = (box.top + box.height * (0.5 + rng.normal(0, pen.unrest))) * scale - drawn.shape[0] / 2
    _paste(ink, drawn, round(y), round(x))


def _write_line(
    ink: Picture, box: Rect, glyphs: list[Picture], pen: Pen, rng: np.random.Generator
) -> None:
    """Characters side by side, squeezed if they would not fit."""
    scale = FILL_DPI / MM_PER_INCH
    height = min(box.height, 10.0) * scale * pen.size
    drawn = [_scaled(g, height * float(np.exp(rng.normal(0, 0.05))), height, pen) for g in glyphs]
    gaps = [height * rng.uniform(0.08, 0.22) for _ in drawn]
    room = (box.width - 3) * scale / max(sum(g.shape[1] for g in drawn) + sum(gaps), 1)
    x = (box.left + rng.uniform(0.8, 2)) * scale
    base = box.bottom * scale - height * rng.uniform(0.02, 0.15)
    for glyph, gap in zip(drawn, gaps, strict=True):
        small = _scaled(glyph, glyph.shape[0] * room, 1e9, replace(pen, thickness_px=0))
        piece = glyph if room >= 1 else small
        y = base - piece.shape[0] + height * rng.normal(0, pen.unrest)
        _paste(ink, piece, round(y), round(x))
        x += piece.shape[1] + gap * min(room, 1)


def _scaled(glyph: Picture, height_px: float, widest_px: float, pen: Pen) -> Picture:
    rows, columns = (np.flatnonzero((glyph > 60).any(axis=axis)) for axis in (1, 0))
    piece = glyph[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = min(height_px / piece.shape[0], widest_px / piece.shape[1])
    size = tuple(max(1, round(side * scale)) for side in piece.shape[::-1])
    drawn = cv2.resize(piece, size, interpolation=cv2.INTER_CUBIC)
    if pen.thickness_px > 1:
        drawn = cv2.dilate(drawn, np.ones((pen.thickness_px, pen.thickness_px), np.uint8))
    return np.asarray(drawn, np.uint8)


def _cross(ink: Picture, box: Rect, pen: Pen, rng: np.random.Generator) -> None:
    """A cross or a tick, now and then beyond the frame."""
    scale = FILL_DPI / MM_PER_INCH

    def at(x: float, y: float) -> tuple[int, int]:
        x, y = rng.normal((x, y), 0.07)
        return round((box.left + x * box.width) * scale), round((box.top + y * box.height) * scale)

    crossed = [[at(0.1, 0.1), at(0.9, 0.9)], [at(0.9, 0.1), at(0.1, 0.9)]]
    ticked = [[at(0.15, 0.5), at(0.4, 0.85)], [at(0.4, 0.85), at(0.95, 0.0)]]
    for start, end in crossed if rng.random() < 0.6 else ticked:
        cv2.line(ink, start, end, 255, 2 + 2 * pen.thickness_px, cv2.LINE_AA)


def _paste(ink: Picture, piece: Picture, top: int, left: int) -> None:
    rows = slice(max(top, 0), min(top + piece.shape[0], ink.shape[0]))
    columns = slice(max(left, 0), min(left + piece.shape[1], ink.shape[1]))
    part = piece[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    ink[rows, columns] = np.maximum(ink[rows, columns], part)
