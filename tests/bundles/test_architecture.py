"""Nets as lists of layers: the way there and back, and what has no such form."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from hdalr.bundles.architecture import BUILD, DESCRIBE, build_net, describe_net
from hdalr.bundles.onnx_graph import OPERATORS
from hdalr.errors import DataError, NotApplicableError
from hdalr.models.character_net import build_character_net
from hdalr.models.line_net import build_line_net
from hdalr.models.recurrent import RecurrentNetwork


def test_a_net_comes_back_with_the_same_tensors(character_net: nn.Sequential) -> None:
    architecture = json.loads(json.dumps(describe_net(character_net)))
    again = build_net(architecture)
    state = character_net.state_dict()
    assert {n: t.shape for n, t in again.state_dict().items()} == {
        n: t.shape for n, t in state.items()
    }
    again.load_state_dict(state)
    pictures = torch.rand(3, 1, 28, 28)
    assert torch.equal(again.eval()(pictures), character_net(pictures))


@pytest.mark.parametrize("net", [build_character_net(5), build_line_net(5)], ids=["chars", "lines"])
def test_the_reading_nets_can_be_described(net: nn.Sequential) -> None:
    assert describe_net(build_net(describe_net(net))) == describe_net(net)


def test_every_layer_is_described_built_and_exported() -> None:
    assert set(BUILD) == set(OPERATORS)
    assert len(DESCRIBE) == len(BUILD)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (nn.Sigmoid(), "a layer of type Sigmoid has no form"),
        (nn.Conv2d(2, 2, 3, groups=2), "2 groups"),
        (nn.Conv2d(1, 1, 3, dilation=2), "dilation"),
        (nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"), "reflect padding"),
        (nn.Conv2d(1, 1, 2, padding="same"), "odd sides"),
        (nn.BatchNorm2d(3, affine=False), "without scale"),
        (nn.MaxPool2d(2, ceil_mode=True), "rounded up"),
        (nn.AdaptiveAvgPool2d(2), "a mean to 2"),
        (nn.Sequential(nn.Sequential(nn.GELU())), "GELU"),
        (RecurrentNetwork(n_units=2).build((4, 4), 2), "type _RowsNet has no form"),
    ],
)
def test_a_layer_without_form_is_refused_in_words(layer: nn.Module, said: str) -> None:
    net = layer if type(layer).__name__ == "_RowsNet" else nn.Sequential(layer)
    with pytest.raises(NotApplicableError, match=said):
        describe_net(net)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"layer": "exec"},
        {"layer": "linear", "inputs": "many", "outputs": 2, "bias": True},
        {"layer": "linear", "inputs": -4, "outputs": 2, "bias": True},
        {"layer": "max_pool", "kernel": [2], "stride": [2, 2], "padding": [0, 0]},
        {"layer": "residual", "layers": [{"layer": "nothing"}]},
    ],
)
def test_a_wrong_entry_is_a_data_error(entry: dict[str, object]) -> None:
    with pytest.raises(DataError, match="cannot build the layer"):
        build_net([entry])
