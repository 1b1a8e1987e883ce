"""What a reader is asked for: what may be written, how it is laid out, how sure it has to be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypedDict, TypeVar, Unpack

from hdalr.errors import ParameterError, UnknownNameError
from hdalr.reading.choices import Case, Engine, Layout

MOST_TEXTS = 1000  # that can be asked for


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a picture; the fields are the options of `hdalr.reading.reader.Reader.read`.

    Two requests are equal if all their fields are, so that what is compiled for one is kept.
    """

    alphabet: str | None = None
    pattern: str | None = None
    lexicon: tuple[str, ...] | None = None
    check: str | None = None
    max_error: float | None = None
    layout: Layout | None = None
    case: Case = Case.keep
    merge: bool = False
    n_best: int = 1
    engine: Engine = Engine.both


class Options(TypedDict, total=False):
    """The options as a caller gives them, see `hdalr.reading.reader.Reader.read`."""

    alphabet: str | None
    pattern: str | None
    lexicon: Sequence[str] | None
    check: str | None
    max_error: float | None
    layout: str | None
    case: str
    merge: bool
    n_best: int
    engine: str


def make_request(**options: Unpack[Options]) -> Request:
    """Check the options and put them together.

    Raises
    ------
    ParameterError
        If an option has a wrong type or lies outside its range.
    UnknownNameError
        If there is no such option, layout, case or engine.

    Examples
    --------
    >>> make_request(case="upper", max_error=0.01).case
    <Case.upper: 'upper'>
    """
    unknown = sorted(set(options) - set(Options.__annotations__))
    if unknown:
        raise UnknownNameError("option", unknown[0], Options.__annotations__)
    layout = options.get("layout")
    return Request(
        _check_text("alphabet", options.get("alphabet")),
        _check_text("pattern", options.get("pattern")),
        _check_lexicon(options.get("lexicon")),
        _check_text("check", options.get("check")),
        _check_fraction("max_error", options.get("max_error")),
        None if layout is None else _choose(Layout, "layout", layout),
        _choose(Case, "case", options.get("case", "keep")),
        bool(options.get("merge", False)),
        _check_count("n_best", options.get("n_best", 1)),
        _choose(Engine, "engine", options.get("engine", "both")),
    )


Choice = TypeVar("Choice", bound=Enum)


def _choose(choices: type[Choice], kind: str, name: Any) -> Choice:
    try:
        return choices(name)
    except ValueError:
        raise UnknownNameError(kind, str(name), [choice.value for choice in choices]) from None


def _check_text(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise ParameterError(f"{name}={value!r:.80} is not allowed; expected a text or None")


def _check_lexicon(words: Any) -> tuple[str, ...] | None:
    if words is None:
        return None
    if isinstance(words, str) or not isinstance(words, Sequence):
        raise ParameterError(
            f"lexicon: got {type(words).__name__}; expected a sequence of words, for instance "
            "from hdalr.reading.lexicon.read_lexicon"
        )
    if wrong := [word for word in words if not isinstance(word, str)]:
        raise ParameterError(f"lexicon: got the word {wrong[0]!r:.80}; expected texts")
    return tuple(words)


def _check_fraction(name: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ParameterError(f"{name}={value!r} is not allowed; expected a number from 0 to 1")
    if not 0 < value <= 1:
        raise ParameterError(f"{name}={value!r} is not allowed; expected more than 0, at most 1")
    return float(value)


def _check_count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_TEXTS:
        raise ParameterError(
            f"{name}={value!r} is not allowed; expected a whole number from 1 to {MOST_TEXTS}"
        )
    return value
