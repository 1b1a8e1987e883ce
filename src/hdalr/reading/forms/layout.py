"""Whether a template's parts fit on its page and beside each other."""

from __future__ import annotations

from itertools import combinations

from hdalr.errors import DataError
from hdalr.reading.forms.marks import mark_zones
from hdalr.reading.forms.template import Field, Rect, Style, Template

LEAST_CELL_MM = 3.0  # a narrower cell holds no character written by hand
LEAST_HEIGHT_MM = 3.0
CHECK_MM = (2.0, 20.0)  # side of a check box


def check_layout(template: Template, where: str) -> None:
    """Raise an error that names the first field or label that does not fit.

    Raises
    ------
    DataError
        If two fields share a name or overlap, if something leaves the page or lies on a
        registration mark, or if a box is too small to be written in.
    """
    page = Rect(0, 0, template.width, template.height)
    names = [field.name for field in template.fields]
    for field in template.fields:
        here = f"{where}: field {field.name!r}"
        if names.count(field.name) > 1:
            raise DataError(
                f"{here}: the name stands {names.count(field.name)} times; expected once"
            )
        _check_size(field, here)
        _check_inside(field.box, page, f"{here}: box")
        for zone in mark_zones(template):
            if field.box.overlaps(zone):
                raise DataError(
                    f"{here}: box {_written(field.box)} lies on the registration mark "
                    f"{_written(zone)}; move it, or set marks: false"
                )
    for label in template.labels:
        spot = Rect(label.left, label.top, 0.0, label.size)
        _check_inside(spot, page, f"{where}: label {label.text[:40]!r}: at")
    for one, other in combinations(template.fields, 2):
        if one.box.overlaps(other.box):
            raise DataError(
                f"{where}: field {one.name!r}: box {_written(one.box)} overlaps that of field "
                f"{other.name!r}, {_written(other.box)}; expected boxes apart"
            )


def _check_size(field: Field, where: str) -> None:
    width, height = field.box.width, field.box.height
    if field.style is Style.check:
        lowest, highest = CHECK_MM
        if not lowest <= min(width, height) <= max(width, height) <= highest:
            raise DataError(
                f"{where}: box of {width:g} x {height:g} mm; expected sides of {lowest:g} to "
                f"{highest:g} mm for style check"
            )
    elif width / field.cells < LEAST_CELL_MM or height < LEAST_HEIGHT_MM:
        raise DataError(
            f"{where}: {field.cells} cell{'s' * (field.cells > 1)} of "
            f"{width / field.cells:g} x {height:g} mm; expected at least {LEAST_CELL_MM:g} mm each "
            "way"
        )


def _check_inside(box: Rect, page: Rect, where: str) -> None:
    if box.right > page.right or box.bottom > page.bottom:
        raise DataError(
            f"{where} {_written(box)} leaves the page of {page.width:g} x {page.height:g} mm"
        )


def _written(box: Rect) -> str:
    return "[" + ", ".join(f"{side:g}" for side in box) + "] mm"
