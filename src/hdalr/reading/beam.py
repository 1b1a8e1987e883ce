"""Prefix beam search under CTC, each prefix with its state of an automaton.

Hannun et al., "First-pass large vocabulary continuous speech recognition using bi-directional
recurrent DNNs" (2014), algorithm 1. We depart from the source in what is kept: a prefix is judged
together with its best completion (see `hdalr.reading.guide`), so that the beam does not end
without a text that fits, if there is one.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdalr.reading.guide import Guide, look_ahead
from hdalr.reading.log_probs import Floats
from hdalr.reading.outline import expand
from hdalr.reading.visible import Visible

WIDER = 10  # times, where only the outline of the automaton guides: of a large lexicon

Ints = NDArray[np.int64]
Row = tuple[int, ...]  # numbers of labels


@dataclass(slots=True)
class _Beam:
    """The rows of labels that are kept at a frame.

    Attributes
    ----------
    rows
        The rows.
    states, lasts, pairs
        Of each row its state, its last label, and the pair of both; -1 where it is empty.
    parents, orphans, twins
        The place of the row without its last label; whether that is not in the beam; whether its
        last label is the same.
    arcs, columns, arc_pairs, groups
        The arcs that leave the different states, the column of each one's label in a frame, its
        pair, and the place of its state among the different ones.
    first, members
        The rows in the state at place ``g`` are ``members[first[g] : first[g + 1]]``.
    """

    rows: list[Row]
    states: Ints
    lasts: Ints
    pairs: Ints
    parents: Ints
    orphans: NDArray[np.bool_]
    twins: NDArray[np.bool_]
    arcs: Ints
    columns: Ints
    arc_pairs: Ints
    groups: Ints
    first: Ints
    members: Ints


@dataclass(slots=True)
class _Scores:
    """Log-probabilities of the rows of a beam, by what the last frame showed."""

    blank: Floats
    label: Floats

    @property
    def total(self) -> Floats:
        return np.asarray(np.logaddexp(self.blank, self.label))


@dataclass(slots=True)
class _Longer:
    """Rows with one label more: whose, by which arc, and their scores without and with the rest."""

    owners: Ints
    arcs: Ints
    values: Floats
    merits: Floats


_NOTHING = _Longer(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


class BeamSearch:
    """The search over one line; `run` does it.

    Parameters
    ----------
    frames
        Log-probabilities, shape (n_frames, 1 + n_labels), the blank first.
    visible
        The automaton.
    beam
        How many prefixes are kept at a frame; `WIDER` times as many for a large automaton.
    margin
        Prefixes whose merit is below the best by more than this are dropped, but for the first
        ``least``.
    least
        How many are kept in any case, if there are so many.
    """

    def __init__(
        self, frames: Floats, visible: Visible, beam: int, margin: float, least: int
    ) -> None:
        self.frames = frames
        self.visible = visible
        self.margin = margin
        self.least = least
        self.guide: Guide = look_ahead(frames, visible)
        self.beam = beam if self.guide.is_exact else beam * WIDER
        self.classes = self.guide.outline.classes

    def run(self) -> list[tuple[Row, float]]:
        """Give the rows of labels that are left at the end and may end there, best first.

        Returns
        -------
        rows
            Each with its log-probability, as far as it was kept on the way.
        """
        none = np.full(1, -1, np.int64)
        beam = self._beam([()], np.zeros(1, np.int64), none, none)
        scores = _Scores(np.zeros(1), np.full(1, -np.inf))
        for number in range(len(self.frames)):
            beam, scores = self._step(beam, scores, number)
            if not beam.rows:
                return []
        ended = np.where(self.visible.final[beam.states], scores.total, -np.inf)
        kept = self._best(beam.rows, ended)
        return [(beam.rows[place], float(ended[place])) for place in kept]

    def _step(self, beam: _Beam, scores: _Scores, number: int) -> tuple[_Beam, _Scores]:
        frame, total = self.frames[number], scores.total
        staying = self._stay(beam, scores, total, frame)
        merits = np.logaddexp(
            staying.blank + self.guide.blank[number + 1, self.classes[beam.states]],
            staying.label + self.guide.label[number + 1, beam.pairs],
        )
        floor = self._floor(merits)
        longer = self._extend(beam, scores, total, number, floor)
        if not len(longer.arcs) and merits.min() >= max(floor, -sys.float_info.max):
            return beam, staying
        return self._choose(beam, staying, merits, longer)

    def _floor(self, merits: Floats) -> float:
        """Give the merit below which nothing is kept."""
        if len(merits) < self.least:
            return -np.inf
        ordered = np.sort(merits)
        full = ordered[0] if len(merits) >= self.beam else -np.inf
        return float(max(full, min(ordered[-1] - self.margin, ordered[-self.least])))

    def _stay(self, beam: _Beam, scores: _Scores, total: Floats, frame: Floats) -> _Scores:
        """Keep the rows: by a blank, by the last label once more, or by that label anew."""
        anew = np.where(beam.twins, scores.blank[beam.parents], total[beam.parents])
        anew[beam.orphans] = -np.inf
        label = np.logaddexp(scores.label, anew) + frame[1 + beam.lasts]
        return _Scores(total + frame[0], label)

    def _extend(
        self, beam: _Beam, scores: _Scores, total: Floats, number: int, floor: float
    ) -> _Longer:
        """Append the labels that may follow and with which a row may be among the best."""
        bonus = self.frames[number, beam.columns]
        ahead = self.guide.label[number + 1, beam.arc_pairs]
        least = max(floor - total.max(), -sys.float_info.max)
        likely = np.flatnonzero(bonus + ahead >= least)
        if not len(likely):
            return _NOTHING
        places, members = expand(beam.first, beam.groups[likely])
        owners, arcs = beam.members[members], likely[places]
        again = beam.columns[arcs] == 1 + beam.lasts[owners]
        values = np.where(again, scores.blank[owners], total[owners]) + bonus[arcs]
        merits = values + ahead[arcs]
        kept = np.flatnonzero(merits >= max(floor, -sys.float_info.max))
        most = self.beam + len(beam.rows)  # as many as there are may be rows of the beam already
        if len(kept) > most:
            kept = kept[np.argsort(-merits[kept], kind="stable")[:most]]
        return _Longer(owners[kept], beam.arcs[arcs[kept]], values[kept], merits[kept])

    def _choose(
        self, beam: _Beam, staying: _Scores, merits: Floats, longer: _Longer
    ) -> tuple[_Beam, _Scores]:
        """Keep the best of the rows that stay and of those that are longer."""
        known = set(beam.rows)
        labels = self.visible.arc_labels[longer.arcs].tolist()
        made = [
            (*beam.rows[owner], label)
            for owner, label in zip(longer.owners.tolist(), labels, strict=True)
        ]
        new = [place for place, row in enumerate(made) if row not in known]
        arcs = longer.arcs[new]
        rows = beam.rows + [made[place] for place in new]
        blank = np.concatenate([staying.blank, np.full(len(new), -np.inf)])
        label = np.concatenate([staying.label, longer.values[new]])
        kept = self._best(rows, np.concatenate([merits, longer.merits[new]]))
        following = self._beam(
            [rows[place] for place in kept],
            np.concatenate([beam.states, self.visible.arc_targets[arcs]])[kept],
            np.concatenate([beam.lasts, self.visible.arc_labels[arcs]])[kept],
            np.concatenate([beam.pairs, self.guide.outline.pairs[arcs]])[kept],
        )
        return following, _Scores(blank[kept], label[kept])

    def _best(self, rows: list[Row], merits: Floats) -> list[int]:
        listed = merits.tolist()
        possible = [place for place, merit in enumerate(listed) if merit > -np.inf]
        order = sorted(possible, key=lambda place: (-listed[place], rows[place]))[: self.beam]
        floor = max(listed, default=0.0) - self.margin
        beyond = [place for place in order[self.least :] if listed[place] >= floor]
        return order[: self.least] + beyond

    def _beam(self, rows: list[Row], states: Ints, lasts: Ints, pairs: Ints) -> _Beam:
        places = {row: place for place, row in enumerate(rows)}
        found = [places.get(row[:-1], -1) if row else -1 for row in rows]
        parents = np.array(found, np.int64)
        different, group, counts = np.unique(states, return_inverse=True, return_counts=True)
        groups, arcs = expand(self.visible.first, different)
        return _Beam(
            rows,
            states,
            lasts,
            pairs,
            parents,
            orphans=parents < 0,
            twins=lasts[parents] == lasts,
            arcs=arcs,
            columns=1 + self.visible.arc_labels[arcs],
            arc_pairs=self.guide.outline.pairs[arcs],
            groups=groups,
            first=np.concatenate([[0], np.cumsum(counts)]),
            members=np.argsort(group.reshape(-1), kind="stable"),
        )
