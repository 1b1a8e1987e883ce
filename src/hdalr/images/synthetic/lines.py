"""Characters set in a line, as one hand would: spacing, overlap, slant, size, ligatures, marks."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from hdalr.images.batch import Images, Labels
from hdalr.images.crop import find_ink
from hdalr.images.picture import Picture
from hdalr.images.synthetic.strokes import (
    SHAPES,
    Shape,
    draw_shape,
    draw_zero_of_run,
    one_of,
    shapes_of,
)

ROOM_PX = 14  # around the line, before it is cut
X_HEIGHT = 0.68  # of a small letter without ascender, in heights of a capital
SMALL = frozenset("acegmnopqrsuvwxyz")
DESCENDING = frozenset("gpqyj")
MARKS = frozenset(" .,'-—/=#$*:")  # written, never read


@dataclass(frozen=True)
class Hand:
    """How one line is written.

    Attributes
    ----------
    height_px, width
        Height of a capital, and how wide characters are against their own proportions.
    slant, bend
        Shear of all characters, in widths a height, and how far each departs from it.
    gap, gap_spread
        Space between characters in heights, negative for touching ones; its spread.
    level, edge
        Grey values at which a character's ink starts and is full: how thick strokes are.
    wander
        How far characters leave the baseline, in heights.
    ligatures
        Probability that the pen stays down between two characters.
    drawn
        Probability that a digit is drawn by strokes instead of taken from the store.
    steady
        Probability that a character is written as it was the last time in the line.
    european
        Whether ones have an upstroke and sevens are crossed; both are then drawn by strokes.
    true_sizes
        Whether small letters are smaller than capitals.
    zero_size, zero_width, zero_gap
        Height of the zeros at the end of a number against other digits, how wide they are
        against their own proportions, and the space between them: amounts end in a quick row of
        small zeros.
    zero_drawn
        Probability that such a zero is drawn by strokes.
    """

    height_px: float
    width: float
    slant: float
    bend: float
    gap: float
    gap_spread: float
    level: float
    edge: float
    wander: float
    ligatures: float
    drawn: float
    steady: float
    european: bool
    true_sizes: bool
    zero_size: float
    zero_width: float
    zero_gap: float
    zero_drawn: float


def draw_hand(rng: np.random.Generator) -> Hand:
    """Draw a hand; about a third of them let characters touch."""
    return Hand(
        height_px=rng.uniform(30, 46),
        width=float(np.exp(rng.normal(-0.03, 0.2))),
        slant=rng.normal(0.08, 0.25),
        bend=rng.uniform(0, 0.1),
        gap=float(
            rng.choice([-0.14, -0.06, 0.02, 0.1, 0.2, 0.45], p=[0.06, 0.17, 0.26, 0.26, 0.17, 0.08])
        ),
        gap_spread=rng.uniform(0.02, 0.12),
        level=rng.uniform(20, 170),
        edge=rng.uniform(30, 85),
        wander=rng.uniform(0, 0.07),
        ligatures=0.5 if rng.random() < 0.15 else 0.02,
        drawn=float(rng.choice([0.0, 0.25, 0.9], p=[0.3, 0.35, 0.35])),
        steady=float(rng.choice([0.0, 0.9])),
        european=rng.random() < 0.3,
        true_sizes=rng.random() < 0.8,
        zero_size=1.0 if rng.random() < 0.4 else rng.uniform(0.4, 0.95),
        zero_width=float(np.exp(rng.normal(0.15, 0.22))),
        zero_gap=rng.uniform(-0.22, 0.08),
        zero_drawn=float(rng.choice([0.0, 0.5, 1.0])),
    )


class GlyphStore:
    """Pictures of characters by label, cut to their ink.

    Parameters
    ----------
    images, labels
        uint8 (n_images, height, width), and indices into `characters`.
    characters
        The label of each index.
    """

    def __init__(self, images: Images, labels: Labels, characters: Sequence[str]) -> None:
        order = np.argsort(np.asarray(labels), kind="stable")
        self._images = images
        self._rows: Mapping[str, np.ndarray] = {
            characters[int(rows_label)]: rows
            for rows_label, rows in _grouped(order, np.asarray(labels)[order])
        }

    @property
    def characters(self) -> str:
        """The characters that there are pictures of."""
        return "".join(self._rows)

    def draw(self, character: str, rng: np.random.Generator) -> Picture:
        """One picture of the character, cut to its ink."""
        rows = self._rows[character]
        return _cut_to_ink(self._images[rows[int(rng.integers(len(rows)))]])


class _Characters:
    """The characters of one line, as its hand writes them."""

    def __init__(
        self, store: GlyphStore, hand: Hand, rng: np.random.Generator, *, among_digits: bool
    ) -> None:
        self._store, self._hand, self._rng = store, hand, rng
        self._among_digits = among_digits
        self._last: dict[str, Picture | Shape] = {}

    def draw(self, character: str) -> Picture:
        """A picture of the character, cut to its ink."""
        if character not in self._last or self._rng.random() >= self._hand.steady:
            self._last[character] = self._choose(character)
        chosen = self._last[character]
        if isinstance(chosen, np.ndarray):
            return chosen
        return _cut_to_ink(draw_shape(chosen, self._rng))

    def zero_of_row(self) -> Picture:
        """A zero of the row that ends a number."""
        if self._rng.random() < self._hand.zero_drawn:
            return _cut_to_ink(draw_zero_of_run(self._rng))
        return self.draw("0")

    def _choose(self, character: str) -> Picture | Shape:
        european = self._hand.european and self._among_digits
        if character in SHAPES and (
            self._rng.random() < self._hand.drawn or (european and character in "17")
        ):
            shapes = shapes_of(character, among_digits=self._among_digits, european=european)
            return one_of(shapes, self._rng)
        return self._store.draw(character, self._rng)


def write_line(
    text: str, store: GlyphStore, rng: np.random.Generator, hand: Hand | None = None
) -> Picture:
    """Write a text in one hand.

    Parameters
    ----------
    text
        Characters of the store, and marks (`MARKS`), which are drawn.
    store
        Pictures of the characters.
    rng
        Source of chance.
    hand
        How to write; None draws a hand.

    Returns
    -------
    ink
        uint8, shape (height, width): 0 for paper, 255 for ink, cut around the writing with
        random margins.
    """
    hand = hand or draw_hand(rng)
    height = round(2.3 * hand.height_px) + 2 * ROOM_PX
    canvas = np.zeros(
        (height, round((len(text) + 2) * 2.2 * hand.height_px) + 2 * ROOM_PX), np.uint8
    )
    base = ROOM_PX + 1.55 * hand.height_px
    x, joint = float(ROOM_PX + hand.height_px), None
    row_of_zeros = _last_zeros(text)
    characters = _Characters(store, hand, rng, among_digits=not any(c.isalpha() for c in text))
    for place, character in enumerate(text):
        in_row = place >= row_of_zeros and character == "0"
        glyph, top = (
            _zero(characters, hand, rng) if in_row else _glyph(character, characters, hand, rng)
        )
        if glyph is None:
            x += hand.height_px * rng.uniform(0.3, 0.8)
            joint = None
            continue
        y = base + top + rng.normal(0, hand.wander) * hand.height_px
        _paste(canvas, glyph, round(y), round(x))
        if joint is not None and rng.random() < hand.ligatures:
            _join(
                canvas,
                joint,
                (x + 0.2 * glyph.shape[1], y + rng.uniform(0, 0.4) * glyph.shape[0]),
                rng,
            )
        joint = (x + 0.75 * glyph.shape[1], y + rng.uniform(0.0, 0.5) * glyph.shape[0])
        gap = hand.zero_gap if in_row and text[place + 1 : place + 2] == "0" else hand.gap
        x += glyph.shape[1] + hand.height_px * rng.normal(gap, hand.gap_spread)
        x = max(x, joint[0] - 0.45 * glyph.shape[1])
    return _cut(_bent(canvas, rng) if rng.random() < 0.4 else canvas, rng)


def _glyph(
    character: str, characters: _Characters, hand: Hand, rng: np.random.Generator
) -> tuple[Picture | None, float]:
    """A character's ink at its size, and its top against the baseline; None for a space."""
    if character in MARKS:
        return _mark(character, hand, rng)
    height = hand.height_px * float(np.exp(rng.normal(0, 0.09)))
    drop = 0.0
    if hand.true_sizes and character.islower():
        if character in SMALL:
            height *= X_HEIGHT
        if character in DESCENDING:
            height *= 1.35
            drop = 0.3 * height
    inked = _written(characters.draw(character), height, hand, rng)
    return inked, drop - inked.shape[0] + 2


