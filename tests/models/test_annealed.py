"""The better nets: what is learned, resumed, kept, and refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from hdalr.datasets import fetch_dataset
from hdalr.errors import NotApplicableError, ParameterError
from hdalr.images.distortions import shift
from hdalr.images.moments import deskew
from hdalr.models._training import Progress
from hdalr.models.annealed import AnnealedClassifier
from hdalr.models.annealing import Annealing
from hdalr.models.committee import ConvolutionCommittee
from hdalr.models.convolution_stack import ConvolutionStack
from hdalr.models.distortion import Distortion
from hdalr.models.multilayer_perceptron import MultilayerPerceptron
from hdalr.models.sweeps import SweepNetwork

DIGITS = fetch_dataset("digits").limited(300)
IMAGES, LABELS = DIGITS.train_images, DIGITS.train_labels
BRIEF = Annealing(epochs=3, batch_size=32, distortion=Distortion(shift_px=0.5), average=0.9)
LAYERS = "8c3-p2-d10-16c3"


def weights(model: Any) -> list[np.ndarray]:
    return [tensor.detach().numpy() for tensor in model.net_.parameters()]


class Stop(Exception):
    """Ends a training from the outside."""


def stop_after(epochs: int) -> Any:
    def stop(now: Progress) -> None:
        if now.epoch == epochs:
            raise Stop

    return stop


@pytest.mark.parametrize(
    "model",
    [
        ConvolutionStack("16c3-p2-32c3-d10", training=Annealing(epochs=20, batch_size=16)),
        MultilayerPerceptron((64, 64), training=Annealing(epochs=20, batch_size=16)),
        SweepNetwork(24, training=Annealing(epochs=25, batch_size=16, learning_rate=0.02)),
    ],
    ids=lambda model: type(model).__name__,
)
def test_digits_are_learned(model: AnnealedClassifier) -> None:
    model.fit(IMAGES, LABELS)
    assert model.score(DIGITS.test_images, DIGITS.test_labels) > 0.9


def test_a_stopped_training_goes_on_from_its_checkpoint_to_the_same_weights(tmp_path: Path) -> None:
    whole = ConvolutionStack(LAYERS, training=BRIEF).fit(IMAGES, LABELS)
    path = tmp_path / "net.safetensors"
    stopped = ConvolutionStack(LAYERS, training=BRIEF)
    with pytest.raises(Stop):
        stopped.fit(IMAGES, LABELS, checkpoint=path, key="a", on_progress=stop_after(3))
    epochs: list[int] = []
    resumed = ConvolutionStack(LAYERS, training=BRIEF).fit(
        IMAGES, LABELS, checkpoint=path, key="a", on_progress=lambda now: epochs.append(now.epoch)
    )
    assert epochs == [3]
    assert resumed.resumed_seconds_ > 0
    for one, other in zip(weights(whole), weights(resumed), strict=True):
        assert_array_equal(one, other)


def test_a_checkpoint_of_something_else_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    ConvolutionStack(LAYERS, training=BRIEF).fit(IMAGES, LABELS, checkpoint=path, key="a")
    epochs: list[int] = []
    ConvolutionStack(LAYERS, training=BRIEF).fit(
        IMAGES, LABELS, checkpoint=path, key="b", on_progress=lambda now: epochs.append(now.epoch)
    )
    assert epochs == [1, 2, 3]


def test_same_seed_same_weights_and_the_callers_chance_is_left_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one = ConvolutionStack(LAYERS, training=BRIEF, random_state=1).fit(IMAGES, LABELS)
    assert torch.equal(torch.rand(3), expected)
    other = ConvolutionStack(LAYERS, training=BRIEF, random_state=1).fit(IMAGES, LABELS)
    another = ConvolutionStack(LAYERS, training=BRIEF, random_state=2).fit(IMAGES, LABELS)
    assert_array_equal(weights(one)[0], weights(other)[0])
    assert (weights(one)[0] != weights(another)[0]).any()


def test_the_learning_curve_has_an_entry_an_epoch_with_validation() -> None:
    held_out = (DIGITS.test_images, DIGITS.test_labels)
    model = ConvolutionStack(LAYERS, training=BRIEF).fit(IMAGES, LABELS, validation=held_out)
    assert [entry["epoch"] for entry in model.learning_curve_] == [1, 2, 3]
    last = model.learning_curve_[-1]
    assert last["validation_accuracy"] == pytest.approx(model.score(*held_out))
    assert 0 < last["accuracy"] <= 1
    assert all(0 < entry["seconds"] < 60 for entry in model.learning_curve_)


def test_validation_pictures_change_nothing_in_the_net() -> None:
    held_out = (DIGITS.test_images, DIGITS.test_labels)
    with_validation = ConvolutionStack(LAYERS, training=BRIEF).fit(
        IMAGES, LABELS, validation=held_out
    )
    without = ConvolutionStack(LAYERS, training=BRIEF).fit(IMAGES, LABELS)
    assert_array_equal(weights(with_validation)[0], weights(without)[0])


def test_shifted_views_answer_with_the_weighted_mean_of_five_pictures() -> None:
    model = ConvolutionStack(LAYERS, training=BRIEF).fit(IMAGES, LABELS)
    plain = [model.predict_proba(shift(IMAGES, *by)) for by in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    expected = (2 * model.predict_proba(IMAGES) + sum(plain)) / 6
    model.shifted_views = True
    assert_allclose(model.predict_proba(IMAGES), expected, atol=1e-6)


def test_pools_come_before_normalisation_and_padding_only_with_a_stride() -> None:
    net = ConvolutionStack("4c3-p2-8c5s2-6f").build((28, 28), 10)
    kinds = [type(layer).__name__ for layer in net]  # type: ignore[arg-type]
    assert kinds[:4] == ["Conv2d", "MaxPool2d", "BatchNorm2d", "ReLU"]
    assert net(torch.zeros(2, 1, 28, 28)).shape == (2, 10)
    assert net.get_submodule("8").in_features == 8 * 7 * 7


@pytest.mark.parametrize("layers", ["", "32c", "32c5-", "p0", "32C5", "c5", "32c5 p2", "0c3"])
def test_layers_that_are_not_understood_are_named(layers: str) -> None:
    with pytest.raises(ParameterError, match=r"layers: '.*' is not understood; choose layers such"):
        ConvolutionStack(layers).fit(IMAGES, LABELS)


def test_pictures_too_small_for_the_layers_are_refused() -> None:
    with pytest.raises(NotApplicableError, match="8 x 8 pixels are too small"):
        ConvolutionStack("8c5-p2-8c5").fit(IMAGES[:, 10:18, 10:18], LABELS)


@pytest.mark.parametrize(
    ("training", "message"),
    [
        (Annealing(epochs=0), "epochs=0"),
        (Annealing(batch_size=1), "batch_size=1"),
        (Annealing(learning_rate=0.0), "learning_rate=0.0"),
        (Annealing(average=1.0), "average=1.0"),
        (Annealing(label_smoothing=-0.1), "label_smoothing=-0.1"),
    ],
)
def test_settings_out_of_range_are_named(training: Annealing, message: str) -> None:
    with pytest.raises(ParameterError, match=f"{message} is not allowed"):
        ConvolutionStack(LAYERS, training=training).fit(IMAGES, LABELS)


def test_a_batch_larger_than_the_data_takes_all_of_it() -> None:
    few = Annealing(epochs=2, batch_size=500)
    model = ConvolutionStack(LAYERS, training=few).fit(IMAGES[:50], LABELS[:50])
    assert len(model.learning_curve_) == 2


def test_a_committee_answers_with_the_mean_of_members_that_differ() -> None:
    committee = ConvolutionCommittee((LAYERS, LAYERS), training=BRIEF).fit(IMAGES, LABELS)
    one, other = (member.predict_proba(IMAGES) for member in committee.members_)
    assert (one != other).any()
    assert_allclose(committee.predict_proba(IMAGES), (one + other) / 2)
    assert committee.n_parameters_ == sum(member.n_parameters_ for member in committee.members_)


def test_two_committees_share_no_member() -> None:
    seeds = [
        {committee._build_member(number).random_state for number in range(3)}
        for committee in (ConvolutionCommittee((LAYERS,) * 3, random_state=s) for s in range(3))
    ]
    assert len(set.union(*seeds)) == 9


def test_a_stopped_committee_keeps_its_finished_members(tmp_path: Path) -> None:
    path = tmp_path / "committee.safetensors"
    whole = ConvolutionCommittee((LAYERS, LAYERS), training=BRIEF).fit(IMAGES, LABELS)
    with pytest.raises(Stop):
        ConvolutionCommittee((LAYERS, LAYERS), training=BRIEF).fit(
            IMAGES, LABELS, checkpoint=path, key="a", on_progress=stop_after(5)
        )
    told: list[Progress] = []
    resumed = ConvolutionCommittee((LAYERS, LAYERS), training=BRIEF).fit(
        IMAGES, LABELS, checkpoint=path, key="a", on_progress=told.append
    )
    assert [now.epoch for now in told] == [5, 6]
    assert told[-1].fraction == 1
    for one, other in zip(weights(whole), weights(resumed), strict=True):
        assert_array_equal(one, other)


def test_a_committee_of_none_is_refused() -> None:
    with pytest.raises(ParameterError, match="at least one net"):
        ConvolutionCommittee(()).fit(IMAGES, LABELS)


def test_pictures_whose_lines_do_not_fill_the_steps_are_read() -> None:
    net = SweepNetwork(4, n_layers=1, lines_a_step=2).build((5, 3), 2)
    assert net(torch.rand(2, 1, 5, 3)).shape == (2, 2)


@pytest.mark.parametrize("lines_a_step", [0, 1.5])
def test_a_step_sees_a_whole_number_of_lines(lines_a_step: float) -> None:
    with pytest.raises(ParameterError, match="lines_a_step"):
        SweepNetwork(4, lines_a_step=lines_a_step).fit(IMAGES, LABELS)


def test_an_even_prior_favours_rare_classes() -> None:
    rare = np.flatnonzero(LABELS == 1)[:4]
    kept = np.concatenate([np.flatnonzero(LABELS == 7), rare])
    net = ConvolutionStack("4c5-p2", training=BRIEF).fit(IMAGES[kept], LABELS[kept])
    plain = net.predict_proba(IMAGES[:20])
    even = net.set_params(even_prior=True).predict_proba(IMAGES[:20])
    assert_allclose(net.class_shares_, [4 / len(kept), 1 - 4 / len(kept)])
    assert_allclose(even.sum(axis=1), 1)
    odds = (even[:, 0] / even[:, 1]) / (plain[:, 0] / plain[:, 1])
    assert_allclose(odds, (len(kept) - 4) / 4)


def test_upright_pictures_are_what_the_net_learns_and_reads() -> None:
    model = MultilayerPerceptron((16,), upright=True, training=BRIEF, shifted_views=True)
    plain = MultilayerPerceptron((16,), training=BRIEF, shifted_views=True)
    model.fit(IMAGES, LABELS, validation=(IMAGES[:20], LABELS[:20]))
    plain.fit(deskew(IMAGES), LABELS, validation=(deskew(IMAGES[:20]), LABELS[:20]))
    for one, other in zip(weights(model), weights(plain), strict=True):
        assert_array_equal(one, other)
    assert_array_equal(model.predict_proba(IMAGES), plain.predict_proba(deskew(IMAGES)))
    judged = [curve.learning_curve_[-1]["validation_loss"] for curve in (model, plain)]
    assert judged[0] == judged[1]
