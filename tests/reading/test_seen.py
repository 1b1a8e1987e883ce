"""What the nets saw is their own input."""

from __future__ import annotations

import cv2
import numpy as np

from hdalr import Reader
from hdalr.reading.seen import see


def written(text: str) -> np.ndarray:
    page = np.full((90, 60 * len(text) + 40), 235, np.uint8)
    cv2.putText(page, text, (20, 68), cv2.FONT_HERSHEY_SIMPLEX, 2, 30, 4, cv2.LINE_AA)
    return page


def test_a_line_is_shown_whole_and_by_its_characters() -> None:
    page = written("407")
    seen = see(page, Reader().read(page, alphabet="digits"))
    assert seen.line is not None
    assert seen.line.shape[0] == 32
    assert seen.characters.shape == (3, 28, 28)
    assert (seen.characters.max(axis=(1, 2)) > 200).all()


def test_a_character_is_what_its_net_reads() -> None:
    page = written("7")
    reader = Reader()
    reading = reader.read(page, alphabet="digits", layout="character")
    seen = see(page, reading)
    assert seen.line is None
    log_probs, labels = reader.character_log_probs([seen.characters[0]], "digits")
    assert labels[int(log_probs[0].argmax())] == reading.text == "7"


def test_of_blank_paper_nothing_was_seen() -> None:
    page = np.full((60, 200), 240, np.uint8)
    seen = see(page, Reader().read(page))
    assert seen.line is None
    assert seen.characters.shape == (0, 28, 28)
