"""What the confidence of a whole text is worth: fitted on synthetic lines read by the Reader.

The lines are written with kept-back characters and photographed as in training, then read through
the very door that a user's picture comes through.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hdalr.bundles import Bundle, Calibration
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

MODES: Mapping[str, tuple[float, Options]] = {  # share of digit lines, and how they are read
    "": (0.5, {"alphabet": "alphanumeric", "layout": "line"}),
    "folded": (0.3, {"alphabet": "alphanumeric", "case": "upper", "layout": "line"}),
    "digits": (1.0, {"alphabet": "digits", "layout": "line"}),
}


@dataclass(frozen=True, eq=False)
class Page:
    """A synthetic picture of a line, and what is to be read on it."""

    picture: Picture
    text: str


def calibrate_texts(
    lines: Bundle, characters: Bundle, held: PartlyLabelled, *, n: int = 1500, random_state: int = 0
) -> Calibration:
    """Fit the logistic map and the thresholds of a bundle for lines, for each mode.

    Parameters
    ----------
    lines, characters
        The bundles that read together.
    held
        Characters that neither has learned from.
    n
        Lines a mode.
    random_state
        Seed of the lines.

    Returns
    -------
    Calibration
        For the bundle ``lines``: digits and letters; under ``modes``, ``"folded"`` and
        ``"digits"``.
    """
    reader = Reader([lines, characters])
    images, labels = held.known()
    store = GlyphStore(normalise_glyphs(list(images)), labels, held.characters)
    fitted = {}
    for number, (mode, (digits_only, options)) in enumerate(MODES.items()):
        rng = np.random.default_rng((random_state, number))
        pages = [draw_page(store, digits_only, rng) for _ in range(n)]
        fitted[mode] = _fit(reader, pages, options, folded=mode == "folded")
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
