"""Paper under the ink: background print, rules, boxes, uneven light, blur, noise, compression."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.picture import Picture

N_PRINTS, STOCK_PX = 256, (160, 720)  # pictures of background print that are kept

Field = NDArray[np.float32]  # (height, width), 0 to 1


def photograph(ink: Picture, rng: np.random.Generator) -> Picture:
    """Put ink on paper and take a picture of it: what a scanner or a phone would give.

    Parameters
    ----------
    ink
        uint8, shape (height, width): 0 for paper, 255 for ink.
    rng
        Source of chance.

    Returns
    -------
    picture
        uint8, same shape, grey, dark ink on light paper.
    """
    height, width = ink.shape
    paper = rng.uniform(110, 250)
    contrast = rng.uniform(0.35, 0.9) * paper
    grey = np.full(ink.shape, paper, np.float32)
    if rng.random() < 0.6:
        grey -= _printed(height, width, rng) * np.float32(contrast * rng.uniform(0.1, 0.5))
    if rng.random() < 0.45:
        grey -= rules(height, width, rng) * np.float32(contrast * rng.uniform(0.3, 1.0))
    if rng.random() < 0.2:
        grey -= remnants(height, width, rng) * np.float32(contrast * rng.uniform(0.4, 1.0))
    # Where ink covers print, the darker of both is seen.
    grey = np.minimum(grey, paper - ink.astype(np.float32) * np.float32(contrast / 255))
    if rng.random() < 0.08:  # the end of a coloured band
        grey[: int(height * rng.uniform(0, 0.6))] *= np.float32(rng.uniform(0.75, 1.3))
    if rng.random() < 0.4:
        grey *= uneven_light(height, width, rng)
    if rng.random() < 0.7:
        grey = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.4, 1.6))
    if rng.random() < 0.6:
        grain = rng.standard_normal(ink.shape, dtype=np.float32)
        grey += grain * np.float32(rng.uniform(1, 9))
    picture: Picture = np.clip(grey, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        quality = int(rng.integers(25, 80))
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return picture


def background_print(height: int, width: int, rng: np.random.Generator) -> Field:
    """Security print: families of fine waves (guilloche), sometimes crossed, or a rough grain."""
    if rng.random() < 0.25:
        return _rough_grain(height, width, rng)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    drawn = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        angle = rng.uniform(0, np.pi)
        along, across = (
            x * np.cos(angle) + y * np.sin(angle),
            y * np.cos(angle) - x * np.sin(angle),
        )
        bend = rng.uniform(0, 8) * np.sin(along / rng.uniform(8, 80) + rng.uniform(0, 6.3))
        phase = (across + bend) * (2 * np.pi / rng.uniform(4, 14))
        drawn = np.maximum(drawn, np.clip(np.sin(phase) * 2 - rng.uniform(0.2, 1.5), 0, 1))
    return np.asarray(drawn, np.float32)


def _printed(height: int, width: int, rng: np.random.Generator) -> Field:
    """A piece of one of the prints in stock: drawing one anew costs more than all the rest."""
    stock = _stock(int(rng.integers(N_PRINTS)))
    if height > stock.shape[0] or width > stock.shape[1]:
        return background_print(height, width, rng)
    top = int(rng.integers(stock.shape[0] - height + 1))
    left = int(rng.integers(stock.shape[1] - width + 1))
    piece = stock[top : top + height, left : left + width]
    return piece[:: int(rng.choice([-1, 1])), :: int(rng.choice([-1, 1]))]


@functools.lru_cache(maxsize=N_PRINTS)
def _stock(number: int) -> Field:
    return background_print(*STOCK_PX, np.random.default_rng(number))


def rules(height: int, width: int, rng: np.random.Generator) -> Field:
    """Printed lines: under or over the writing, borders, the box or comb around it."""
    drawn = np.zeros((height, width), np.uint8)
    kind = rng.random()
    for y in _rule_heights(height, kind, rng):
        tilt = rng.normal(0, 0.012) * width
        _line(drawn, (0, y), (width, y + tilt), rng)
    if kind > 0.6:
        for x in (rng.uniform(0, 6), width - rng.uniform(0, 6)):
            _line(drawn, (x, 0), (x + rng.normal(0, 2), height), rng)
    if rng.random() < 0.1:
        for x in np.arange(rng.uniform(0, 30), width, rng.uniform(24, 50)):
            _line(drawn, (x, height * rng.uniform(0.4, 0.8)), (x, height), rng)
    return np.asarray(drawn / np.float32(255), np.float32)


def remnants(height: int, width: int, rng: np.random.Generator) -> Field:
    """Ends of strokes of other lines that reach in at the upper and lower border."""
    drawn = np.zeros((height, width), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        x = rng.uniform(0, width)
        y, reach = (0.0, rng.uniform(1, 9)) if rng.random() < 0.5 else (height, -rng.uniform(1, 9))
        _line(drawn, (x, y), (x + rng.normal(0, 6), y + reach), rng)
    return np.asarray(drawn / np.float32(255), np.float32)


def uneven_light(height: int, width: int, rng: np.random.Generator) -> Field:
    """Brightness 0.5 to 1 that varies slowly, with the edge of a shadow now and then."""
    corners = rng.uniform(0.6, 1.0, (2, 2)).astype(np.float32)
    light = cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.3:
        x = np.linspace(-1, 1, width, dtype=np.float32) - np.float32(rng.uniform(-0.8, 0.8))
        shadow = 1 / (1 + np.exp(-x * np.float32(rng.uniform(5, 40))))
        light = light * (1 - rng.uniform(0.1, 0.5) * shadow[None]).astype(np.float32)
    return np.asarray(light, np.float32)


def _rough_grain(height: int, width: int, rng: np.random.Generator) -> Field:
    cell = int(rng.integers(2, 6))
    coarse = rng.random((height // cell + 2, width // cell + 2), dtype=np.float32)
    grain = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(grain * 2 - 0.8, 0, 1), np.float32)


def _rule_heights(height: int, kind: float, rng: np.random.Generator) -> list[float]:
    if kind < 0.4:
        return [height * rng.uniform(0.8, 1.0)]
    if kind < 0.5:
        return [height * rng.uniform(0.0, 0.15)]
    if kind < 0.8:
        return [height * rng.uniform(0, 0.12), height * rng.uniform(0.88, 1.0)]
    return []


def _line(
    drawn: Picture, start: tuple[float, float], end: tuple[float, float], rng: np.random.Generator
) -> None:
    first, last = (tuple(round(v * 8) for v in point) for point in (start, end))
    cv2.line(drawn, first, last, 255, int(rng.integers(1, 3)), cv2.LINE_AA, 3)
