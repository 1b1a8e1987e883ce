"""The bundles that ship, as data: what each reads, learns from and how long.

``hdalr train readers.NAME -o FOLDER`` makes one anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ALPHANUMERIC = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
DIGITS = ALPHANUMERIC[:10]
# The spelling of DHCD's 46 classes: consonants, three conjuncts, digits.
DEVANAGARI = (*"कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह", "क्ष", "त्र", "ज्ञ", *"०१२३४५६७८९")


@dataclass(frozen=True)
class ReaderRecipe:
    """All that is needed to train a bundle.

    Attributes
    ----------
    name, title
        E.g. ``"readers.strings"``, ``"characters in a line"``.
    kind
        ``"characters"``: one character a picture. ``"lines"``: a line a picture, by CTC.
    labels
        What the net tells apart.
    data
        Data sets whose train parts it learns from: names that `hdalr data list` shows, or
        ``emnist-union``, ``emnist/emnist-union.npz`` in the data folder.
    judged_on
        Data sets whose test parts it is judged on; empty: those of `data`. MNIST's test part
        overlaps EMNIST's digits: what learned from these is not judged on it.
    foreign
        Data sets of other scripts: examples of what is no character here.
    look_alikes
        Labels of `foreign` that look like one of ours, and are left out.
    parameters
        Steps, batch size, learning rate, width of the net, shares of what is drawn; see
        `hdalr.training.readers`.
    licence
        Of the weights.
    licences
        Of the data sets, as a sentence.
    limits
        What it cannot do, a sentence each.
    source
        Where the method comes from.
    """

    name: str
    title: str
    kind: Literal["characters", "lines"]
    labels: tuple[str, ...]
    data: tuple[str, ...]
    parameters: Mapping[str, Any]
    source: str
    licence: str = "CC-BY-SA-4.0"
    licences: str = ""
    judged_on: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    look_alikes: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    assumed: tuple[str, ...] = field(default=())

    def describe(self) -> dict[str, Any]:
        """What fixes the outcome, as plain JSON values."""
        return {
            "recipe": self.name,
            "kind": self.kind,
            "labels": len(self.labels),
            "data": list(self.data),
            "foreign": list(self.foreign),
            "parameters": dict(self.parameters),
        }


LATIN_LICENCES = (
    "EMNIST: NIST, public domain (Cohen et al. 2017); MNIST: CC BY-SA 3.0; DHCD, of which "
    "characters serve as examples of another script: CC BY 4.0"
)
SYNTHETIC = "made by synthesis from single characters; no form, cheque or photo was learned from"
CHARACTER_SOURCE = (
    "residual convolutions (He et al. 2016), label smoothing (Szegedy et al. 2016), elastic "
    "distortion (Simard et al. 2003), a class for what is no character"
)

RECIPES: dict[str, ReaderRecipe] = {
    recipe.name: recipe
    for recipe in (
        ReaderRecipe(
            "readers.digits",
            "single digits",
            "characters",
            DIGITS,
            ("emnist-union", "mnist"),
            {
                "steps": 5000,
                "batch_size": 128,
                "learning_rate": 2e-3,
                "width": 36,
                "drawn": 0.2,
                "widened": 0.3,
            },
            CHARACTER_SOURCE,
            licence="CC-BY-SA-3.0",
            licences=LATIN_LICENCES,
            judged_on=("emnist-union",),
            foreign=("devanagari", "emnist-union"),
            look_alikes=(
                *("digit_0", "०", "O", "o", "D", "Q", "l", "I", "i", "L", "Z", "z", "S", "s"),
                *("b", "g", "q", "B", "G", "T", "J", "A", "Y", "y", "a", "h", "t", "f", "F", "r"),
            ),
            limits=(
                "Digits only: a letter that looks like a digit is read as that digit.",
                "Its training digits overlap MNIST's test part, so it reports no MNIST figure.",
            ),
        ),
        ReaderRecipe(
            "readers.characters",
            "single digits and letters",
            "characters",
            ALPHANUMERIC,
            ("emnist-union",),
            {"steps": 9000, "batch_size": 128, "learning_rate": 2e-3, "width": 42},
            CHARACTER_SOURCE,
            licence="CC-BY-SA-4.0",
            licences=LATIN_LICENCES,
            foreign=("devanagari",),
            look_alikes=("०",),
            limits=(
                "Capitals and small letters of one shape (C/c, O/o, S/s ...) are told apart by "
                "nothing but chance, and 0/O, 1/I/l hardly at all, when seen alone.",
                "No accents, no punctuation, no joined writing.",
            ),
        ),
        ReaderRecipe(
            "readers.strings",
            "digits and letters in a line",
            "lines",
            ALPHANUMERIC,
            ("emnist-union", "mnist"),
            {
                "steps": 20000,
                "batch_size": 32,
                "learning_rate": 2e-3,
                "width": 32,
                "digits_only": 0.65,
            },
            "CTC (Graves et al. 2006) over convolutions alone (Zhan et al. 2018)",
            licence="CC-BY-SA-3.0",
            licences=LATIN_LICENCES,
            judged_on=("emnist-union",),
            limits=(
                f"Lines {SYNTHETIC}.",
                "Separate or touching characters; joined writing (cursive) is not read.",
                "Punctuation is passed over, never read; a pattern can put it back.",
            ),
        ),
        ReaderRecipe(
            "readers.devanagari",
            "single Devanagari consonants and digits",
            "characters",
            DEVANAGARI,
            ("devanagari",),
            {"steps": 4500, "batch_size": 128, "learning_rate": 2e-3, "width": 42, "drawn": 0.0},
            CHARACTER_SOURCE,
            licence="CC-BY-4.0",
            licences="DHCD: CC BY 4.0 (Acharya, Pant, Gyawali 2015); EMNIST: public domain",
            foreign=("emnist-union",),
            look_alikes=("0", "O", "o", "1", "l", "I", "7", "8", "9", "3", "6", "2", "4", "5"),
            limits=(
                "36 consonants and conjuncts and 10 digits; no vowels, vowel signs or other "
                "conjuncts: Hindi, Marathi or Nepali words cannot be read.",
                "Strings of digits are read by cutting them; touching ones often fail.",
            ),
        ),
    )
}
