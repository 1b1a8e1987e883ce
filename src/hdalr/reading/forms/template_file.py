"""The file of a template: JSON or YAML, read within bounds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from hdalr.errors import DataError
from hdalr.reading.forms.parsing import build_template
from hdalr.reading.forms.template import Template
from hdalr.storage import read_limited

MAX_BYTES = 200_000  # a form of 500 fields takes half of it
MAX_DEPTH = 8  # a template needs four
SUFFIXES = (".json", ".yaml", ".yml")


def load_template(path: Path | str) -> Template:
    """Read a template from a JSON or YAML file and check all of it.

    Parameters
    ----------
    path
        A file that ends in ``.json``, ``.yaml`` or ``.yml``, at most 200,000 bytes of UTF-8.
        Files it names (a picture, a lexicon) are looked for from its own folder.

    Returns
    -------
    Template
        With all measures in millimetres.

    Raises
    ------
    DataError
        If the file cannot be read, is no JSON or YAML, holds aliases, anchors or tags, or does not
        describe a form; the message names the file, the field, the value and what would be right.
    """
    path = Path(path)
    where = str(path)
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(f"{where}: a template's name should end in {', '.join(SUFFIXES)}")
    text = _read(path)
    content = _parse_json(text, where) if path.suffix.lower() == ".json" else _parse(text, where)
    return build_template(content, where, path.parent)


def _read(path: Path) -> str:
    try:
        if not path.is_file():
            raise DataError(f"{path}: no such file; expected a form's template")
    except OSError as error:  # such as too long a name
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    content = read_limited(path, MAX_BYTES, "a form's template")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: no UTF-8 text at byte {error.start}") from error


def _parse_json(text: str, where: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_mapping)
    except RecursionError as error:
        raise DataError(f"{where}: nested too deeply; a template needs four levels") from error
    except ValueError as error:
        raise DataError(f"{where}: no JSON: {error}") from error


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key, value in pairs:
        if key in mapping:
            raise ValueError(f"the key {key!r} stands twice")
        mapping[key] = value
    return mapping


def _parse(text: str, where: str) -> Any:
    try:
        return yaml.load(text, Loader=_PlainLoader)  # a SafeLoader, narrowed
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{where}: no YAML that a template may hold: {reason}") from error


class _PlainLoader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML without aliases (ten lines of them can stand for gigabytes), tags and depth."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        if event.anchor or event.tag:  # an alias has an anchor; a tag may build what it likes
            raise yaml.YAMLError(
                "aliases (*name), anchors (&name) and tags (!name) are not allowed; write the "
                "value out"
            )
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.YAMLError("nested too deeply; a template needs four levels")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        mapping = dict(super().construct_mapping(node, deep))
        if len(mapping) < len(node.value):
            raise yaml.YAMLError(f"a key stands twice in the mapping at{node.start_mark}")
        return mapping
