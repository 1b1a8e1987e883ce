"""Batches of distorted characters and of what is none; the same for the same seed and step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hdalr.datasets.emnist_union import PartlyLabelled
from hdalr.images.batch import Images
from hdalr.images.glyph import normalise_glyphs
from hdalr.images.picture import Picture
from hdalr.images.synthetic.characters import distort, draw_nothing, widen
from hdalr.images.synthetic.strokes import SHAPES, draw_digit
from hdalr.models.character_net import CharacterBatch


class CharacterStream:
    """Characters with their labels; the last output stands for "not a character".

    Parameters
    ----------
    source
        Pictures and their labels. Labels are drawn with the root of their number, so that
        rare ones are seen often enough.
    foreign
        Pictures (n, height, width) of other scripts, none of them a character here; an array a
        data set.
    batch_size
        Pictures a step.
    nothing
        Share of the pictures that are no character.
    drawn
        Share of the digits that are drawn by strokes.
    widened
        Share of the characters that are made wider, as scans brought to a square are.
    random_state
        Seed.
    """

    def __init__(
        self,
        source: PartlyLabelled,
        foreign: Sequence[Images] = (),
        *,
        batch_size: int,
        nothing: float = 0.1,
        drawn: float = 0.12,
        widened: float = 0.0,
        random_state: int = 0,
    ) -> None:
        self.source = source
        self.foreign = tuple(foreign)
        self.batch_size = batch_size
        self.nothing = nothing
        self.drawn = drawn
        self.widened = widened
        self.random_state = random_state
        kinds, kind_of = np.unique(source.allowed, axis=0, return_inverse=True)
        order = np.argsort(kind_of, kind="stable")
        counts = np.bincount(kind_of, minlength=len(kinds))
        self._kinds = kinds
        self._among_digits = all(c.isdigit() for c in source.characters)
        self._rows = np.split(order, np.cumsum(counts)[:-1])
        self._shares = np.sqrt(counts) / np.sqrt(counts).sum()

    def batch(self, step: int) -> CharacterBatch:
        """The pictures of a step."""
        rng = np.random.default_rng((self.random_state, step))
        kinds = rng.choice(len(self._kinds), self.batch_size, p=self._shares)
        allowed = np.zeros((self.batch_size, len(self.source.characters) + 1), bool)
        inks = []
        for row, kind in zip(allowed, kinds, strict=True):
            if rng.random() < self.nothing:
                inks.append(self._no_character(rng))
                row[-1] = True
            else:
                image = self._character(kind, rng)
                if self.widened and rng.random() < self.widened:
                    image = widen(image, rng)
                inks.append(distort(image, rng))
                row[:-1] = self._kinds[kind]
        return CharacterBatch.of(normalise_glyphs(inks), allowed)

    def _character(self, kind: int, rng: np.random.Generator) -> Picture:
        one = np.flatnonzero(self._kinds[kind])
        label = self.source.characters[one[0]]
        if len(one) == 1 and label in SHAPES and rng.random() < self.drawn:
            return draw_digit(label, rng, among_digits=self._among_digits)
        rows = self._rows[kind]
        return np.asarray(self.source.images[rows[int(rng.integers(len(rows)))]])

    def _no_character(self, rng: np.random.Generator) -> Picture:
        if self.foreign and rng.random() < 0.3:
            script = self.foreign[int(rng.integers(len(self.foreign)))]
            return distort(script[int(rng.integers(len(script)))], rng)
        n = len(self.source.images)
        return draw_nothing(lambda: np.asarray(self.source.images[int(rng.integers(n))]), rng)
