"""The text of a comb: one character a cell, all cells decoded together with what may stand.

Each cell is an edge of a lattice that has no choice of cuts. Before anything is masked, what the
net says of a cell is spelled for its own place: where only digits may stand, an O is a 0; where
both may, it is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from hdalr.images.picture import Picture
from hdalr.reading.alphabets import find_alphabet
from hdalr.reading.automaton import Automaton
from hdalr.reading.candidates import decode_passing
from hdalr.reading.checks import find_check
from hdalr.reading.forms.spelling import ALPHABET, case_of, compile_field
from hdalr.reading.forms.template import Field
from hdalr.reading.hypothesis import Hypothesis
from hdalr.reading.lattice import Edge, decode_lattice
from hdalr.reading.result import Alternatives, Reason
from hdalr.reading.spelling import make_spelling, writer
from hdalr.reading.visible import Visible, see

N_TEXTS = 10  # that are looked at first for one that passes the check
RAREST = 1e-9  # probability, so that no text is impossible
MOST_NONE = 0.6  # probability of "not a character" from which on a cell holds none
LEAST_FIT = 0.2  # probability that something that may stand is written

Floats = NDArray[np.float64]


class CharacterNet(Protocol):
    """What reads single characters: a `hdalr.reading.reader.Reader`."""

    def character_log_probs(
        self, inks: Sequence[Picture], alphabet: str | None = None
    ) -> tuple[Floats, tuple[str, ...]]:
        """Log-probabilities (n, n_labels + 1), "not a character" last, and the labels."""


class CombText(NamedTuple):
    """What a comb says.

    Attributes
    ----------
    text
        The most probable one that fits; empty if none does.
    shown
        One character for each cell with writing in it; those of `text` without its separators.
    confidence
        Probability that the text is right.
    reason
        What speaks against it whatever the confidence.
    doubt
        The reason to name if the confidence is too low.
    shares
        Probability of each shown character among all that the net knows.
    alternatives
        Up to three characters a cell, whether they may stand or not.
    """

    text: str
    shown: tuple[str, ...]
    confidence: float
    reason: Reason | None
    doubt: Reason
    shares: tuple[float, ...]
    alternatives: tuple[Alternatives, ...]


def read_comb(inks: Sequence[Picture], field: Field, net: CharacterNet) -> CombText:
    """Read the characters of a comb together.

    Parameters
    ----------
    inks
        uint8 pictures (height, width), 0 for paper, one a cell with writing in it, at least one.
    field
        What may stand.
    net
        Reads the single characters.

    Returns
    -------
    CombText
        The confidence is the share of the text among those that fit, times the probability
        that a text that fits is written, rather than the one that the net itself would read.
    """
    log_probs, labels = net.character_log_probs(inks, field.alphabet)
    probabilities = np.exp(log_probs)
    places = _Places(field, labels, len(inks))
    alternatives = tuple(_best(row[:-1], labels) for row in probabilities)
    if not all(places.allowed):
        return _nothing_fits(alternatives)
    spelled, best_any = places.spell(probabilities[:, :-1])
    found = _decode(spelled, places, field)
    if not found:
        return _nothing_fits(alternatives)
    reason = Reason.not_a_character if (probabilities[:, -1] > MOST_NONE).any() else None
    parts = _shown(found[0])
    columns = [places.symbols.index(part) for part in parts]
    shares = spelled[np.arange(len(parts)), columns]
    fitting = _fitting(shares, best_any)
    weights = np.exp([text.log_probability - found[0].log_probability for text in found])
    return CombText(
        found[0].text,
        parts,
        float(fitting / weights.sum()),
        reason,
        Reason.pattern if fitting < LEAST_FIT else Reason.ambiguous,
        tuple(map(float, shares)),
        alternatives,
    )


def _nothing_fits(alternatives: tuple[Alternatives, ...]) -> CombText:
    """What is there nevertheless: the most probable character of each cell."""
    shown, shares = zip(*(options[0] for options in alternatives), strict=True)
    return CombText("", shown, 0.0, Reason.pattern, Reason.pattern, shares, alternatives)


class _Places:
    """Which symbols may stand in each of the cells that are written in."""

    def __init__(self, field: Field, labels: Sequence[str], n_cells: int) -> None:
        self.write = writer(case_of(field), merge=False)
        self.labels = tuple(labels)
        wanted = find_alphabet(field.alphabet or ALPHABET)
        written = {self.write(label) for label in labels}
        self.symbols = tuple(symbol for symbol in wanted if symbol in written)
        self.automaton: Automaton = compile_field(field)
        allowed = _allowed(see(self.automaton, self.symbols), n_cells)
        self.allowed = [[self.symbols[number] for number in sorted(each)] for each in allowed]

    def spell(self, probabilities: Floats) -> tuple[Floats, Floats]:
        """Probabilities of the symbols by cell, and of the best text in each, fitting or not."""
        spelled = np.zeros((len(probabilities), len(self.symbols)))
        best = np.zeros(len(probabilities))
        for row, allowed in enumerate(self.allowed):
            spelling = make_spelling(self.labels, self.write, allowed)
            values = spelling.spell(probabilities[row : row + 1])[0]
            columns = [self.symbols.index(text) for text in spelling.allowed]
            spelled[row, columns] = values[: spelling.n_allowed]
            best[row] = values.max()
        return spelled, best


def _allowed(visible: Visible, length: int) -> list[set[int]]:
    """For each place of texts of a length, the symbols that may stand there; empty if none do."""
    forward = [{0}]
    for _ in range(length):
        arcs = np.isin(visible.sources, list(forward[-1]))
        forward.append(set(visible.arc_targets[arcs].tolist()))
    reached = forward[-1] & set(np.flatnonzero(visible.final).tolist())
    places: list[set[int]] = []
    for states in reversed(forward[:-1]):
        arcs = np.isin(visible.sources, list(states)) & np.isin(visible.arc_targets, list(reached))
        places.append(set(visible.arc_labels[arcs].tolist()))
        reached = set(visible.sources[arcs].tolist())
    return places[::-1]


def _decode(spelled: Floats, places: _Places, field: Field) -> list[Hypothesis]:
    """The best texts that fit and pass the check, the best first."""
    log_probs = np.log(np.maximum(spelled, RAREST))
    edges = [Edge(index, index + 1, row) for index, row in enumerate(log_probs)]
    check = find_check(field.check) if field.check else None

    def decode(n_asked: int) -> list[Hypothesis]:
        return decode_lattice(edges, len(edges) + 1, places.symbols, places.automaton, n_asked)

    return decode_passing(decode, lambda text: check is None or check(text), N_TEXTS)


def _shown(text: Hypothesis) -> tuple[str, ...]:
    """The parts that stand in cells, not the separators that are only written."""
    return tuple(
        part for part, (start, end) in zip(text.parts, text.spans, strict=True) if end > start
    )


def _fitting(shares: Floats, best_any: Floats) -> float:
    """Probability of the fitting text against the one that the net itself would read."""
    ratio = float(np.log(np.maximum(shares, RAREST) / np.maximum(best_any, RAREST)).sum())
    return 1.0 if ratio > -1e-9 else math.exp(ratio) / (1 + math.exp(ratio))


def _best(probabilities: Floats, labels: Sequence[str]) -> Alternatives:
    order = np.argsort(-probabilities, kind="stable")[:3]
    return tuple((labels[column], float(probabilities[column])) for column in order)
