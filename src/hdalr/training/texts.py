"""What the confidence of a whole text is worth: fitted on synthetic lines read by the Reader.

The lines are written with kept-back characters and photographed as in training, then read through
the very door that a user's picture comes through.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hdalr.bundles import Bundle, Calibration, load_bundle
from hdalr.bundles.fitting import fit_platt
from hdalr.bundles.risk import calibrate
from hdalr.datasets.emnist_union import PartlyLabelled
from hdalr.images.glyph import normalise_glyphs
from hdalr.images.picture import Picture
from hdalr.images.synthetic.lines import MARKS, GlyphStore, write_line
from hdalr.images.synthetic.paper import photograph
from hdalr.images.synthetic.texts import draw_text
from hdalr.reading.reader import Reader
from hdalr.reading.request import Options


class Mode(NamedTuple):
    """A way to read lines: how many of them are digits alone, by which options, with which bundle.

    The bundle for characters is the one that `hdalr.reading.library` chooses for these options.
    Promises of few errors take many lines: where digits are read, they can be kept.
    """

    digits_only: float
    options: Options
    characters: str
    n_lines: int


MODES: Mapping[str, Mode] = {
    "": Mode(0.5, {"alphabet": "alphanumeric", "layout": "line"}, "characters", 3_000),
    "folded": Mode(
        0.3, {"alphabet": "alphanumeric", "case": "upper", "layout": "line"}, "characters", 3_000
    ),
    "digits": Mode(1.0, {"alphabet": "digits", "layout": "line"}, "digits", 12_000),
}


@dataclass(frozen=True, eq=False)
class Page:
    """A synthetic picture of a line, and what is to be read on it."""

    picture: Picture
    text: str


def calibrate_texts(
    lines: Bundle, held: PartlyLabelled, *, n: int | None = None, random_state: int = 0
) -> Calibration:
    """Fit the logistic map and the thresholds of a bundle for lines, for each mode.

    Parameters
    ----------
    lines
        The bundle; it is read with the bundles for characters that ship.
    held
        Characters that it has not learned from.
    n
        Lines a mode, instead of its own number.
    random_state
        Seed of the lines.

    Returns
    -------
    Calibration
        For the bundle ``lines``: digits and letters; under ``modes``, ``"folded"`` and
        ``"digits"``.
    """
    images, labels = held.known()
    store = GlyphStore(normalise_glyphs(list(images)), labels, held.characters)
    fitted = {}
    for number, (name, mode) in enumerate(MODES.items()):
        rng = np.random.default_rng((random_state, number))
        pages = [draw_page(store, mode.digits_only, rng) for _ in range(n or mode.n_lines)]
        reader = Reader([lines, load_bundle(mode.characters)])
        fitted[name] = _fit(reader, pages, mode.options, folded=name == "folded")
    return dataclasses.replace(
        fitted.pop(""), temperature=lines.calibration.temperature, modes=fitted
    )


def draw_page(store: GlyphStore, digits_only: float, rng: np.random.Generator) -> Page:
    """Write a line and photograph it; lines that say nothing are among them."""
    text = draw_text(rng, digits_only)
    picture = photograph(write_line(text, store, rng), rng)
    return Page(picture, "".join(c for c in text if c not in MARKS))


def _fit(reader: Reader, pages: Sequence[Page], options: Options, *, folded: bool) -> Calibration:
    features, right = [], []
    for page in pages:
        finding = reader.find(page.picture, **options)
        if not finding.features:  # rejected before there was a text
            continue
        features.append(finding.features)
        read, true = finding.text, page.text
        right.append(read.upper() == true.upper() if folded else read == true)
    names = list(features[0])
    values = np.array([[one[name] for name in names] for one in features])
    intercept, weights = fit_platt(values, np.array(right))
    plain = Calibration(
        intercept=intercept, weights=dict(zip(names, weights.tolist(), strict=True))
    )
    confidence = np.array([plain.text_probability(one) for one in features])
    return calibrate(
        confidence,
        np.array(right),
        intercept=intercept,
        weights=dict(plain.weights),
        data=f"{len(right)} synthetic lines of kept-back characters",
    )
