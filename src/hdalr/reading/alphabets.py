"""The alphabets that one can ask for by name: which labels a text is made of."""

from __future__ import annotations

import string
from collections.abc import Sequence

from hdalr.errors import ParameterError, UnknownNameError

DEVANAGARI_DIGITS = tuple("०१२३४५६७८९")
CONSONANTS = (*"कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह", "क्ष", "त्र", "ज्ञ")

# In the order of the classes of EMNIST and, for Devanagari, of DHCD. A label is one character as
# a reader sees it; the last three consonants are conjuncts of three code points.
ALPHABETS: dict[str, tuple[str, ...]] = {
    "digits": tuple(string.digits),
    "upper": tuple(string.ascii_uppercase),
    "lower": tuple(string.ascii_lowercase),
    "letters": tuple(string.ascii_uppercase + string.ascii_lowercase),
    "alphanumeric": tuple(string.digits + string.ascii_uppercase + string.ascii_lowercase),
    "hexadecimal": tuple("0123456789ABCDEFabcdef"),
    "devanagari-digits": DEVANAGARI_DIGITS,
    "devanagari": (*CONSONANTS, *DEVANAGARI_DIGITS),
}

OWN = "chars:"  # what the name of an alphabet of one's own begins with
MAX_OWN = 1000  # characters in it


def find_alphabet(name: str) -> tuple[str, ...]:
    """Find the labels of an alphabet.

    Parameters
    ----------
    name
        A name of `ALPHABETS`, or ``chars:`` and the characters themselves, one code point each.

    Returns
    -------
    labels
        Each a character; in ``devanagari`` three of them have several code points.

    Raises
    ------
    UnknownNameError
        If there is no such alphabet; it lists those that exist.
    ParameterError
        If ``chars:`` is followed by nothing, by characters that cannot be seen, or by more than
        1,000.

    Examples
    --------
    >>> "".join(find_alphabet("hexadecimal"))
    '0123456789ABCDEFabcdef'
    >>> find_alphabet("chars:ABBA")
    ('A', 'B')
    """
    if name.startswith(OWN):
        return _own(name.removeprefix(OWN))
    if name not in ALPHABETS:
        raise UnknownNameError("alphabet", name, [*ALPHABETS, f"{OWN}ABC..."])
    return ALPHABETS[name]


def check_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Check that labels are different strings of at least one character, and give them.

    Raises
    ------
    ParameterError
        If there are none, or if they are not as they should be.

    Examples
    --------
    >>> check_labels("abc")
    ('a', 'b', 'c')
    """
    checked = tuple(labels)
    if not checked or not all(isinstance(label, str) and label for label in checked):
        raise ParameterError(f"labels {checked[:5]}: expected strings of a character or more")
    if len(set(checked)) < len(checked):
        twice = next(label for label in checked if checked.count(label) > 1)
        raise ParameterError(f"label {twice!r} is there twice; expected different ones")
    return checked


def _own(characters: str) -> tuple[str, ...]:
    if not characters or len(characters) > MAX_OWN:
        raise ParameterError(
            f"alphabet {OWN}...: {len(characters)} characters; expected 1 to {MAX_OWN}"
        )
    for character in characters:
        if character.isspace() or not character.isprintable():
            raise ParameterError(
                f"alphabet {OWN}...: U+{ord(character):04X} cannot be seen; "
                "expected characters that are written"
            )
    return tuple(dict.fromkeys(characters))
