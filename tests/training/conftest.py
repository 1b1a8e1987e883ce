"""Recipes small enough to be trained in a moment, on the bundled digits."""

from __future__ import annotations

import dataclasses

import pytest

from hdalr.recipes import RECIPES
from hdalr.training import bundling, readers

BRIEF = {"steps": 2, "batch_size": 8, "learning_rate": 1e-3, "width": 6, "digits_only": 1.0}


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every recipe brief, and learn from the bundled digits alone."""
    for name, recipe in bundling.READERS.items():
        small = dataclasses.replace(
            recipe, data=("digits",), foreign=(), judged_on=(), parameters=BRIEF
        )
        monkeypatch.setitem(bundling.READERS, name, small)
    small_net = {"channels": (4,), "pools": 1, "n_dense": 8, "n_outputs": 47, "epochs": 2}
    cnn = dataclasses.replace(RECIPES["paper.cnn"], parameters=small_net, demo={})
    monkeypatch.setitem(bundling.RECIPES, "paper.cnn", cnn)
    monkeypatch.setattr(readers, "N_PRIOR_BATCHES", 4)
    monkeypatch.setattr(bundling, "N_HELD", 256)
    monkeypatch.setattr(bundling, "N_DISTORTED", 128)
    monkeypatch.setattr(bundling, "N_LINES", 3)
