"""The graph computes what torch does, from the pictures on, and is the same each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from safetensors.numpy import save
from tests.bundles.nets import (
    DIGITS,
    make_character_net,
    make_line_net,
    make_pictures,
    settle,
)

from hdalr.bundles import Bundle, Manifest, load_bundle
from hdalr.bundles.architecture import describe_net
from hdalr.bundles.export import _encode_as
from hdalr.bundles.onnx_graph import build_graph
from hdalr.bundles.tensors import read_tensors
from hdalr.errors import ParameterError
from hdalr.models.ann import NeuralNetwork
from hdalr.models.character_net import build_character_net
from hdalr.models.convolutional import ConvolutionalNetwork
from hdalr.models.line_net import build_line_net

CHARACTERS = Manifest("chars", "characters", DIGITS, rejects=True)
LINES = Manifest("lines", "lines", DIGITS, picture_shape=(32, None))
NETS = {
    "every layer": (make_character_net(), CHARACTERS),
    "line": (make_line_net(), LINES),
    "character_net": (settle(build_character_net(10, width=12)), CHARACTERS),
    "line_net": (settle(build_line_net(10, width=8)), LINES),
    "paper's cnn": (ConvolutionalNetwork(channels=(4, 8, 8)).build((28, 28), 11), CHARACTERS),
    "paper's ann": (NeuralNetwork().build((28, 28), 11), CHARACTERS),
}


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("n", [1, 7])
def test_logits_are_torchs(name: str, n: int) -> None:
    net, manifest = NETS[name]
    pictures = make_pictures(n, *((28, 28) if manifest is CHARACTERS else (32, 75)))
    described = Manifest(**{**vars(manifest), "architecture": tuple(describe_net(net))})
    contents = _encode_as(net, described, small=False)
    tensors = read_tensors(contents["weights.safetensors"])
    found = Bundle(described, contents["graph.onnx"], tensors).run(pictures)
    with torch.inference_mode():
        expected = net.eval()(torch.from_numpy(pictures).unsqueeze(1).float() / 255).numpy()
    if manifest is LINES:
        expected = expected[:, :, 0].transpose(0, 2, 1)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-4 * max(1, np.abs(expected).max()))
    assert np.array_equal(found.argmax(-1), expected.argmax(-1))


def test_the_bytes_are_the_same_each_time() -> None:
    net, _ = NETS["every layer"]
    weights = save({n: t.numpy() for n, t in net.state_dict().items() if t.is_floating_point()})
    architecture = describe_net(net)
    graphs = [build_graph(architecture, weights, "w", (28, 28), False) for _ in range(2)]
    assert graphs[0] == graphs[1]


def test_the_graph_passes_onnx_own_check(saved: Path) -> None:
    onnx.checker.check_model(str(saved / "graph.onnx"), full_check=True)


def test_a_tensor_that_is_not_there_is_named() -> None:
    weights = save({"0.bias": np.zeros(2, np.float32)})
    layer = {"layer": "linear", "inputs": 4, "outputs": 2, "bias": True}
    with pytest.raises(ParameterError, match=r"lack the tensor '0.weight'; they hold 0.bias"):
        build_graph([layer], weights, "w", (2, 2), False)
    with pytest.raises(ParameterError, match="no ONNX form"):
        build_graph([{"layer": "loop"}], weights, "w", (2, 2), False)


def test_the_graph_by_its_path_alone_is_the_same_net(saved: Path) -> None:
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(str(saved / "graph.onnx"), providers=providers)
    pictures = make_pictures(3)
    (found,) = session.run(None, {"pictures": pictures})
    np.testing.assert_allclose(found, load_bundle(saved).run(pictures), atol=1e-5)
