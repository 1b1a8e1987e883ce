"""A filled form read: one record with all of its fields."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any, Protocol, Unpack

import cv2
import numpy as np

from hdalr.errors import ParameterError
from hdalr.images.crop import Box
from hdalr.images.picture import Picture
from hdalr.reading.choices import Layout
from hdalr.reading.forms.alignment import Alignment, find_alignment
from hdalr.reading.forms.cells import Cell, find_cells
from hdalr.reading.forms.checkbox import read_check
from hdalr.reading.forms.comb import CharacterNet, CombText, read_comb
from hdalr.reading.forms.marks import Homography, project
from hdalr.reading.forms.spelling import case_of
from hdalr.reading.forms.template import Field, Style, Template
from hdalr.reading.forms.writing import PX_PER_MM, page_depth, pixels, writing_in, zone_of
from hdalr.reading.plan import LEAST_CONFIDENCE
from hdalr.reading.request import Options
from hdalr.reading.result import Character, Reading, Reason

GAP_FREE = ("pattern", "lexicon", "check")  # a field with one of them has no gaps in its text


class FieldReader(CharacterNet, Protocol):
    """What reads fields: a `hdalr.reading.reader.Reader`."""

    def read(self, picture: Picture, **options: Unpack[Options]) -> Reading:
        """Read one picture."""


@dataclass(frozen=True)
class FormReading:
    """What a filled form says.

    Attributes
    ----------
    form
        The template's name.
    fields
        A reading for each field, in the template's order; none if the form was not found.
    accepted
        Whether the form was found and all its fields are accepted.
    reason
        ``"alignment"`` if the form was not found on the picture, ``"fields"`` if some fields are
        not accepted, None if it is accepted.
    alignment
        How the form lies on the picture, from `Alignment.to_dict`; empty if it was not found.
    timings
        Milliseconds a step.
    """

    form: str
    fields: Mapping[str, Reading]
    accepted: bool
    reason: str | None
    alignment: Mapping[str, Any]
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """A line a field: its name, a colon and what it says.

        Examples
        --------
        >>> reading = Reading("12345", True, None, 0.99, (), "digits")
        >>> FormReading("order", {"zip": reading}, True, None, {}).text
        'zip: 12345'
        """
        return "\n".join(f"{name}: {reading.text}" for name, reading in self.fields.items())

    @property
    def confidence(self) -> float:
        """Probability that all fields are right; 0 if the form was not found."""
        return prod(reading.confidence for reading in self.fields.values()) if self.fields else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "form": self.form,
            "text": self.text,
            "accepted": self.accepted,
            "reason": self.reason,
            "confidence": round(self.confidence, 6),
            "fields": {name: reading.to_dict() for name, reading in self.fields.items()},
            "alignment": dict(self.alignment),
            "timings": {step: round(spent, 3) for step, spent in self.timings.items()},
        }


def read_form(
    picture: Picture, template: Template, reader: FieldReader, *, max_error: float | None = None
) -> FormReading:
    """Read a filled form.

    Parameters
    ----------
    picture
        uint8, shape (height, width), grey: a photo or scan of the whole page, turned and in
        perspective as it may be.
    template
        The form.
    reader
        Reads the writing, a `hdalr.reading.reader.Reader`.
    max_error
        Accept fields only as this keeps the share of wrong ones below it; by default from a
        confidence of 0.5 on.

    Returns
    -------
    FormReading
        A picture on which this form is not found gives a record without fields, rejected with
        the reason ``"alignment"``. A blank field has the text ``""``; it is rejected as blank if
        it is required. Boxes are in pixels of the picture as given.

    Raises
    ------
    DataError
        If the picture is not of this type and shape, or too small to hold a form.
    ParameterError
        If ``max_error`` is out of its range, or the model cannot read an alphabet.
    """
    if max_error is not None and not 0 < max_error <= 1:
        raise ParameterError(
            f"max_error={max_error!r} is not allowed; expected more than 0, at most 1"
        )
    started = time.perf_counter()
    found = find_alignment(picture, template)
    timings = {"alignment": _since(started)}
    if found is None:
        return FormReading(template.name, {}, False, "alignment", {}, timings)
    started = time.perf_counter()
    depth = page_depth(found.page)
    timings["paper"] = _since(started)
    started = time.perf_counter()
    fields = {
        field.name: _read_field(depth, field, template, reader, found, max_error)
        for field in template.fields
    }
    timings["fields"] = _since(started)
    accepted = all(reading.accepted for reading in fields.values())
    return FormReading(
        template.name, fields, accepted, None if accepted else "fields", found.to_dict(), timings
    )


def _read_field(
    depth: Picture,
    field: Field,
    template: Template,
    reader: FieldReader,
    found: Alignment,
    max_error: float | None,
) -> Reading:
    writing = writing_in(depth, field, template)
    if field.style is Style.check:
        return read_check(writing, field)
    place = _Place(field, found.homography)
    cells = find_cells(writing, field) if field.style is Style.comb else []
    if not (cells if field.style is Style.comb else writing.any()):
        reason = Reason.blank if field.required else None
        return Reading("", reason is None, reason, 1.0, (), "")
    if field.style is Style.comb:
        return _comb_reading(cells, field, reader, place, max_error)
    return _line_reading(writing, field, reader, place, max_error)


class _Place:
    """Where a field's zone lies on the picture as given."""

    def __init__(self, field: Field, homography: Homography) -> None:
        left, top, _, _ = pixels(zone_of(field))
        self._shift = np.array([left, top])
        self._homography = homography

    def box(self, box: Box) -> Box:
        """A box of the zone on the picture: the smallest upright one around it."""
        corners = np.array([(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)])
        lying = project(self._homography, (corners + self._shift) / PX_PER_MM) + 0.5
        (left, top), (right, bottom) = np.floor(lying.min(axis=0)), np.ceil(lying.max(axis=0))
        return Box(int(top), int(bottom), int(left), int(right))


