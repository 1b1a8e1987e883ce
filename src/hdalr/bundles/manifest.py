"""The manifest, ``bundle.json``: what a bundle reads, how, and where it comes from."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from hdalr.bundles.calibration import Calibration
from hdalr.errors import DataError

FORMAT = 1
KINDS = ("characters", "lines")
MAX_LABELS = 20_000
MAX_LABEL_LENGTH = 16  # code points: a conjunct of Devanagari has three to five
MAX_SIDE_PX = 256
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
JOINERS = "\u200c\u200d"  # in the spelling of conjuncts; not printable, yet harmless


@dataclass(frozen=True)
class Manifest:
    """All facts of a bundle.

    Attributes
    ----------
    name
        Letters, digits, ``.``, ``_`` and ``-``.
    kind
        ``"characters"``: a picture is one character, the logits are (n, n_outputs).
        ``"lines"``: a picture is a line, the logits are (n, n_frames, n_outputs).
    labels
        What the outputs stand for, a character each; of a conjunct several code points.
    rejects
        Of characters: whether one more output, the last, stands for what is no character.
    picture_shape
        Height and width in pixels of the net's input; a width of None stands for any.
    preprocessing
        ``{"name": function, ...}``: what made the pictures that the net learned from.
    merges
        Labels that stand for several characters: label to all of these.
    calibration
        See `hdalr.bundles.Calibration`.
    data
        What the net learned from and was judged on, a dict each: ``name``, ``licence``, ...
    recipe, record
        How the net was trained, and what it reached.
    licence
        Of the weights, as an SPDX identifier.
    limits
        What the bundle cannot do, a sentence each.
    created_by
        Program and version.
    architecture
        The layers, as `hdalr.bundles.architecture.describe_net` gives them.
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    rejects: bool = False
    picture_shape: tuple[int, int | None] = (28, 28)
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    merges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calibration: Calibration = field(default_factory=Calibration)
    data: tuple[Mapping[str, Any], ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""
    limits: tuple[str, ...] = ()
    created_by: str = ""
    architecture: tuple[Mapping[str, Any], ...] = ()

    @property
    def n_outputs(self) -> int:
        """How many outputs the net has: the labels, and one for no character or the blank."""
        return len(self.labels) + (self.kind == "lines" or self.rejects)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, from which `from_json` makes an equal manifest.

        Raises
        ------
        DataError
            If a fact holds what JSON cannot: an array, NaN, an infinity.
        """
        facts = {one.name: getattr(self, one.name) for one in dataclasses.fields(self)}
        facts["calibration"] = self.calibration.to_json()
        try:
            text = json.dumps({"format": FORMAT, **facts}, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"manifest of {self.name!r:.80}: {error}; expected plain numbers, texts and lists"
            ) from error
        content: dict[str, Any] = json.loads(text)
        return content

    @classmethod
    def from_json(cls, content: Any, where: str = "bundle.json") -> Self:
        """Check and take what `to_json` gave.

        Raises
        ------
        DataError
            If a field is missing, unknown in its form, or contradicts another.
        """
        if not isinstance(content, dict):
            raise DataError(f"{where}: a {type(content).__name__}; expected an object")
        found = content.get("format")
        if found != FORMAT or isinstance(found, bool):
            raise DataError(f"{where}: format {found!r:.60}; expected format {FORMAT}")
        missing = [one.name for one in dataclasses.fields(cls) if one.name not in content]
        if missing:
            raise DataError(f"{where}: lacks {', '.join(missing)}")
        for name, check in CHECKS.items():
            expected = check(content[name])
            if expected:
                raise DataError(f"{where}: {name} is {content[name]!r:.80}; expected {expected}")
        if content["kind"] == "lines" and content["rejects"]:
            raise DataError(f"{where}: rejects is true for lines; expected false")
        unknown = sorted(set(content["merges"]) - set(content["labels"]))
        if unknown:
            raise DataError(f"{where}: merges of {unknown[0]!r:.40}; expected labels alone")
        facts = {one.name: content[one.name] for one in dataclasses.fields(cls)}
        for name in ("labels", "picture_shape", "data", "limits", "architecture"):
            facts[name] = tuple(facts[name])
        facts["merges"] = {label: tuple(all_) for label, all_ in facts["merges"].items()}
        facts["calibration"] = Calibration.from_json(
            content["calibration"], f"{where}, calibration"
        )
        return cls(**facts)


def read_json(text: bytes, where: str) -> Any:
    """Parse JSON without the numbers that JSON does not have.

    Raises
    ------
    DataError
        If the text is no JSON, holds NaN or an infinity, or is nested too deep.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: no JSON: {str(error)[:120]}; expected UTF-8 and JSON") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"the number {name}")


def _is_text(value: Any, longest: int) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= longest
        and all(one.isprintable() or one in JOINERS for one in value)
    )


def _check_labels(value: Any) -> str:
    if (
        isinstance(value, list)
        and 0 < len(value) <= MAX_LABELS
        and all(_is_text(label, MAX_LABEL_LENGTH) for label in value)
        and len(set(value)) == len(value)
    ):
        return ""
    return f"1 to {MAX_LABELS} different labels of 1 to {MAX_LABEL_LENGTH} printable characters"


def _check_shape(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        height, width = value
        if _is_side(height) and (width is None or _is_side(width)):
            return ""
    return f"[height, width] of 1 to {MAX_SIDE_PX} pixels, a width of null for any"


def _is_side(value: Any) -> bool:
    return type(value) is int and 0 < value <= MAX_SIDE_PX


def _check_merges(value: Any) -> str:
    whole = isinstance(value, dict) and all(
        isinstance(stands_for, list) and all(_is_text(one, MAX_LABEL_LENGTH) for one in stands_for)
        for stands_for in value.values()
    )
    return "" if whole else "labels to lists of the characters that they stand for"


def _a(kind: type, expected: str) -> Callable[[Any], str]:
    return lambda value: "" if isinstance(value, kind) else expected


def _list_of(kind: type, expected: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        whole = isinstance(value, list) and all(isinstance(one, kind) for one in value)
        return "" if whole else expected

    return check


def _check_name(value: Any) -> str:
    fits = isinstance(value, str) and NAME.fullmatch(value)
    return "" if fits else "at most 60 letters, digits, dots, dashes and underscores"


CHECKS: dict[str, Callable[[Any], str]] = {  # field: what was expected, or "" where all is well
    "name": _check_name,
    "kind": lambda value: "" if value in KINDS else " or ".join(KINDS),
    "labels": _check_labels,
    "rejects": _a(bool, "true or false"),
    "picture_shape": _check_shape,
    "preprocessing": _a(dict, "an object"),
    "merges": _check_merges,
    "data": _list_of(dict, "a list of objects"),
    "recipe": _a(dict, "an object"),
    "record": _a(dict, "an object"),
    "licence": _a(str, "text"),
    "limits": _list_of(str, "a list of sentences"),
    "created_by": _a(str, "text"),
    "architecture": _list_of(dict, "a list of layers"),
}
