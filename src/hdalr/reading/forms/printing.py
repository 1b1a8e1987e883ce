"""The blank form: a template drawn as a page, for printing and as what photos are compared with."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hdalr.errors import DataError, ParameterError
from hdalr.images.door import open_pages
from hdalr.images.picture import MAX_PIXELS, Picture
from hdalr.reading.forms.marks import mark_boxes
from hdalr.reading.forms.template import MM_PER_INCH, Field, Label, Rect, Stroke, Style, Template
from hdalr.storage import write_whole

DPI = (50, 600)
LINE_MM = 0.25
DROP_OUT = 185  # grey of the lines to write in: seen by the writer, far paler than a pen
BLACK, PAPER = 0, 255
TEXT_GREY = 40
TITLE_MM, LABEL_MM = 5.5, 2.6  # height of letters, ascender to descender
TITLE_AT_MM = (20.0, 11.0)


def print_form(template: Template, dpi: float = 200) -> Picture:
    """Draw the blank form.

    Parameters
    ----------
    template
        The form. Its own `picture`, if it has one, is not drawn.
    dpi
        Dots an inch, 50 to 600.

    Returns
    -------
    page
        uint8, shape (height, width), dark on white.

    Raises
    ------
    ParameterError
        If ``dpi`` is out of its range, or the page would have more than 50 million pixels.

    Examples
    --------
    >>> print_form(Template("card", 101.6, 50.8, ()), dpi=100).shape
    (200, 400)
    """
    width, height = _size(template, dpi)
    pen = _Pen(Image.new("L", (width, height), PAPER), dpi / MM_PER_INCH)
    for field in template.fields:
        pen.draw_field(field)
    if template.title:
        pen.write(Label(template.title, *TITLE_AT_MM, TITLE_MM))
    for label in template.labels:
        pen.write(label)
    for box in mark_boxes(template) if template.marks else []:
        pen.fill(box)
    return np.asarray(pen.page)


def blank_page(template: Template, dpi: float) -> Picture:
    """What an unfilled form looks like: the template's own picture, else the form as printed.

    Returns
    -------
    page
        uint8, shape (height, width) at ``dpi``, dark on white.

    Raises
    ------
    DataError
        If the picture cannot be read, or is not of the page's proportions.
    """
    if template.picture is None:
        return print_form(template, dpi)
    page = Image.fromarray(open_blank(template.picture, template))
    return np.asarray(page.resize(template.size_px(dpi), Image.Resampling.LANCZOS))


def open_blank(path: Path, template: Template) -> Picture:
    """Open a picture of the blank form.

    Raises
    ------
    DataError
        If it cannot be read, or is not of the page's proportions.
    """
    page = next(open_pages(path)).picture
    if abs(page.shape[1] / page.shape[0] / (template.width / template.height) - 1) > 0.03:
        raise DataError(
            f"{path}: {page.shape[1]} x {page.shape[0]} pixels; expected the "
            f"proportions of the page, {template.width:g} x {template.height:g} mm"
        )
    return page


def save_form(template: Template, path: Path | str, dpi: float = 200) -> Path:
    """Write the blank form as PNG or PDF, which print at the true size.

    Parameters
    ----------
    template
        The form.
    path
        A file that ends in ``.png`` or ``.pdf``; written whole or not at all.
    dpi
        Dots an inch, 50 to 600.

    Returns
    -------
    path
        As given.

    Raises
    ------
    ParameterError
        If the file has another ending, or as `print_form` does.
    StorageError
        If the file cannot be written.
    """
    path = Path(path)
    kind = {".png": "PNG", ".pdf": "PDF"}.get(path.suffix.lower())
    if kind is None:
        raise ParameterError(f"{path}: a form is written as .png or .pdf, not {path.suffix!r}")
    content = io.BytesIO()
    page = Image.fromarray(print_form(template, dpi))
    if kind == "PDF":
        page.save(content, "PDF", resolution=dpi, title=template.title or template.name)
    else:
        page.save(content, "PNG", dpi=(dpi, dpi), optimize=True)
    write_whole(path, content.getvalue())
    return path


def _size(template: Template, dpi: float) -> tuple[int, int]:
    if not DPI[0] <= dpi <= DPI[1]:
        raise ParameterError(f"dpi={dpi!r} is not allowed; choose a number from 50 to 600")
    width, height = template.size_px(dpi)
    if width * height > MAX_PIXELS:
        raise ParameterError(
            f"dpi={dpi!r} makes a page of {width} x {height} pixels; choose less, so that it has "
            f"at most {MAX_PIXELS}"
        )
    return width, height


class _Pen:
    """Draws in millimetres on a page of pixels."""

    def __init__(self, page: Image.Image, scale: float) -> None:
        self.page = page
        self.scale = scale  # pixels a millimetre
        self._draw = ImageDraw.Draw(page)

    def draw_field(self, field: Field) -> None:
        for stroke in field.strokes():
            self.rule(stroke)
        if not field.label:
            return
        if field.style is Style.check:
            top = field.box.top + (field.box.height - LABEL_MM) / 2
            self.write(Label(field.label, field.box.right + 1.5, top, LABEL_MM))
        else:
            top = field.box.top - (0.2 if field.style is Style.line else 0.8) - LABEL_MM
            self.write(Label(field.label, field.box.left, top, LABEL_MM))

    def write(self, label: Label) -> None:
        """Letters so high that ascender and descender together fill the label's size."""
        font = _font(round(label.size * self.scale, 1))
        at = label.left * self.scale, label.top * self.scale
        self._draw.text(at, label.text, fill=TEXT_GREY, font=font)

    def rule(self, stroke: Stroke) -> None:
        """A drop-out line, all of them equally thick."""
        thick = max(1, round(LINE_MM * self.scale))
        x0, y0, x1, y1 = (round(end * self.scale) - thick // 2 for end in stroke)
        self._draw.rectangle((x0, y0, x1 + thick - 1, y1 + thick - 1), fill=DROP_OUT)

    def fill(self, box: Rect) -> None:
        """A black mark."""
        left, top, right, bottom = (
            round(side * self.scale) for side in (box.left, box.top, box.right, box.bottom)
        )
        corners = left, top, max(right - 1, left), max(bottom - 1, top)
        self._draw.rectangle(corners, fill=BLACK)


@lru_cache(maxsize=32)
def _font(size_px: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(1.0, size_px))
