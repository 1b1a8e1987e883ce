"""Forms: a template says where the fields are; a filled form becomes a record.

`load_template` reads a template, `print_form` and `save_form` make the blank form, `align` lays a
photo or a scan of a filled one over it, and `read_form` reads its fields.
"""

from hdalr.reading.forms.alignment import Alignment, align
from hdalr.reading.forms.parsing import build_template
from hdalr.reading.forms.printing import print_form, save_form
from hdalr.reading.forms.record import FormReading, read_form
from hdalr.reading.forms.template import Field, Label, Rect, Style, Template
from hdalr.reading.forms.template_file import load_template

__all__ = [
    "Alignment",
    "Field",
    "FormReading",
    "Label",
    "Rect",
    "Style",
    "Template",
    "align",
    "build_template",
    "load_template",
    "print_form",
    "read_form",
    "save_form",
]
