"""A request made ready: the bundles that answer it, and what may stand, compiled once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hdalr.bundles.bundle import Bundle
from hdalr.bundles.calibration import Calibration
from hdalr.errors import ParameterError
from hdalr.reading.alphabets import ALPHABETS, find_alphabet
from hdalr.reading.automaton import Automaton
from hdalr.reading.checks import find_check
from hdalr.reading.request import Request
from hdalr.reading.spelling import Spelling, make_spelling
from hdalr.reading.visible import Visible, see
from hdalr.reading.wording import Evidence, Wording, make_wording, restore_case

DEFAULT_ALPHABET = "alphanumeric"
LEAST_CONFIDENCE = 0.5  # from which on a reading is accepted where no error rate is asked for

DIGITS = "0123456789"

Check = Callable[[str], bool]


class Library(Protocol):
    """Where bundles come from: the reader."""

    def find(self, kind: str, labels: Sequence[str]) -> Bundle | None:
        """The bundle of a kind (characters, lines) that is best for these labels; None: none."""

    def labels(self) -> tuple[str, ...] | None:
        """What the bundles that the user chose can read; None where nobody has chosen."""


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """A bundle, and how its outputs are spelled for one request."""

    bundle: Bundle
    spelling: Spelling

    def share(self, labels: NDArray[np.floating[Any]], text: str) -> float:
        """Probability of the label that is written so; 0 if the net has none."""
        known = self.bundle.labels
        return float(labels[known.index(text)]) if text in known else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What is needed to answer a request, one picture after the other.

    Attributes
    ----------
    request
        What was asked for.
    wording
        Which texts may stand.
    visible
        The same, as nets see it: arcs by the number of a symbol.
    characters, lines
        The nets for single characters and for strings; None where there is none.
    singles, single_parts
        Symbols of which one alone makes a text, by number, and the parts of these texts.
    takes_strings
        Whether some text that may stand has more than one symbol.
    check
        What a text has to pass beyond the pattern, or None.
    """

    request: Request
    wording: Wording
    visible: Visible
    characters: Net | None
    lines: Net | None
    singles: NDArray[np.int64]
    single_parts: tuple[tuple[str, ...], ...]
    takes_strings: bool
    check: Check | None

    @property
    def symbols(self) -> tuple[str, ...]:
        """What the nets' allowed columns stand for."""
        return self.wording.symbols

    @property
    def automaton(self) -> Automaton:
        """The texts that may stand, as symbols spell them."""
        return self.wording.automaton

    def write(self, parts: Sequence[str], evidence: Evidence) -> tuple[str, ...]:
        """The parts of a decoded text as they are written, in the case that was asked for."""
        if self.wording.cased is None:
            return tuple(parts)
        return restore_case(self.wording.cased, parts, evidence)

    @property
    def mode(self) -> str:
        """Which of a bundle's calibrations is for what may stand here."""
        if all(symbol in DIGITS for symbol in self.symbols):
            return "digits"
        folded = {symbol.upper() for symbol in self.symbols}
        return "folded" if len(folded) == len(self.symbols) else ""

    def calibration(self, net: Net) -> Calibration:
        """What this net's scores are worth here."""
        return net.bundle.calibration.mode(self.mode)

    def threshold(self, net: Net) -> float:
        """Confidence from which on what this net has read is accepted."""
        if self.request.max_error is None:
            return LEAST_CONFIDENCE
        return self.calibration(net).threshold(self.request.max_error)

    def passes(self, text: str) -> bool:
        """Whether a text passes the check, if there is one."""
        return self.check is None or self.check(text)


def make_plan(request: Request, library: Library) -> Plan:
    """Compile what may stand, and choose the bundles that can read it.

    Raises
    ------
    ParameterError
        If no text fits, or if no bundle can read the alphabet.
    UnknownNameError
        If there is no such alphabet or check.
    """
    alphabet = _alphabet(request.alphabet, library.labels())
    wording = make_wording(request, alphabet)
    needed = [label for label in alphabet if wording.write(label) in wording.symbols]
    characters, lines = (_net(library, kind, needed, wording) for kind in ("characters", "lines"))
    if characters is None and lines is None:
        raise ParameterError(
            f"no model reads all of {''.join(needed)[:80]!r}; choose an alphabet of one script: "
            f"{', '.join(ALPHABETS)}"
        )
    symbols = (characters or lines).spelling.allowed  # type: ignore[union-attr]
    visible = see(wording.automaton, symbols)
    singles = _singles(visible)
    return Plan(
        request,
        wording,
        visible,
        characters,
        lines,
        singles,
        tuple(_parts(visible, int(single)) for single in singles),
        _takes_strings(visible),
        None if request.check is None else find_check(request.check),
    )


def _alphabet(name: str | None, labels: tuple[str, ...] | None) -> tuple[str, ...]:
    if name is None:
        return labels or find_alphabet(DEFAULT_ALPHABET)
    return find_alphabet(name)


def _net(library: Library, kind: str, needed: Sequence[str], wording: Wording) -> Net | None:
    bundle = library.find(kind, needed)
    if bundle is None:
        return None
    spelling = make_spelling(bundle.labels, wording.write, wording.symbols)
    return Net(bundle, spelling) if spelling.n_allowed == len(wording.symbols) else None


def _singles(visible: Visible) -> NDArray[np.int64]:
    """Numbers of the symbols that are a whole text by themselves."""
    arcs = slice(visible.first[0], visible.first[1])
    ends = visible.final[visible.arc_targets[arcs]]
    return np.asarray(visible.arc_labels[arcs][ends])


def _parts(visible: Visible, single: int) -> tuple[str, ...]:
    return tuple(part for part, _ in visible.write([single]))


def _takes_strings(visible: Visible) -> bool:
    """Whether the automaton goes on after some first symbol."""
    targets = visible.arc_targets[visible.first[0] : visible.first[1]]
    return bool((visible.first[targets + 1] > visible.first[targets]).any())
