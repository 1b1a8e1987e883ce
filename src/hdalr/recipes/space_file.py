"""A search space of one's own, in a YAML or JSON file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from hdalr.errors import DataError, ParameterError
from hdalr.recipes.spaces import Choice, Range, Space
from hdalr.storage import read_limited

MAX_BYTES = 100_000
EXPECTED = "a mapping of settings to a list of values or to low and high, with log and grid"


def read_space(path: Path) -> Space:
    """Read a search space: each setting with a list of values, or with a range.

    A range is a mapping with ``low`` and ``high``, and if wanted ``log`` and ``grid``; whole
    numbers at both ends make whole numbers of all between them.

    Parameters
    ----------
    path
        A file such as ``{C: {low: 0.1, high: 10.0, log: true}, kernel: [linear, rbf]}``; JSON
        is YAML, too.

    Raises
    ------
    DataError
        If it cannot be read or is no such mapping; the message names file and setting.
    """
    content = read_limited(path, MAX_BYTES, EXPECTED)
    try:
        found = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, say
        reason = " ".join(str(error).split())
        raise DataError(f"{path}: no YAML or JSON: {reason}; expected {EXPECTED}") from error
    if not isinstance(found, dict) or not found:
        raise DataError(f"{path}: holds a {type(found).__name__}; expected {EXPECTED}")
    return {str(name): _parse(part, f"{path}, {name}") for name, part in found.items()}


def _parse(part: Any, where: str) -> Range | Choice:
    try:
        if isinstance(part, list):
            return Choice(tuple(_value(value) for value in part))
        if isinstance(part, Mapping):
            numbers = {name: _value(value) for name, value in part.items()}
            return Range(**numbers)
    except (ParameterError, TypeError) as error:
        raise DataError(f"{where}: {error}") from error
    raise DataError(f"{where}: {part!r} is neither; expected {EXPECTED}")


def _value(value: Any) -> Any:
    """Lists become tuples, and 1e-3, which YAML takes for text, a number."""
    if isinstance(value, list):
        return tuple(_value(item) for item in value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value
