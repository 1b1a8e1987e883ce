"""Digits and letters drawn by a font of strokes, and bundles that know just these.

The bundles compare with drawn templates instead of computing a net, so that tests of what comes
after the net need no training and always see the same answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.bundles import Bundle, Calibration, Manifest
from hdalr.images.glyph import normalise_glyphs

HEIGHT_PX = 40
FRAME_PX = 4


def draw_character(character: str, thickness: int = 3) -> NDArray[np.uint8]:
    """Ink of one character, cut to it."""
    canvas = np.zeros((90, 90), np.uint8)
    place = (20, 60)
    cv2.putText(
        canvas, character, place, cv2.FONT_HERSHEY_SIMPLEX, 1.6, 255, thickness, cv2.LINE_AA
    )
    rows, columns = np.flatnonzero(canvas.any(axis=1)), np.flatnonzero(canvas.any(axis=0))
    return canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def draw_text(text: str, gap_px: int = 14, margin_px: int = 20) -> NDArray[np.uint8]:
    """A grey picture of a line: dark ink on light paper."""
    pieces = [draw_character(character) for character in text]
    height = max((piece.shape[0] for piece in pieces), default=HEIGHT_PX)
    width = sum(piece.shape[1] + gap_px for piece in pieces) - gap_px if pieces else HEIGHT_PX
    ink = np.zeros((height + 2 * margin_px, width + 2 * margin_px), np.uint8)
    left = margin_px
    for piece in pieces:
        top = margin_px + height - piece.shape[0]
        ink[top : top + piece.shape[0], left : left + piece.shape[1]] = piece
        left += piece.shape[1] + gap_px
    return (235 - ink * (200 / 255)).astype(np.uint8)


def draw_lines(*texts: str) -> NDArray[np.uint8]:
    """A grey picture of several lines."""
    lines = [draw_text(text) for text in texts]
    width = max(line.shape[1] for line in lines)
    return np.concatenate(
        [
            cv2.copyMakeBorder(line, 6, 6, 0, width - line.shape[1], cv2.BORDER_CONSTANT, value=235)
            for line in lines
        ]
    )


class CharacterTemplates(Bundle):
    """A bundle for characters that knows drawn ones; what is far from all is none."""

    def __init__(self, labels: Sequence[str], calibration: Calibration, name: str) -> None:
        manifest = Manifest(
            name, "characters", tuple(labels), rejects=True, calibration=calibration
        )
        super().__init__(manifest, b"", {})
        self.n_calls = 0

    def run(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits: minus the mean difference to each template, at a scale that makes it clear."""
        self.n_calls += 1
        flat = _blurred(pictures)
        known = _templates(self.labels)
        distances = np.abs(flat[:, None] - known[None]).mean(axis=2)
        nothing = np.full((len(flat), 1), 0.16)
        return (-80 * np.concatenate([distances, nothing], axis=1)).astype(np.float32)


class LineTemplates(Bundle):
    """A bundle for lines: the ink between empty columns, each piece compared with templates."""

    def __init__(self, labels: Sequence[str], calibration: Calibration, name: str) -> None:
        manifest = Manifest(
            name, "lines", tuple(labels), picture_shape=(32, None), calibration=calibration
        )
        super().__init__(manifest, b"", {})
        self._characters = CharacterTemplates(labels, calibration, name)

    def run(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits of each frame of four columns: the blank, or a label at a piece's middle."""
        return np.stack([self._frames(picture) for picture in pictures])

    def _frames(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        n_frames = -(-picture.shape[1] // FRAME_PX)
        frames = np.full((n_frames, 1 + len(self.labels)), -12.0, np.float32)
        frames[:, 0] = 0
        for left, right in _runs((picture > 96).any(axis=0)):
            logits = self._characters.run(normalise_glyphs([picture[:, left:right]]))[0]
            middle = (left + right) // 2 // FRAME_PX
            frames[middle, 1:] = logits[:-1] - logits[:-1].max() + 6
        return frames


def template_bundles(
    labels: Sequence[str], calibration: Calibration | None = None
) -> tuple[CharacterTemplates, LineTemplates]:
    """A bundle for characters and one for lines."""
    kept = calibration or Calibration(thresholds=((0.01, 0.9), (0.1, 0.6)), n=100)
    return CharacterTemplates(labels, kept, "drawn"), LineTemplates(labels, kept, "drawn-lines")


@cache
def _templates(labels: tuple[str, ...]) -> NDArray[np.float32]:
    return _blurred(normalise_glyphs([draw_character(label) for label in labels]))


def _blurred(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    soft = [cv2.GaussianBlur(picture, (0, 0), 1.0).ravel() for picture in pictures]
    return (np.stack(soft) if soft else np.zeros((0, 784))).astype(np.float32) / 255


def _runs(filled: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], filled.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
