from __future__ import annotations

import pytest
from tests.reading.forms.drawing import Nearest

from hdalr.reading.forms import Field, Label, Rect, Style, Template


@pytest.fixture
def reader() -> Nearest:
    return Nearest()


@pytest.fixture
def form() -> Template:
    """A5 across, with a field of each style."""
    return Template(
        "test",
        210,
        148,
        (
            Field("number", Rect(20, 40, 70, 8), Style.comb, "Number", 10, "digits", r"\d{4,10}"),
            Field("code", Rect(110, 40, 49, 8), Style.comb, "Code", 7, pattern=r"[A-B]{2}-\d{4}"),
            Field("free", Rect(20, 60, 56, 8), Style.comb, "Free", 8, "digits"),
            Field("amount", Rect(20, 80, 60, 9), Style.line, "Amount", alphabet="digits"),
            Field("note", Rect(110, 80, 50, 10), Style.box, "Note", alphabet="digits"),
            Field("yes", Rect(20, 105, 5, 5), Style.check, "Yes"),
            Field("no", Rect(70, 105, 5, 5), Style.check, "No"),
        ),
        title="Test form",
        labels=(Label("Write clearly, in the cells.", 20, 20, 3.0),),
    )
