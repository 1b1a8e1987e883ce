"""Characters that no shipped net has learnt from: EMNIST's test part, in the data folder."""

from __future__ import annotations

from recording import require_data

from hdalr.datasets.emnist_union import PartlyLabelled, load_union
from hdalr.images.glyph import normalise_glyphs
from hdalr.images.synthetic.lines import GlyphStore
from hdalr.reading.forms.filling import Glyphs

NAME = "EMNIST union, test part"


def load_held_out() -> PartlyLabelled:
    """The test part of ``emnist/emnist-union.npz``; the program ends if there is no such file."""
    folder = require_data("emnist/emnist-union.npz")
    _, test = load_union(folder / "emnist" / "emnist-union.npz")
    return test


def held_out_glyphs() -> Glyphs:
    """Pictures of each character, as they are."""
    test = load_held_out()
    images, labels = test.known()
    return {
        character: images[labels == number]
        for number, character in enumerate(test.characters)
        if (labels == number).any()
    }


def held_out_store() -> GlyphStore:
    """Characters to write lines with, of one stroke width as in training."""
    test = load_held_out()
    images, labels = test.known()
    return GlyphStore(normalise_glyphs(list(images)), labels, test.characters)
