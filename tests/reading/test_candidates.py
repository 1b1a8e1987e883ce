from __future__ import annotations

import math

import numpy as np

from hdalr.datasets import load_dataset
from hdalr.images.synthetic.lines import GlyphStore, write_line
from hdalr.images.synthetic.paper import photograph
from hdalr.reading.candidates import FLOOR, Candidate, offer_frames, posterior, weigh_all
from hdalr.reading.frames import Frames
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


def view(*columns: tuple[float, float, float]) -> Frames:
    """Frames over the blank, 1 and 7."""
    spelled = np.array(columns)
    return Frames(spelled[:, 1:], spelled, 2, 4.0)


def test_several_views_decide_by_their_mean() -> None:
    plan = Reader()._plan({"alphabet": "chars:17", "layout": "line"})
    once, again = view((0.1, 0.5, 0.4)), view((0.1, 0.2, 0.7))
    assert weigh_all(offer_frames(once, plan), [once], None, plan)[0].text == "1"
    weighed = weigh_all(offer_frames(once, plan), [once, again], None, plan)
    assert [candidate.text for candidate in weighed[:2]] == ["7", "1"]
    assert weighed[0].ctc == np.mean([math.log(0.4), math.log(0.7)])


def test_what_cannot_be_written_on_the_line_as_it_is_is_dropped() -> None:
    plan = Reader()._plan({"alphabet": "chars:17", "layout": "line"})
    short, long = view((0.1, 0.9, 0.0)), view((0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    weighed = weigh_all(offer_frames(short, plan), [short, long], None, plan)
    assert "17" not in [candidate.text for candidate in weighed]
    assert weighed[0].text == "1"
    assert min(candidate.ctc for candidate in weighed) >= weighed[0].ctc - FLOOR
