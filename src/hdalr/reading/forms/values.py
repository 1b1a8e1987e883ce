"""Checks of plain values from a file: each gives the value back, or says what would be right."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from hdalr.errors import DataError, UnknownNameError

MAX_TEXT = 1000  # characters in one text
SHOWN = 60  # characters of a wrong value in a message

Mapping = dict[str, Any]


def mapping(value: Any, where: str) -> Mapping:
    """Check that a value is a mapping with names as keys."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise DataError(f"{where}: {shown(value)}; expected names with values")
    return value


def check_keys(
    values: Mapping, allowed: Iterable[str], needed: Iterable[str], where: str
) -> Mapping:
    """Check that all keys are known and those that are needed are there.

    Examples
    --------
    >>> check_keys({"boxx": 1}, ["box", "name"], [], "field 3")
    Traceback (most recent call last):
    hdalr.errors.DataError: field 3: unknown key 'boxx'; did you mean 'box'? choices: box, name
    """
    for key in values:
        if key not in allowed:
            raise DataError(f"{where}: {UnknownNameError('key', key[:SHOWN], allowed)}")
    missing = [key for key in needed if values.get(key) is None]
    if missing:
        raise DataError(f"{where}: {', '.join(missing)} missing; expected a value")
    return values


def sequence(value: Any, where: str, longest: int) -> list[Any]:
    """Check that a value is a list of at most ``longest`` items."""
    if not isinstance(value, list) or len(value) > longest:
        raise DataError(f"{where}: {shown(value)}; expected a list of at most {longest} items")
    return value


def text(value: Any, where: str) -> str:
    """Check that a value is one line of at most 1,000 characters.

    Examples
    --------
    >>> text(12345, "field 'zip': pattern")
    Traceback (most recent call last):
    hdalr.errors.DataError: field 'zip': pattern: 12345; expected a text (put it in quotes)
    """
    if not isinstance(value, str):
        raise DataError(f"{where}: {shown(value)}; expected a text (put it in quotes)")
    if len(value) > MAX_TEXT or not (value.isprintable() or not value):
        raise DataError(
            f"{where}: {shown(value)}; expected one line of at most {MAX_TEXT} characters"
        )
    return value


def flag(value: Any, where: str) -> bool:
    """Check that a value is true or false."""
    if not isinstance(value, bool):
        raise DataError(f"{where}: {shown(value)}; expected true or false")
    return value


def number(value: Any, where: str, lowest: float, highest: float) -> float:
    """Check that a value is a number from ``lowest`` to ``highest``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DataError(f"{where}: {shown(value)}; expected a number")
    if not lowest <= value <= highest:  # false for NaN, too
        raise DataError(f"{where}: {shown(value)}; expected {lowest:g} to {highest:g}")
    return float(value)


def whole(value: Any, where: str, lowest: int, highest: int) -> int:
    """Check that a value is an integer from ``lowest`` to ``highest``."""
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise DataError(f"{where}: {shown(value)}; expected an integer from {lowest} to {highest}")
    return value


def numbers(value: Any, where: str, count: int) -> list[float]:
    """Check that a value is a list of ``count`` finite numbers from 0 up.

    Examples
    --------
    >>> numbers([1, 2.5], "label 1: at", 2)
    [1.0, 2.5]
    """
    if not isinstance(value, list) or len(value) != count:
        raise DataError(f"{where}: {shown(value)}; expected a list of {count} numbers")
    return [number(item, where, 0, math.nextafter(1e6, 0)) for item in value]


def shown(value: Any) -> str:
    """A value for a message, cut short; of lists and mappings only how long they are.

    Examples
    --------
    >>> shown([1, 2]), shown("a"), shown(None)
    ('a list of 2', "'a'", 'nothing')
    """
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"a mapping of {len(value)}"
    if isinstance(value, int) and abs(value) > 10**SHOWN:
        return "a huge number"
    written = value if isinstance(value, str) else str(value)
    written = written if len(written) <= SHOWN else f"{written[:SHOWN]}..."
    return repr(written) if isinstance(value, str) else written
