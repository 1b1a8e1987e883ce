from __future__ import annotations

import numpy as np

from hdalr.images.synthetic.lines import MARKS
from hdalr.images.synthetic.texts import DIGITS, LOWER, UPPER, draw_text


def drawn(digits_only: float, n: int = 3000) -> list[str]:
    rng = np.random.default_rng(0)
    return [draw_text(rng, digits_only) for _ in range(n)]


def test_texts_of_digits_have_no_letters() -> None:
    assert set("".join(drawn(1.0))) <= set(DIGITS) | MARKS


def test_every_character_occurs() -> None:
    assert set(DIGITS + UPPER + LOWER) <= set("".join(drawn(0.3)))


def test_the_share_of_digit_texts_is_kept() -> None:
    share = np.mean([not any(c.isalpha() for c in text) for text in drawn(0.6)])
    assert 0.58 < share < 0.7


def test_amounts_do_not_begin_with_zero_more_often_than_others() -> None:
    texts = ["".join(c for c in text if c.isdigit()) for text in drawn(1.0)]
    assert np.mean([text.startswith("0") for text in texts if text]) < 0.1


def test_some_texts_say_nothing() -> None:
    assert 0.01 < np.mean([not any(c.isalnum() for c in text) for text in drawn(1.0)]) < 0.06
