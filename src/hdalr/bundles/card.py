"""The card: what a bundle is, for people, with front matter for model hubs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from hdalr.bundles.manifest import Manifest


def write_card(manifest: Manifest) -> str:
    """Write the card of a bundle from its facts.

    Parameters
    ----------
    manifest
        The facts; of ``record`` the numbers become the metrics, of ``data`` the names the data
        sets.

    Returns
    -------
    str
        Markdown with YAML front matter, as model cards have it (Mitchell et al. 2019, "Model
        cards for model reporting").

    Examples
    --------
    >>> print(write_card(Manifest("mine", "characters", ("0", "1"), licence="CC0-1.0"))[:20])
    ---
    license: CC0-1.0
    """
    return "\n".join([*_front_matter(manifest), "", *_text(manifest), ""])


def _front_matter(manifest: Manifest) -> list[str]:
    lines = ["---", f"license: {_yaml(manifest.licence or 'unknown')}", "library_name: hdalr"]
    datasets = [str(one.get("name", "unnamed")) for one in manifest.data]
    metrics = [f"{name}: {value}" for name, value in _numbers(manifest.record)]
    lists = {"tags": ["handwriting-recognition", manifest.kind]}
    lists |= {"datasets": datasets, "metrics": metrics}
    for name, items in lists.items():
        if items:
            lines += [f"{name}:", *(f"- {_yaml(item)}" for item in items)]
    return [*lines, "---"]


def _text(manifest: Manifest) -> list[str]:
    return [
        f"# {manifest.name}",
        "",
        _summary(manifest),
        *_section("Labels", [" ".join(manifest.labels), *_merges(manifest)]),
        *_section("Data", _items(map(_describe_data, manifest.data))),
        *_section("Recipe", _items(f"{name}: {_plain(v)}" for name, v in manifest.recipe.items())),
        *_section("Record", _items(f"{name}: {_plain(v)}" for name, v in manifest.record.items())),
        *_section("Calibration", _calibration(manifest)),
        *_section("Limits", _items(manifest.limits)),
        *_section("Licence", [manifest.licence or "not stated"]),
    ]


def _summary(manifest: Manifest) -> str:
    height, width = manifest.picture_shape
    size = f"{height} pixels by any width" if width is None else f"{height} x {width} pixels"
    reads = "one character" if manifest.kind == "characters" else "a line of characters"
    rejects = " One more output stands for what is no character." if manifest.rejects else ""
    made = manifest.preprocessing.get("name", "")
    return (
        f"A net that reads {reads} of handwriting: {len(manifest.labels)} labels, from pictures "
        f"of {size}{f', as `{made}` makes them' if made else ''}.{rejects} "
        f"Made by {manifest.created_by or 'an unknown program'}."
    )


def _merges(manifest: Manifest) -> list[str]:
    if not manifest.merges:
        return []
    groups = ", ".join(f"{label} for {' '.join(all_)}" for label, all_ in manifest.merges.items())
    return ["", f"Merged: {groups}."]


def _describe_data(data: Mapping[str, Any]) -> str:
    facts = ", ".join(f"{key} {_plain(value)}" for key, value in data.items() if key != "name")
    return f"{data.get('name', 'unnamed')}: {facts}" if facts else str(data.get("name", "unnamed"))


def _calibration(manifest: Manifest) -> list[str]:
    calibration = manifest.calibration
    lines = [f"Temperature {calibration.temperature:.3f}."]
    if calibration.data:
        lines[0] += f" Fitted on {calibration.data} ({calibration.n:,} readings)."
    if calibration.thresholds:
        lines += ["", "| error of what is accepted | confidence from |", "|---:|---:|"]
        lines += [
            f"| {rate:.1%} | {'never' if start is None else f'{start:.4f}'} |"
            for rate, start in calibration.thresholds
        ]
    return lines


def _section(title: str, lines: Iterable[str]) -> list[str]:
    body = list(lines)
    return ["", f"## {title}", "", *body] if body else []


def _items(lines: Iterable[str]) -> list[str]:
    return [f"- {line}" for line in lines]


def _numbers(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, f"{value:.4f}" if isinstance(value, float) else str(value))
        for name, value in record.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.6g}"
    return json.dumps(value, ensure_ascii=False)


def _yaml(text: str) -> str:
    """The text as a YAML scalar: plain where it cannot be misread, else quoted as in JSON."""
    plain = text.replace("-", "").replace(".", "").replace(" ", "").isalnum()
    return text if plain and text[:1].isalpha() else json.dumps(text, ensure_ascii=False)
