"""The options of a reading that are one of a few words; the command line offers the same."""

from __future__ import annotations

from enum import Enum, StrEnum


class Layout(StrEnum):
    """What a picture holds."""

    character = "character"
    line = "line"
    lines = "lines"


class Engine(StrEnum):
    """Which way strings are read."""

    both = "both"
    ctc = "ctc"  # the string net alone
    lattice = "lattice"  # cuts, and the character net on what lies between them


class Case(Enum):  # no StrEnum: texts have methods of these names
    """What becomes of upper and lower case."""

    keep = "keep"  # as the net reads it
    upper = "upper"  # capitals
    lower = "lower"  # small letters
    fold = "fold"  # both together decide; written is what fits, and then what is more probable
