from __future__ import annotations

import numpy as np
import pytest

from hdalr.bundles import load_bundle
from hdalr.datasets import load_dataset
from hdalr.datasets.emnist_union import from_dataset
from hdalr.images.synthetic.lines import MARKS, GlyphStore
from hdalr.training import texts
from hdalr.training.texts import MODES, Mode, calibrate_texts, draw_page

DIGITS = load_dataset("digits")
HELD, _ = from_dataset(DIGITS)


def test_a_page_says_its_text_without_marks() -> None:
    store = GlyphStore(DIGITS.train_images, DIGITS.train_labels, DIGITS.classes)
    pages = [draw_page(store, 1.0, np.random.default_rng(seed)) for seed in range(40)]
    assert not any(set(page.text) & MARKS for page in pages)
    assert any(not page.text for page in pages)
    assert all(page.picture.dtype == np.uint8 for page in pages)


def test_every_mode_is_one_that_bundles_know() -> None:
    strings = load_bundle("strings").calibration
    assert set(MODES) == {"", *strings.modes}


def test_each_mode_is_calibrated_with_the_bundle_that_reads_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = MODES["digits"].options
    modes = {"": Mode(1.0, options, "characters", 9), "digits": Mode(1.0, options, "digits", 9)}
    monkeypatch.setattr(texts, "MODES", modes)
    strings = load_bundle("strings")
    calibration = calibrate_texts(strings, HELD, n=40)
    assert calibration.weights
    assert 20 < calibration.modes["digits"].n <= 40
    monkeypatch.setattr(texts, "MODES", modes | {"digits": Mode(1.0, options, "characters", 9)})
    other = calibrate_texts(strings, HELD, n=40)
    assert other.weights == calibration.weights
    assert other.modes["digits"].weights != calibration.modes["digits"].weights
