"""A bundle made of a small net."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.bundles.nets import DIGITS, make_character_net
from torch import nn

from hdalr.bundles import Calibration, Manifest, save_bundle


@pytest.fixture
def character_net() -> nn.Sequential:
    return make_character_net()


@pytest.fixture
def manifest() -> Manifest:
    return Manifest(
        "mine",
        "characters",
        DIGITS,
        rejects=True,
        preprocessing={"name": "normalise_glyphs"},
        merges={"0": ("0", "O")},
        calibration=Calibration(1.5, thresholds=((0.01, 0.875), (0.05, 0.5)), n=90, data="bars"),
        data=({"name": "bars", "licence": "CC0-1.0"},),
        recipe={"recipe": "reader.bars"},
        record={"accuracy": 0.96, "n": 90},
        licence="Apache-2.0",
        limits=("Reads bars alone.",),
    )


@pytest.fixture
def saved(tmp_path: Path, character_net: nn.Sequential, manifest: Manifest) -> Path:
    """The folder of a bundle for characters."""
    save_bundle(tmp_path / "mine", character_net, manifest)
    return tmp_path / "mine"
