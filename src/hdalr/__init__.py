"""hdalr: compare models on handwritten digits and letters, and read handwriting with them."""

from __future__ import annotations

TYPE_CHECKING = False  # as typing's, which takes longer to load than all of this
if TYPE_CHECKING:
    from typing import Any

    from hdalr.reading.reader import Reader
    from hdalr.reading.result import Character, Reading

__version__ = "0.1.0"
__all__ = ["Character", "Reader", "Reading", "__version__"]

_PLACES = {
    "Character": "hdalr.reading.result",
    "Reader": "hdalr.reading.reader",
    "Reading": "hdalr.reading.result",
}  # loaded when they are first asked for: importing hdalr stays light


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'hdalr' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_PLACES])
