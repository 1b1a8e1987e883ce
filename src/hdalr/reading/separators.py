"""Separators: characters that a pattern or a word writes though the picture need not show them.

A net for letters and digits cannot see the hyphen of ``12345-6789``. Where such a character is
demanded, and is not in the alphabet, it is *silent*: reading passes over it and writes it.
"""

from __future__ import annotations

import unicodedata


def is_separator(character: str) -> bool:
    """Say whether a character is punctuation, a symbol or a space, and so may be silent.

    Letters and digits are never silent: text that demands one which is not in the alphabet does
    not fit.

    Examples
    --------
    >>> [is_separator(character) for character in "-/ .A7"]
    [True, True, True, True, False, False]
    """
    return unicodedata.category(character)[0] in "PSZ" and character not in "\u2028\u2029"


def is_silent(character: str, alphabet: frozenset[str]) -> bool:
    """Say whether a character is a separator that occurs in no label of the alphabet.

    Parameters
    ----------
    character
        One code point.
    alphabet
        The code points of all labels.
    """
    return character not in alphabet and is_separator(character)
