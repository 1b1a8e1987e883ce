from __future__ import annotations

import math

import numpy as np

from hdalr.datasets import load_dataset
from hdalr.images.synthetic.lines import GlyphStore, write_line
from hdalr.images.synthetic.paper import photograph
from hdalr.reading.candidates import Candidate, posterior
from hdalr.reading.hypothesis import Hypothesis
from hdalr.reading.reader import Reader


def test_texts_that_nothing_can_read_have_no_share() -> None:
    never = Hypothesis("1", -math.inf, ((0, 1),))
    assert posterior([Candidate(never, ctc=-math.inf)]) == [0.0]


def test_a_pattern_that_the_picture_does_not_fit_gives_a_reading_all_the_same() -> None:
    """Once, a text that the cuts could not hold gave a confidence that was no number."""
    digits = load_dataset("digits")
    store = GlyphStore(digits.train_images, digits.train_labels, digits.classes)
    reader = Reader()
    for seed in range(12):
        rng = np.random.default_rng(seed)
        picture = photograph(write_line("90210-4433", store, rng), rng)
        reading = reader.read(picture, pattern=r"\d{5}(-\d{4})?", layout="line")
        assert 0 <= reading.confidence <= 1