def _zero(characters: _Characters, hand: Hand, rng: np.random.Generator) -> tuple[Picture, float]:
    """A zero of the row at the end of a number, and its top against the baseline."""
    height = hand.height_px * hand.zero_size * float(np.exp(rng.normal(0, 0.1)))
    wider = dataclasses.replace(hand, width=hand.width * hand.zero_width)
    inked = _written(characters.zero_of_row(), height, wider, rng)
    lift = rng.uniform(0, 0.5) * (1 - hand.zero_size) * hand.height_px
    return inked, 2 - inked.shape[0] - lift


def _last_zeros(text: str) -> int:
    """Place of the first zero of the row, marks within it included, that ends a number."""
    end = len(text.rstrip("".join(MARKS)))
    start = len(text[:end].rstrip("0" + "".join(MARKS)))
    return start if text[start:end].count("0") >= 2 else len(text)


def _written(source: Picture, height: float, hand: Hand, rng: np.random.Generator) -> Picture:
    """Scale, slant and turn a picture, and set its stroke width."""
    scale = height / max(source.shape[0], 0.55 * source.shape[1])
    wide = scale * hand.width * float(np.exp(rng.normal(0, 0.08)))
    slant = hand.slant + rng.normal(0, hand.bend)
    turn = rng.normal(0, 0.05)
    matrix = np.array([[wide, -slant * scale, 0.0], [turn * wide, scale, 0.0]])
    high, long = source.shape
    corners = matrix[:, :2] @ np.array([[0, long, 0, long], [0, 0, high, high]])
    matrix[:, 2] = 2 - corners.min(axis=1)
    size = np.ceil(np.ptp(corners, axis=1)).astype(int) + 4
    grown = cv2.warpAffine(source, matrix, (int(size[0]), int(size[1])), flags=cv2.INTER_CUBIC)
    inked = np.clip((grown.astype(np.float32) - hand.level) * (255 / hand.edge), 0, 255)
    return np.asarray(inked.astype(np.uint8))


