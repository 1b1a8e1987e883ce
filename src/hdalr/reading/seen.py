"""What the nets saw of a picture: their own input, to show why a reading is what it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hdalr.images.batch import Images
from hdalr.images.glyph import main_parts, normalise_glyphs
from hdalr.images.ink import ink_of
from hdalr.images.layout import unite
from hdalr.images.line import normalise_line
from hdalr.images.picture import Picture
from hdalr.images.rules import remove_rules
from hdalr.reading.result import Reading


@dataclass(frozen=True, eq=False)
class Seen:
    """The input of the nets, ink bright on dark.

    Attributes
    ----------
    line
        uint8, shape (32, width): what the string net saw of the characters of a line; None if
        there are fewer than two. Of several lines all are in it.
    characters
        uint8, shape (n_characters, 28, 28): each character as the character net sees it.
    """

    line: Picture | None
    characters: Images


def see(picture: Picture, reading: Reading) -> Seen:
    """Make the nets' input once more, from a picture and its reading.

    Parameters
    ----------
    picture
        uint8, shape (height, width), as it was read.
    reading
        What `hdalr.Reader.read` gave for it.
    """
    boxes = [character.box for character in reading.characters]
    ink = ink_of(picture)
    if len(boxes) < 2:
        return Seen(None, normalise_glyphs([main_parts(box.cut(ink)) for box in boxes]))
    line = normalise_line(np.ascontiguousarray(unite(np.array(boxes)).cut(ink)))
    bare = remove_rules(ink)
    return Seen(line, normalise_glyphs([main_parts(box.cut(bare)) for box in boxes]))
