"""What a graph may hold, and that all else is refused before ONNX Runtime sees it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from hdalr.bundles.graph_check import check_graph
from hdalr.bundles.tensors import read_tensors
from hdalr.errors import DataError

FLOATS = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]


def model(
    *nodes: onnx.NodeProto, tensors: tuple[TensorProto, ...] = (), **more: object
) -> onnx.ModelProto:
    return helper.make_model(helper.make_graph(nodes, "g", FLOATS[:1], FLOATS[1:], tensors), **more)


def node(operator: str, **attributes: object) -> onnx.NodeProto:
    return helper.make_node(operator, ["x"], ["y"], **attributes)


def outside(location: str) -> TensorProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return tensor


def test_our_own_graphs_pass(saved: Path) -> None:
    graph = (saved / "graph.onnx").read_bytes()
    tensors = read_tensors((saved / "weights.safetensors").read_bytes())
    assert check_graph(graph, tensors, "graph") is graph


BRANCH = helper.make_graph([node("Relu")], "b", [], FLOATS[1:])
FUNCTION = helper.make_function("own", "f", ["x"], ["y"], [node("Relu")], [])
BAD = {
    "operator 'Loop'": model(node("Loop")),
    "a tensor or graph inside": model(node("Relu", body=BRANCH)),
    "expected numbers alone": model(node("Relu", value=helper.make_tensor("t", 1, [1], [0.0]))),
    "operators of b'com.microsoft'": model(node("Relu", domain="com.microsoft")),
    "lies in another file": model(node("Relu"), tensors=(outside("../../etc/passwd"),)),
    "a size of 1000000000": model(node("Conv", pads=[10**9, 0, 0, 0])),
    "a size of -9223372036854775808": model(node("Conv", group=-(2**63))),
    "501 nodes": model(*[node("Relu")] * 501),
    "0 nodes": model(),
    "functions": model(node("Relu"), functions=[FUNCTION]),
    "in the graph; expected at most": model(
        node("Relu"), tensors=(helper.make_tensor("big", 1, [5000], np.zeros(5000)),)
    ),
    "0 graphs": onnx.ModelProto(ir_version=8),
}


@pytest.mark.parametrize("said", BAD)
def test_what_a_net_does_not_need_is_refused(said: str) -> None:
    with pytest.raises(DataError, match=f"here: .*{said}"):
        check_graph(BAD[said].SerializeToString(), {"0.weight"}, "here")


def test_packed_numbers_are_looked_at() -> None:
    attribute = b"\x42\x06\x01\x80\x94\xeb\xdc\x03"  # field 8, packed: 1 and 10**9
    one = b"\x22\x04Conv" + b"\x2a" + bytes([len(attribute)]) + attribute
    graph = b"\x0a" + bytes([len(one)]) + one
    with pytest.raises(DataError, match="a size of 1000000000"):
        check_graph(b"\x3a" + bytes([len(graph)]) + graph, (), "here")


def test_a_graph_that_is_too_large_or_cut_short_is_refused() -> None:
    whole = model(node("Relu")).SerializeToString()
    with pytest.raises(DataError, match="expected at most 1048576"):
        check_graph(whole + bytes(2**20), (), "here")
    for length in range(len(whole)):
        try:
            check_graph(whole[:length], (), "here")
        except DataError:
            continue
        assert length > len(whole) - 12  # only what stands behind the graph may be missing


@given(st.binary(max_size=300))
def test_any_bytes_pass_or_are_a_data_error(content: bytes) -> None:
    started = time.monotonic()
    with contextlib.suppress(DataError):
        check_graph(content, (), "here")
    assert time.monotonic() - started < 1
