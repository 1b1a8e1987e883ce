"""The card: front matter that YAML reads, and the facts in words."""

from __future__ import annotations

import dataclasses

import yaml

from hdalr.bundles import Manifest
from hdalr.bundles.card import write_card


def front_matter(card: str) -> dict[str, object]:
    _, front, _ = card.split("---\n", 2)
    found: dict[str, object] = yaml.safe_load(front)
    return found


def test_the_front_matter_is_yaml_with_the_facts(manifest: Manifest) -> None:
    assert front_matter(write_card(manifest)) == {
        "license": "Apache-2.0",
        "library_name": "hdalr",
        "tags": ["handwriting-recognition", "characters"],
        "datasets": ["bars"],
        "metrics": ["accuracy: 0.9600", "n: 90"],
    }


def test_names_that_yaml_would_misread_are_quoted(manifest: Manifest) -> None:
    hostile = dataclasses.replace(
        manifest, licence="no: {", data=({"name": "- a\n---"}, {"name": "1e5"}), record={}
    )
    found = front_matter(write_card(hostile))
    assert found["license"] == "no: {"
    assert found["datasets"] == ["- a\n---", "1e5"]
    assert "metrics" not in found


def test_the_text_tells_all_sections(manifest: Manifest) -> None:
    card = write_card(manifest)
    for said in (
        "# mine",
        "10 labels, from pictures of 28 x 28 pixels, as `normalise_glyphs` makes them",
        "One more output stands for what is no character.",
        "Merged: 0 for 0 O.",
        "- bars: licence CC0-1.0",
        "- recipe: reader.bars",
        "- accuracy: 0.96",
        "| 1.0% | 0.8750 |",
        "- Reads bars alone.",
        "## Licence\n\nApache-2.0",
    ):
        assert said in card
    assert card.endswith("Apache-2.0\n")


def test_empty_sections_are_left_out() -> None:
    card = write_card(Manifest("bare", "lines", ("0",), picture_shape=(32, None)))
    assert "## Data" not in card
    assert "32 pixels by any width" in card
