"""Batches of synthetic lines, made as they are needed; the same for the same seed and step."""

from __future__ import annotations

import numpy as np

from hdalr.images.ink import ink_of
from hdalr.images.line import normalise_line
from hdalr.images.picture import Picture
from hdalr.images.synthetic.lines import MARKS, GlyphStore, write_line
from hdalr.images.synthetic.paper import photograph
from hdalr.images.synthetic.texts import draw_text
from hdalr.models.line_net import LineBatch

CHUNK = 4  # batches drawn together and sorted by width, so that little is padding
WIDEST_PX = 480


class LineStream:
    """Lines of writing with their texts.

    Parameters
    ----------
    store
        Pictures of the characters.
    batch_size
        Lines a step.
    digits_only
        Share of the lines that have no letters.
    random_state
        Seed.
    """

    def __init__(
        self, store: GlyphStore, *, batch_size: int, digits_only: float, random_state: int
    ) -> None:
        self.store = store
        self.batch_size = batch_size
        self.digits_only = digits_only
        self.random_state = random_state
        self._labels = {character: i + 1 for i, character in enumerate(store.characters)}
        self._chunk: tuple[int, list[LineBatch]] = (-1, [])

    def batch(self, step: int) -> LineBatch:
        """The lines of a step."""
        number = step // CHUNK
        if self._chunk[0] != number:
            self._chunk = (number, self._make(number))
        return self._chunk[1][step % CHUNK]

    def draw(self, rng: np.random.Generator) -> tuple[Picture, str]:
        """One line as the net sees it, and what it says without the marks."""
        while True:
            text = draw_text(rng, self.digits_only)
            picture = photograph(write_line(text, self.store, rng), rng)
            line = normalise_line(ink_of(picture))
            if line.shape[1] <= WIDEST_PX:
                return line, "".join(c for c in text if c not in MARKS)

    def _make(self, number: int) -> list[LineBatch]:
        rng = np.random.default_rng((self.random_state, number))
        drawn = [self.draw(rng) for _ in range(CHUNK * self.batch_size)]
        drawn.sort(key=lambda pair: pair[0].shape[1])
        batches = [drawn[i : i + self.batch_size] for i in range(0, len(drawn), self.batch_size)]
        order = rng.permutation(CHUNK)
        return [self._batch(batches[i]) for i in order]

    def _batch(self, drawn: list[tuple[Picture, str]]) -> LineBatch:
        texts = [[self._labels[character] for character in text] for _, text in drawn]
        return LineBatch.of([line for line, _ in drawn], texts)
