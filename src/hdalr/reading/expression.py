r"""The tree of a regular expression: the regular part of the syntax of Python's ``re``.

Allowed are characters, escapes (``\d \w \s \D \W \S`` and a backslash before punctuation),
classes (``[A-F0-9]``, ``[^O]``), ``.``, groups ``(...)`` and ``(?:...)``, ``|``, and the
quantifiers ``?``, ``*``, ``+``, ``{m}``, ``{m,}``, ``{,n}`` and ``{m,n}``. The whole text is meant
always; ``^`` and ``$`` may stand at the ends. All else that ``re`` knows (back references, looking
around, flags, lazy and possessive quantifiers) is refused with its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from hdalr.errors import ParameterError

MAX_LENGTH = 1000  # of a pattern, in characters
MAX_REPEAT = 1000  # of a count in braces
MAX_DEPTH = 50  # of groups in groups

KINDS: dict[str, Callable[[str], bool]] = {
    "d": str.isdecimal,
    "w": lambda character: character.isalnum() or character == "_",
    "D": lambda character: not character.isdecimal(),
    "W": lambda character: not (character.isalnum() or character == "_"),
    "S": lambda character: not character.isspace(),
    ".": lambda character: character != "\n",
}  # \s is the space alone, which is the only one to be written

_BRACES = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}")


@dataclass(frozen=True)
class Symbols:
    r"""One place of the text and what may stand there.

    Attributes
    ----------
    items
        As written: ``(first, last)`` of a range, or the letter of a kind such as ``\d``.
    negated
        Whether all but these may stand there.
    """

    items: tuple[tuple[str, str] | str, ...]
    negated: bool = False

    def allow(self, label: str) -> bool:
        r"""Say whether a label may stand here.

        One of several code points belongs to no range; of a kind, such as ``\w``, it is if its
        first code point is.
        """
        return self.negated != any(
            KINDS[item](label[0])
            if isinstance(item, str)
            else len(label) == 1 and item[0] <= label <= item[1]
            for item in self.items
        )

    @property
    def written(self) -> str | None:
        """The first character as it is written, if it is one: ``-`` of ``[-/]``."""
        first = self.items[0] if self.items else ""
        return None if self.negated or isinstance(first, str) else first[0]


@dataclass(frozen=True)
class Row:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """One or another."""

    branches: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat:
    """Again and again: ``least`` to ``most`` times, without end if ``most`` is None."""

    body: Node
    least: int
    most: int | None


Node = Symbols | Row | Choice | Repeat


def parse_expression(pattern: str) -> Node:
    """Read a regular expression into a tree.

    Parameters
    ----------
    pattern
        At most 1,000 characters.

    Raises
    ------
    ParameterError
        If it is none, or holds what is not allowed here; the message names the place, counted
        from 1.

    Examples
    --------
    >>> parse_expression("a|b?")
    Choice(branches=(Symbols(items=(('a', 'a'),), negated=False), \
Repeat(body=Symbols(items=(('b', 'b'),), negated=False), least=0, most=1)))
    """
    if not isinstance(pattern, str):
        raise ParameterError(f"pattern: {type(pattern).__name__}; expected a string")
    if len(pattern) > MAX_LENGTH:
        raise ParameterError(f"pattern of {len(pattern)} characters; expected at most {MAX_LENGTH}")
    return _Parser(pattern).whole()


class _Parser:
    """Recursive descent; one method for each level of the grammar."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.place = 0
        self.depth = 0

    def whole(self) -> Node:
        if self.pattern.startswith("^"):
            self.place = 1
        node = self.choice()
        if self.place < len(self.pattern):  # choice() stops at a bracket only
            raise self.error("a ) that closes nothing", r"a group before it, or \)")
        return node

    def choice(self) -> Node:
        branches = [self.row()]
        while self.take("|"):
            branches.append(self.row())
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def row(self) -> Node:
        parts = []
        while (character := self.peek()) and character not in "|)":
            if character == "$" and self.place == len(self.pattern) - 1:
                self.place += 1
                break
            parts.append(self.repeat())
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def repeat(self) -> Node:
        node = self.atom()
        counts = self.quantifier()
        if counts is None:
            return node
        if self.peek() in ("?", "*", "+", "{"):
            raise self.error(
                "a second quantifier (lazy and possessive ones included)", "one at each place"
            )
        return Repeat(node, *counts)

    def quantifier(self) -> tuple[int, int | None] | None:
        simple: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
        if (character := self.peek()) in simple:
            self.place += 1
            return simple[character]
        return self.braces() if character == "{" else None

    def braces(self) -> tuple[int, int | None]:
        found = _BRACES.match(self.pattern, self.place)
        if found is None or not (found[1] or found[3]):
            raise self.error("a { without counts", r"{m}, {m,}, {,n} or {m,n}, or \{")
        least = int(found[1] or 0)
        most = int(found[3]) if found[3] else None if found[2] else least
        if max(least, most or 0) > MAX_REPEAT or (most is not None and most < least):
            raise self.error(
                f"the counts {found[0][:20]}", f"0 to {MAX_REPEAT}, the smaller one first"
            )
        self.place = found.end()
        return least, most

    def atom(self) -> Node:
        character = self.pattern[self.place]
        if character == "(":
            return self.group()
        if character == "[":
            return self.symbols()
        if character in "*+?{":
            raise self.error("a quantifier with nothing before it", f"\\{character}")
        if character in "^$":
            raise self.error(
                f"a {character} inside the pattern",
                f"none, since the whole text is meant, or \\{character}",
            )
        if character == "\\":
            return Symbols((self.escape(),))
        self.place += 1
        return Symbols((character if character == "." else (character, character),))

    def group(self) -> Node:
        if self.pattern.startswith("(?", self.place):
            if not self.pattern.startswith("(?:", self.place):
                named = self.pattern[self.place : self.place + 4]
                raise self.error(
                    f"{named!r}, as of looking around, flags or names", "(...) or (?:...)"
                )
            self.place += 2
        opened = self.place
        self.place += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error("groups in groups", f"at most {MAX_DEPTH} deep")
        node = self.choice()
        if not self.take(")"):
            self.place = opened
            raise self.error("a group that is not closed", r"a ) after it, or \(")
        self.depth -= 1
        return node

    def symbols(self) -> Symbols:
        opened = self.place
        self.place += 1
        negated = self.take("^")
        items: list[tuple[str, str] | str] = []
        while not items or self.peek() != "]":  # a ] that comes first is a character
            if not self.peek():
                self.place = opened
                raise self.error("a class that is not closed", r"a ] after it, or \[")
            items.append(self.item())
        self.place += 1
        return Symbols(tuple(items), negated)

    def item(self) -> tuple[str, str] | str:
        started = self.place
        first = self.member()
        if self.peek() != "-" or self.pattern[self.place + 1 : self.place + 2] in ("]", ""):
            return first
        self.place += 1
        last = self.member()
        if isinstance(first, str) or isinstance(last, str) or first[0] > last[0]:
            self.place, ended = started, self.place
            raise self.error(f"the range {self.pattern[started:ended]}", "the first sign first")
        return first[0], last[0]

    def member(self) -> tuple[str, str] | str:
        if (character := self.peek()) == "\\":
            return self.escape()
        self.place += 1
        return character, character

    def escape(self) -> tuple[str, str] | str:
        character = self.pattern[self.place + 1 : self.place + 2]
        if not character:
            raise self.error("a backslash at the end", r"a character after it, or \\")
        if character == "s":
            character = " "
        elif character in KINDS and character != ".":
            self.place += 2
            return character
        elif character.isascii() and character.isalnum():
            what = "a back reference" if character.isdigit() else "an escape that is not known here"
            raise self.error(f"{what}, \\{character}", r"\d \w \s \D \W \S or punctuation")
        self.place += 2
        return character, character

    def peek(self) -> str:
        return self.pattern[self.place : self.place + 1]

    def take(self, character: str) -> bool:
        taken = self.peek() == character
        self.place += taken
        return taken

    def error(self, found: str, right: str) -> ParameterError:
        shown = self.pattern if len(self.pattern) <= 60 else self.pattern[:57] + "..."
        return ParameterError(
            f"pattern {shown!r}, character {self.place + 1}: {found}; expected {right}"
        )