def _comb_reading(
    cells: list[Cell],
    field: Field,
    reader: FieldReader,
    place: _Place,
    max_error: float | None,
) -> Reading:
    started = time.perf_counter()
    comb = read_comb([cell.ink for cell in cells], field, reader)
    least = LEAST_CONFIDENCE if max_error is None else 1 - max_error
    reason = comb.reason or (None if comb.confidence >= least else comb.doubt)
    characters = tuple(
        Character(text, place.box(cell.box), share, others)
        for text, cell, share, others in zip(
            comb.shown, cells, comb.shares, comb.alternatives, strict=True
        )
    )
    return Reading(
        _spaced(comb, cells, field),
        reason is None,
        reason,
        comb.confidence,
        characters,
        "",
        {"read": _since(started)},
    )


def _spaced(comb: CombText, cells: list[Cell], field: Field) -> str:
    """The text with a space for each cell left free in its middle, where nothing speaks against."""
    if any(getattr(field, key) for key in GAP_FREE) or not comb.text:
        return comb.text
    steps = np.diff([cell.number for cell in cells], prepend=cells[0].number - 1)
    return "".join(
        " " * (int(step) - 1) + part for step, part in zip(steps, comb.shown, strict=True)
    )


def _line_reading(
    writing: Picture, field: Field, reader: FieldReader, place: _Place, max_error: float | None
) -> Reading:
    limit = field.max_length
    reading = reader.read(
        np.asarray(255 - cv2.GaussianBlur(writing, (3, 3), 0), np.uint8),
        alphabet=field.alphabet,
        pattern=field.pattern or (f".{{1,{limit}}}" if limit else None),
        lexicon=field.lexicon or None,
        check=field.check,
        max_error=max_error,
        layout=Layout.line.value,
        case=case_of(field).value,
    )
    characters = tuple(
        replace(character, box=place.box(character.box)) for character in reading.characters
    )
    return replace(reading, characters=characters)


def _since(started: float) -> float:
    return 1000 * (time.perf_counter() - started)
