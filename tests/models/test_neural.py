"""The nets as estimators, and the loop that trains them all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hdalr.errors import DataError, NotApplicableError, ParameterError, StorageError
from hdalr.models._training import Progress
from hdalr.models.ann import NeuralNetwork
from hdalr.models.augmentation import Augmentation
from hdalr.models.convolutional import ConvolutionalNetwork
from hdalr.models.neural import NeuralClassifier
from hdalr.models.recurrent import RecurrentNetwork

RNG = np.random.default_rng(0)
LABELS = np.repeat([0, 1, 2], 12)
IMAGES = RNG.integers(0, 60, (36, 8, 8), dtype=np.uint8)
for _image, _label in zip(IMAGES, LABELS, strict=True):
    _image[1 + 2 * _label] += np.uint8(180)
FIT = (IMAGES[::2], LABELS[::2])
HELD_OUT = (IMAGES[1::2], LABELS[1::2])


def small_net(**settings: Any) -> ConvolutionalNetwork:
    small = {"channels": (4,), "pools": 1, "n_dense": 8, "batch_size": 5, "device": "cpu"}
    return ConvolutionalNetwork(**(small | settings))


def weights(model: NeuralClassifier) -> list[np.ndarray]:
    return [parameter.detach().numpy().copy() for parameter in model.net_.parameters()]


def same(first: list[np.ndarray], second: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


class Killed(Exception):
    """Stands for a kill in the middle of a training."""


def stop_in_epoch(number: int) -> Any:
    def stop(progress: Progress) -> None:
        if progress.epoch == number and progress.loss > 0:
            raise Killed

    return stop


def test_same_seed_same_weights_and_another_seed_others() -> None:
    first, again = (small_net(dropout=0.3).fit(*FIT) for _ in range(2))
    assert same(weights(first), weights(again))
    assert not same(weights(first), weights(small_net(dropout=0.3, random_state=1).fit(*FIT)))


def test_training_leaves_torch_random_state_as_it_was() -> None:
    before = torch.random.get_rng_state()
    small_net().fit(*FIT)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_a_killed_run_goes_on_to_the_same_weights(tmp_path: Path, optimizer: str) -> None:
    settings: dict[str, Any] = {"epochs": 4, "optimizer": optimizer, "dropout": 0.3}
    settings["augmentation"] = Augmentation(rotation_degrees=5)
    whole = small_net(**settings).fit(*FIT, validation=HELD_OUT)
    path = tmp_path / "net.safetensors"
    with pytest.raises(Killed):
        small_net(**settings).fit(
            *FIT, validation=HELD_OUT, checkpoint=path, on_progress=stop_in_epoch(3)
        )
    seen: list[int] = []
    resumed = small_net(**settings).fit(
        *FIT, validation=HELD_OUT, checkpoint=path, on_progress=lambda p: seen.append(p.epoch)
    )
    assert same(weights(whole), weights(resumed))
    assert min(seen) == 3
    assert resumed.resumed_seconds_ > 0
    keep = ("epoch", "loss", "accuracy", "validation_loss", "validation_accuracy")
    assert [[e[k] for k in keep] for e in whole.learning_curve_] == [
        [e[k] for k in keep] for e in resumed.learning_curve_
    ]


def test_a_checkpoint_of_something_else_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    small_net(epochs=2).fit(*FIT, checkpoint=path, key="one")
    assert small_net(epochs=2).fit(*FIT, checkpoint=path, key="two").resumed_seconds_ == 0
    assert small_net(epochs=2).fit(*FIT, checkpoint=path, key="two").resumed_seconds_ > 0


def test_a_damaged_checkpoint_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    small_net(epochs=2).fit(*FIT, checkpoint=path)
    path.write_bytes(path.read_bytes()[:200])
    assert small_net(epochs=2).fit(*FIT, checkpoint=path).resumed_seconds_ == 0


def test_a_checkpoint_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not be written"):
        small_net(epochs=1).fit(*FIT, checkpoint=tmp_path / "file" / "net.safetensors")


def test_patience_keeps_the_weights_of_the_lowest_validation_loss() -> None:
    wrong = (HELD_OUT[0], (HELD_OUT[1] + 1) % 3)  # the better it learns, the worse this gets
    model = small_net(epochs=30, patience=2, learning_rate=0.01).fit(*FIT, validation=wrong)
    losses = [epoch["validation_loss"] for epoch in model.learning_curve_]
    best = int(np.argmin(losses))
    assert len(losses) == best + 3 < 30
    probabilities = model.predict_proba(wrong[0])
    loss = -np.log(probabilities[np.arange(len(wrong[1])), wrong[1]]).mean()
    assert loss == pytest.approx(losses[best], rel=1e-4)


def test_the_curve_holds_training_and_validation() -> None:
    curve = small_net(epochs=2).fit(*FIT, validation=HELD_OUT).learning_curve_
    assert [epoch["epoch"] for epoch in curve] == [1, 2]
    assert all(0 <= epoch["validation_accuracy"] <= 1 for epoch in curve)
    assert small_net(epochs=1).fit(*FIT).learning_curve_[0]["validation_loss"] is None


def test_progress_ends_at_one_with_no_time_left() -> None:
    seen: list[Progress] = []
    small_net(epochs=2).fit(*FIT, on_progress=seen.append)
    assert [p.fraction for p in seen] == pytest.approx(np.arange(1, 9) / 8, abs=0.05)
    assert seen[-1].fraction == 1
    assert seen[-1].seconds_left == 0


def test_spare_outputs_are_left_out_of_the_probabilities() -> None:
    model = small_net(n_outputs=47).fit(*FIT)
    probabilities = model.predict_proba(HELD_OUT[0])
    assert probabilities.shape == (18, 3)
    np.testing.assert_allclose(probabilities.sum(1), 1)


def test_more_classes_than_outputs_is_not_applicable() -> None:
    with pytest.raises(NotApplicableError, match="2 outputs and the data set 3 classes"):
        small_net(n_outputs=2).fit(*FIT)


def test_pictures_too_small_for_the_pools_are_not_applicable() -> None:
    with pytest.raises(NotApplicableError, match="8 x 8 pixels are too small"):
        small_net(channels=(4, 4, 4), pools=3).fit(*FIT)


@pytest.mark.parametrize(
    "setting",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"optimizer": "sgd"},
        {"device": "tpu"},
        {"learning_rate": -1},
        {"l2": -1.0},
        {"patience": 0},
        {"random_state": None},
    ],
)
def test_a_bad_parameter_is_named(setting: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=f"{next(iter(setting))}="):
        small_net(**setting).fit(*FIT)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_without_a_device_is_told() -> None:
    with pytest.raises(ParameterError, match="no CUDA device"):
        NeuralNetwork(device="cuda", epochs=1).fit(*FIT)


def test_validation_pictures_of_another_size_are_refused() -> None:
    with pytest.raises(DataError, match="5 x 8"):
        small_net().fit(*FIT, validation=(IMAGES[:, :5], LABELS))


def test_l2_makes_the_kernels_smaller() -> None:
    def size(l2: float) -> float:
        model = small_net(epochs=10, l2=l2, learning_rate=0.01).fit(*FIT)
        return float(sum((kernel**2).sum() for kernel in weights(model) if kernel.ndim > 1))

    assert size(0.1) < 0.5 * size(0.0)


@pytest.mark.parametrize(
    "model",
    [
        NeuralNetwork(epochs=40, batch_size=6, n_hidden=16),
        small_net(epochs=20, learning_rate=0.01),
        RecurrentNetwork(epochs=60, batch_size=6, learning_rate=0.01, n_units=8, dropout=0.0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_each_net_learns(model: NeuralClassifier) -> None:
    assert model.fit(*FIT).score(*HELD_OUT) >= 0.9


def test_each_epoch_sees_all_pictures_in_an_order_of_its_own() -> None:
    seen: list[torch.Tensor] = []

    def spy(images: torch.Tensor) -> torch.Tensor:
        seen.append(images)
        return images

    small_net(epochs=2, augmentation=spy).fit(*FIT)
    first, second = torch.cat(seen[:4]), torch.cat(seen[4:])
    assert not torch.equal(first, second)
    totals = [sorted(epoch.sum(dim=(1, 2, 3)).tolist()) for epoch in (first, second)]
    assert totals[0] == totals[1]
