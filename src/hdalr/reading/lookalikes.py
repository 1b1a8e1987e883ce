"""Characters that no one can tell apart in writing without their neighbours.

Letters whose two cases have one form are those that EMNIST merges (Cohen et al. 2017, section
II.B), without i and l; the rest are digits and letters that are written alike.
"""

from __future__ import annotations

LOOKALIKES = (
    "0Oo",
    "1Il",
    "2Zz",
    "5Ss",
    "6b",
    "9gq",
    "Cc",
    "Jj",
    "Kk",
    "Mm",
    "Pp",
    "Uu",
    "Vv",
    "Ww",
    "Xx",
    "Yy",
)
CLASS_OF = {character: group for group in LOOKALIKES for character in group}
_FIRST = str.maketrans({character: group[0] for group in LOOKALIKES for character in group})


def merge_lookalikes(text: str) -> str:
    """Write the first of its class for each character, so that look-alikes compare as equal.

    Examples
    --------
    >>> merge_lookalikes("Zlot") == merge_lookalikes("2I0t")
    True
    >>> merge_lookalikes("a") == merge_lookalikes("A")
    False
    """
    return text.translate(_FIRST)


def lookalikes_of(character: str) -> str:
    """The characters of its class, itself included.

    Examples
    --------
    >>> lookalikes_of("O"), lookalikes_of("A")
    ('0Oo', 'A')
    """
    return CLASS_OF.get(character, character)
