"""The bundles that a reader uses: those that ship, or those that were named; loaded once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hdalr.bundles.bundle import WEIGHTS_FOLDER, Bundle, load_bundle
from hdalr.errors import ParameterError
from hdalr.reading.alphabets import ALPHABETS

Model = str | Path | Bundle


class Shipped(NamedTuple):
    """A bundle in the package: its name, its kind, and the alphabet that it is for."""

    name: str
    kind: str
    alphabet: str


SHIPPED = (  # the first of a kind whose alphabet holds all that is asked for is taken
    Shipped("digits", "characters", "digits"),
    Shipped("characters", "characters", "alphanumeric"),
    Shipped("devanagari", "characters", "devanagari"),
    Shipped("strings", "lines", "alphanumeric"),
)


class Library:
    """Bundles by what they can read.

    Safe to be used from several threads: each bundle is loaded once, when it is first needed.

    Parameters
    ----------
    models
        Names, folders or loaded bundles; of several of one kind, the first that knows all labels
        is taken. Empty: those that ship.
    together
        Whether the nets compute what several threads ask at the same time in one run; loaded
        bundles stay as they are.

    Raises
    ------
    DataError, UnknownNameError
        If a named bundle cannot be loaded.
    ParameterError
        If something else is given as a model.
    """

    def __init__(self, models: Sequence[Model] = (), *, together: bool = False) -> None:
        if not isinstance(models, Sequence):
            raise _no_model(models)
        self._together = together
        self._own = [_load(model, together) for model in models]
        self._shipped: dict[str, Bundle] = {}
        self._lock = threading.Lock()

    def find(self, kind: str, labels: Sequence[str]) -> Bundle | None:
        """The first bundle of a kind that knows all of these labels; None if none does."""
        needed = frozenset(labels)
        for bundle in self._own:
            if bundle.kind == kind and needed.issubset(bundle.labels):
                return bundle
        if not self._own:
            for shipped in SHIPPED:
                fits = shipped.kind == kind and needed.issubset(ALPHABETS[shipped.alphabet])
                if fits and (WEIGHTS_FOLDER / shipped.name).is_dir():
                    return self._find_shipped(shipped.name)
        return None

    def bundles(self) -> tuple[Bundle, ...]:
        """Those that were named, or else all that ship, which are loaded now."""
        return tuple(self._own) or tuple(self._find_shipped(one.name) for one in SHIPPED)

    def labels(self) -> tuple[str, ...] | None:
        """What the named bundles can read, in their order; None where none was named."""
        if not self._own:
            return None
        return tuple(dict.fromkeys(label for bundle in self._own for label in bundle.labels))

    def _find_shipped(self, name: str) -> Bundle:
        with self._lock:
            if name not in self._shipped:
                self._shipped[name] = load_bundle(name, together=self._together)
            return self._shipped[name]


def _load(model: Model, together: bool) -> Bundle:
    if isinstance(model, Bundle):
        return model
    if not isinstance(model, str | Path):
        raise _no_model(model)
    return load_bundle(model, together=together)


def _no_model(given: object) -> ParameterError:
    return ParameterError(
        f"model: got {type(given).__name__}; expected a bundle's name, its folder or a Bundle"
    )
