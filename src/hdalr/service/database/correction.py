"""A correction: a picture, what it really says, and how it was read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hdalr.errors import ParameterError
from hdalr.reading.truth import LONGEST_TEXT

DEEPEST = 50  # lists within lists: what is kept can be read back, wherever Python's stack stands


@dataclass(frozen=True)
class NewCorrection:
    """What somebody sends, and agrees to have kept.

    Parameters
    ----------
    picture
        The file as it was uploaded.
    text
        What it really says: at most 5,000 characters, none of them U+0000.
    reading
        What was read, as its JSON says it; None if it was not read.
    options
        How it was read.
    models
        Name of each bundle that reads: its digest (SHA-256).
    """

    picture: bytes = field(repr=False)
    text: str
    reading: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Correction(NewCorrection):
    """A correction as it is kept.

    Parameters
    ----------
    id
        32 hexadecimal digits, by chance (UUID 4).
    created
        When it was kept, in UTC.
    """

    id: str
    created: datetime

    @property
    def picture_sha256(self) -> str:
        """Of the picture's bytes, in hexadecimal digits."""
        return hash_picture(self.picture)

    def to_dict(self) -> dict[str, Any]:
        """All that is kept but the picture's bytes, as plain values for JSON."""
        return {
            "id": self.id,
            "created": self.created.isoformat(),
            "text": self.text,
            "reading": self.reading,
            "options": self.options,
            "models": self.models,
            "picture_bytes": len(self.picture),
            "picture_sha256": self.picture_sha256,
        }


def hash_picture(picture: bytes) -> str:
    """The SHA-256 of a picture's bytes, in hexadecimal digits."""
    return hashlib.sha256(picture).hexdigest()


def check_correction(new: NewCorrection) -> NewCorrection:
    """Check that every database can keep a correction, and give it as it will come back.

    Raises
    ------
    ParameterError
        If the picture is empty, the text holds U+0000 or half a character (a lone surrogate) or
        is too long, or the reading, the options or the models are no JSON or nested deeper than
        50 levels.

    Examples
    --------
    >>> check_correction(NewCorrection(b"GIF89a", "7", options={"allowed": ("6", "7")})).options
    {'allowed': ['6', '7']}
    """
    if not new.picture:
        raise ParameterError("the picture is empty; expected the bytes of a file")
    if len(new.text) > LONGEST_TEXT:
        raise ParameterError(
            f"the text has {len(new.text)} characters; expected at most {LONGEST_TEXT}"
        )
    wrong = next((c for c in new.text if c == "\0" or "\ud800" <= c <= "\udfff"), None)
    if wrong is not None:
        raise ParameterError(f"the text holds U+{ord(wrong):04X}; expected characters of a text")
    return NewCorrection(
        new.picture,
        new.text,
        reading=_plain("reading", new.reading),
        options=_plain("options", new.options),
        models=_plain("models", new.models),
    )


def _plain(name: str, value: Any) -> Any:
    """The value after a way through JSON, which knows neither NaN nor tuples."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()  # half a character (a lone surrogate) is none
        plain = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise ParameterError(f"{name}: {error}; expected values that JSON knows") from error
    inner = [plain]
    for _ in range(DEEPEST + 1):
        inner = [one for outer in inner for one in _items(outer)]
        if not inner:
            return plain
    raise ParameterError(f"{name}: nested too deep; expected at most {DEEPEST} levels")


def _items(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
