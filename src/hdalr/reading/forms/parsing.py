"""From the plain values of a template's file to a `Template`, or an error that names the place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from hdalr.errors import DataError, UnknownNameError
from hdalr.reading.forms.layout import check_layout
from hdalr.reading.forms.printing import open_blank
from hdalr.reading.forms.spelling import check_spelling
from hdalr.reading.forms.template import MM_PER_INCH, Field, Label, Rect, Style, Template
from hdalr.reading.forms.values import (
    Mapping,
    check_keys,
    flag,
    mapping,
    number,
    numbers,
    sequence,
    text,
    whole,
)
from hdalr.reading.lexicon import read_lexicon

T = TypeVar("T")

PAGES_MM = {"A4": (210.0, 297.0), "A5": (148.0, 210.0), "A6": (105.0, 148.0), "letter": (216, 279)}
SIDE_MM = (30.0, 1000.0)  # of a page: from a card to a poster
MAX_FIELDS = 500
MAX_CELLS = 100
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")

TEMPLATE_KEYS = ("form", "title", "page", "marks", "picture", "labels", "fields")
PAGE_KEYS = ("size", "width", "height", "unit", "dpi")
LABEL_KEYS = ("text", "at", "size")
FIELD_KEYS = (
    *("name", "label", "box", "style", "cells", "alphabet", "pattern", "lexicon", "check"),
    *("max_length", "required"),
)


def build_template(content: Any, where: str, folder: Path = Path()) -> Template:
    """Make a template of plain values, as JSON or YAML give them.

    Parameters
    ----------
    content
        A mapping with ``form`` (a name), ``page`` (a size such as ``A5``, or ``width`` and
        ``height`` with ``unit: mm``, or ``unit: px`` and ``dpi``: all measures of the template
        are then in pixels) and ``fields``; optional are ``title``, ``labels``, ``marks`` and
        ``picture``.
    where
        Names the template in errors.
    folder
        Where the files that it names are looked for.

    Returns
    -------
    Template
        Checked: every field lies on the page and apart from the others, and what may stand in
        it can be read.

    Raises
    ------
    DataError
        If anything is missing, unknown, of the wrong type or out of its range, or the picture
        cannot be read.

    Examples
    --------
    >>> zip_code = {"name": "zip", "box": [20, 30, 35, 8], "style": "comb", "cells": 5}
    >>> form = build_template({"form": "zip", "page": {"size": "A6"}, "fields": [zip_code]}, "zip")
    >>> form.fields[0].cell(4)
    Rect(left=48.0, top=30.0, width=7.0, height=8.0)
    """
    values = check_keys(mapping(content, where), TEMPLATE_KEYS, ("form", "page", "fields"), where)
    width, height, unit_mm = _page(values["page"], f"{where}: page")
    template = Template(
        name=_name(values["form"], f"{where}: form"),
        width=width,
        height=height,
        fields=tuple(_fields(values["fields"], unit_mm, where, folder)),
        title=text(values.get("title", ""), f"{where}: title"),
        labels=tuple(_labels(values.get("labels", []), unit_mm, where)),
        marks=flag(values.get("marks", True), f"{where}: marks"),
        picture=_file(values.get("picture"), f"{where}: picture", folder),
    )
    check_layout(template, where)
    if template.picture is not None:
        _check_picture(template.picture, template, f"{where}: picture")
    return template


def _check_picture(path: Path, template: Template, where: str) -> None:
    try:
        open_blank(path, template)
    except DataError as error:
        raise DataError(f"{where}: {error}") from error


def _page(content: Any, where: str) -> tuple[float, float, float]:
    """Width and height in millimetres, and how many of them one unit of the template has."""
    values = check_keys(mapping(content, where), PAGE_KEYS, (), where)
    if "size" in values:
        size = _choice(values["size"], PAGES_MM, "page size", f"{where}: size")
        check_keys(values, ("size",), (), where)
        return *PAGES_MM[size], 1.0
    check_keys(values, PAGE_KEYS, ("width", "height"), where)
    unit = _choice(values.get("unit", "mm"), ("mm", "px"), "unit", f"{where}: unit")
    unit_mm = 1.0
    if unit == "px":
        check_keys(values, PAGE_KEYS, ("dpi",), where)
        unit_mm = MM_PER_INCH / number(values["dpi"], f"{where}: dpi", 30, 2400)
    elif "dpi" in values:
        raise DataError(f"{where}: dpi goes with unit: px; the unit is mm")
    lowest, highest = (side / unit_mm for side in SIDE_MM)
    sides = [number(values[key], f"{where}: {key}", lowest, highest) for key in ("width", "height")]
    return sides[0] * unit_mm, sides[1] * unit_mm, unit_mm


def _labels(content: Any, unit_mm: float, where: str) -> Iterable[Label]:
    for index, item in enumerate(sequence(content, f"{where}: labels", MAX_FIELDS), 1):
        here = f"{where}: label {index}"
        values = check_keys(mapping(item, here), LABEL_KEYS, ("text", "at"), here)
        left, top = (value * unit_mm for value in numbers(values["at"], f"{here}: at", 2))
        size = number(values.get("size", 3.5 / unit_mm), f"{here}: size", 1 / unit_mm, 30 / unit_mm)
        yield Label(text(values["text"], f"{here}: text"), left, top, size * unit_mm)


def _fields(content: Any, unit_mm: float, where: str, folder: Path) -> Iterable[Field]:
    items = sequence(content, f"{where}: fields", MAX_FIELDS)
    if not items:
        raise DataError(f"{where}: fields is empty; expected at least one field")
    for index, item in enumerate(items, 1):
        here = f"{where}: field {index}"
        values = check_keys(mapping(item, here), FIELD_KEYS, ("name", "box", "style"), here)
        name = _name(values["name"], f"{here}: name")
        yield _field(values, name, unit_mm, f"{where}: field {name!r}", folder)


def _field(values: Mapping, name: str, unit_mm: float, where: str, folder: Path) -> Field:
    style = Style(
        _choice(values["style"], [style.value for style in Style], "style", f"{where}: style")
    )
    box = Rect(*(value * unit_mm for value in numbers(values["box"], f"{where}: box", 4)))
    if (style is Style.comb) != ("cells" in values):
        wrong = "needs cells, how many" if style is Style.comb else "has cells, but only combs do"
        raise DataError(f"{where}: style {style} {wrong}; expected them with style: comb")
    field = Field(
        name,
        box,
        style,
        label=text(values.get("label", ""), f"{where}: label"),
        cells=whole(values.get("cells", 1), f"{where}: cells", 1, MAX_CELLS),
        alphabet=_given(text, values.get("alphabet"), f"{where}: alphabet"),
        pattern=_given(text, values.get("pattern"), f"{where}: pattern"),
        lexicon=_lexicon(values.get("lexicon"), f"{where}: lexicon", folder),
        check=_given(text, values.get("check"), f"{where}: check"),
        max_length=_given(_length, values.get("max_length"), f"{where}: max_length"),
        required=flag(values.get("required", False), f"{where}: required"),
    )
    check_spelling(field, where)
    return field


def _lexicon(content: Any, where: str, folder: Path) -> tuple[str, ...]:
    """The words themselves, or those of a file."""
    if content is None:
        return ()
    if isinstance(content, str):
        path = _file(content, where, folder)
        return tuple(filter(None, read_lexicon(path))) if path else ()
    words = sequence(content, where, 100_000)
    if not words:
        raise DataError(f"{where} is empty; expected at least one word")
    return tuple(text(word, f"{where}: word {index}") for index, word in enumerate(words, 1))


def _file(content: Any, where: str, folder: Path) -> Path | None:
    if content is None:
        return None
    path = folder / text(content, where)
    try:
        found = path.is_file()
    except (OSError, ValueError):
        found = False
    if not found:
        raise DataError(
            f"{where}: {path}: no such file; expected a path from the template's folder"
        )
    return path


def _name(content: Any, where: str) -> str:
    name = text(content, where)
    if not NAME.fullmatch(name):
        raise DataError(
            f"{where}: {name!r}; expected a letter, then up to 63 letters, digits, _ or -"
        )
    return name


def _length(content: Any, where: str) -> int:
    return whole(content, where, 1, MAX_CELLS)


def _given(parse: Callable[[Any, str], T], content: Any, where: str) -> T | None:
    return None if content is None else parse(content, where)


def _choice(content: Any, choices: Iterable[str], kind: str, where: str) -> str:
    name = text(content, where)
    if name not in choices:
        raise DataError(f"{where}: {UnknownNameError(kind, name, choices)}")
    return name