def _mark(character: str, hand: Hand, rng: np.random.Generator) -> tuple[Picture | None, float]:
    """Draw a separator or sign; never read, so that the net learns to pass over it."""
    if character == " ":
        return None, 0.0
    unit = hand.height_px
    pen = max(2, round(unit * rng.uniform(0.06, 0.13)))
    strokes, top = _mark_strokes(character, rng)
    points = [
        np.rint((np.asarray(s) + rng.normal(0, 0.03, (len(s), 2))) * unit + pen + 2)
        for s in strokes
    ]
    high = int(max(p[:, 1].max() for p in points)) + pen + 3
    wide = int(max(p[:, 0].max() for p in points)) + pen + 3
    ink = np.zeros((high, wide), np.uint8)
    for p in points:
        cv2.polylines(ink, [np.maximum(p, 0).astype(np.int32)], False, 255, pen, cv2.LINE_AA)
    return ink, (top * unit - pen - 2)


Strokes = list[list[tuple[float, float]]]


def _mark_strokes(character: str, rng: np.random.Generator) -> tuple[Strokes, float]:
    """Strokes in heights of a capital, and their top against the baseline."""
    u = rng.uniform
    if character in ".:":
        dot = [(0.0, 0.0), (u(0, 0.05), u(0, 0.05))]
        twin = [(0.0, 0.35), (0.03, 0.37)]
        return ([dot, twin] if character == ":" else [dot]), u(-0.55, -0.05)
    if character in ",'":
        tail = [(u(0.04, 0.12), 0.0), (u(0.03, 0.1), 0.08), (0.0, u(0.14, 0.3))]
        return [tail], (u(-0.2, 0.0) if character == "," else u(-1.1, -0.8))
    if character in "-—":
        long = u(0.2, 0.5) if character == "-" else u(0.6, 2.0)
        return [[(0.0, u(0, 0.12)), (long, u(0, 0.12))]], u(-0.65, -0.25)
    if character == "=":
        long = u(0.25, 0.6)
        return [[(0.0, 0.0), (long, u(-0.05, 0.05))], [(0.0, 0.2), (long, u(0.15, 0.25))]], u(
            -0.65, -0.3
        )
    if character == "/":
        return [[(u(0.35, 0.6), 0.0), (0.0, u(1.05, 1.4))]], u(-1.2, -1.0)
    if character == "#":
        bars = [[(0.15, 0.0), (0.05, 0.8)], [(0.45, 0.0), (0.35, 0.8)]]
        return [*bars, [(0.0, 0.27), (0.5, 0.27)], [(0.0, 0.54), (0.5, 0.54)]], u(-0.95, -0.75)
    if character == "*":
        return [[(0.0, 0.1), (0.3, 0.3)], [(0.3, 0.1), (0.0, 0.3)], [(0.15, 0.0), (0.15, 0.4)]], u(
            -0.8, -0.5
        )
    curl = [(0.45, 0.15), (0.2, 0.05), (0.05, 0.25), (0.4, 0.55), (0.25, 0.8), (0.0, 0.7)]
    return [curl, [(0.25, -0.1), (0.22, 0.95)]], u(-1.0, -0.8)


