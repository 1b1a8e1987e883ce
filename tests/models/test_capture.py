"""Steps that are replayed on a GPU: as the same steps one by one, and gone on with after a stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdalr.datasets import fetch_dataset
from hdalr.models._training import Progress
from hdalr.models.annealed import AnnealedClassifier
from hdalr.models.annealing import Annealing
from hdalr.models.convolution_stack import ConvolutionStack
from hdalr.models.distortion import Distortion
from hdalr.models.multilayer_perceptron import MultilayerPerceptron
from hdalr.models.sweeps import SweepNetwork

pytestmark = pytest.mark.gpu

DIGITS = fetch_dataset("digits").limited(600)
IMAGES, LABELS = DIGITS.train_images, DIGITS.train_labels
STRONG = Distortion(rotation_degrees=10, zoom=0.1, shear=0.1, shift_px=1.0, elastic_px=0.5)
BRIEF = Annealing(epochs=8, batch_size=16, distortion=STRONG)
MODELS = [
    ConvolutionStack("16c3-p2-32c3-d10", training=BRIEF, device="cuda"),
    MultilayerPerceptron((64, 64), dropout=0.1, training=BRIEF, device="cuda"),
    SweepNetwork(24, n_layers=1, training=BRIEF, device="cuda"),
]


class Stop(Exception):
    """Ends a training from the outside."""


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_replayed_steps_are_the_same_steps(
    model: AnnealedClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    replayed = losses(model.fit(IMAGES, LABELS))
    proba = model.predict_proba(DIGITS.test_images)
    monkeypatch.setattr(AnnealedClassifier, "captured", False)
    one_by_one = losses(model.fit(IMAGES, LABELS))
    np.testing.assert_allclose(replayed, one_by_one, atol=0.001)
    assert np.abs(proba - model.predict_proba(DIGITS.test_images)).mean() < 0.02


def test_a_stopped_training_goes_on(tmp_path: Path) -> None:
    def stop(now: Progress) -> None:
        if now.epoch == 5:
            raise Stop

    model, checkpoint = MODELS[0], tmp_path / "net.safetensors"
    whole = losses(model.fit(IMAGES, LABELS))
    with pytest.raises(Stop):
        model.fit(IMAGES, LABELS, checkpoint=checkpoint, on_progress=stop)
    resumed = losses(model.fit(IMAGES, LABELS, checkpoint=checkpoint))
    np.testing.assert_allclose(resumed, whole, atol=0.001)


def losses(model: Any) -> np.ndarray:
    return np.array([entry["loss"] for entry in model.learning_curve_])