def _cut_to_ink(picture: Picture) -> Picture:
    box = find_ink(picture)
    return picture if box is None else box.cut(picture)


def _paste(canvas: Picture, glyph: Picture, top: int, left: int) -> None:
    top, left = max(0, top), max(0, left)
    part = canvas[top : top + glyph.shape[0], left : left + glyph.shape[1]]
    np.maximum(part, glyph[: part.shape[0], : part.shape[1]], out=part)


def _join(
    canvas: Picture,
    start: tuple[float, float],
    end: tuple[float, float],
    rng: np.random.Generator,
) -> None:
    """Leave the pen on the paper from one character to the next."""
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + rng.normal(0, 3))
    curve = np.rint(np.asarray([start, middle, end])).astype(np.int32)
    cv2.polylines(canvas, [curve], False, 255, int(rng.integers(1, 4)), cv2.LINE_AA)


def _bent(canvas: Picture, rng: np.random.Generator) -> Picture:
    """Elastic distortion (Simard et al. 2003), smooth over about a character's height."""
    height, width = canvas.shape
    cells = (max(3, width // 24), max(3, height // 24))
    bend = rng.normal(0, rng.uniform(0.5, 2.2), (2, cells[1], cells[0])).astype(np.float32)
    dx, dy = (cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC) for part in bend)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(cv2.remap(canvas, x + dx, y + dy, cv2.INTER_LINEAR), np.uint8)


def _cut(canvas: Picture, rng: np.random.Generator) -> Picture:
    box = find_ink(canvas)
    if box is None:
        return canvas[:32, :32]
    room = np.maximum(rng.normal([0.12, 0.12, 0.2, 0.25], [0.08, 0.08, 0.2, 0.25]), -0.02)
    above, below, before, behind = np.rint(room * (box.bottom - box.top)).astype(int)
    top, left = max(0, box.top - above), max(0, box.left - before)
    return canvas[top : box.bottom + below, left : box.right + behind]


def _grouped(order: np.ndarray, labels: np.ndarray) -> list[tuple[int, np.ndarray]]:
    starts = np.flatnonzero(np.r_[True, labels[1:] != labels[:-1]])
    return [
        (int(labels[start]), rows)
        for start, rows in zip(starts, np.split(order, starts[1:]), strict=True)
        if labels[start] >= 0
    ]
