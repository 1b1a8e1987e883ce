"""A net's layers as an ONNX graph, written by hand: one small function a layer.

torch's own exporter needs another package and changes what it writes from release to release;
here the same layers give the same bytes. The weights stay where they are, in the safetensors
file: the graph refers to them by offset, so that a bundle holds them once for ONNX Runtime and
torch alike. ONNX Runtime folds casts and batch normalisations into the convolutions as it loads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from onnx import ModelProto, TensorProto, helper

from hdalr.bundles.tensors import read_header
from hdalr.errors import ParameterError

OPSET = 17
IR_VERSION = 8
PICTURES, LOGITS = "pictures", "logits"  # the graph's input and output
STORED_TYPES = {"F16": TensorProto.FLOAT16, "F32": TensorProto.FLOAT}

Layer = Mapping[str, Any]


def build_graph(
    architecture: Sequence[Layer],
    weights: bytes,
    file_name: str,
    picture_shape: tuple[int, int | None],
    frames: bool,
) -> bytes:
    """Write the graph from uint8 pictures to logits.

    Parameters
    ----------
    architecture
        As `describe_net` gives it.
    weights
        The whole safetensors file that holds the net's tensors; of kernels in float16 a cast
        makes float32.
    file_name
        What that file is called in the bundle.
    picture_shape
        Height and width of the input; a width of None stands for any.
    frames
        False: the layers end in (n, n_outputs), which are the logits. True: they end in
        (n, n_outputs, 1, n_frames), and the logits are (n, n_frames, n_outputs).

    Returns
    -------
    bytes
        An ONNX model with the input ``pictures`` (n, height, width), uint8, and the output
        ``logits``, float32. The same arguments give the same bytes.

    Raises
    ------
    ParameterError
        If a layer is not known, or the weights lack a tensor.
    """
    graph = _Graph(read_header(weights), file_name)
    ink = graph.add("Cast", PICTURES, to=TensorProto.FLOAT)
    ink = graph.add("Mul", ink, graph.constant("scale", TensorProto.FLOAT, [], [1 / 255]))
    ink = graph.add("Unsqueeze", ink, graph.constant("channel", TensorProto.INT64, [1], [1]))
    last = _add_layers(graph, architecture, "", ink)
    if frames:
        row = graph.constant("row", TensorProto.INT64, [1], [2])
        last = graph.add("Transpose", graph.add("Squeeze", last, row), perm=[0, 2, 1])
    graph.add("Identity", last, output=LOGITS)
    model = graph.model(picture_shape, 3 if frames else 2)
    return bytes(model.SerializeToString(deterministic=True))


class _Graph:
    """The nodes and constants so far. A value's name is the place of the node that makes it."""

    def __init__(self, header: dict[str, Any], file_name: str) -> None:
        self.header = header
        self.file_name = file_name
        self.nodes: list[Any] = []
        self.initializers: list[TensorProto] = []

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        output = output or f"{len(self.nodes)}:{operator}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def constant(self, name: str, kind: int, shape: list[int], values: list[Any]) -> str:
        """Add a small constant that is kept in the graph itself."""
        self.initializers.append(helper.make_tensor(name, kind, shape, values))
        return name

    def weight(self, name: str) -> str:
        """Refer to a tensor of the weights; return the name of its float32 values."""
        if name not in self.header:
            held = ", ".join(sorted(self.header)) or "none"
            raise ParameterError(f"the weights lack the tensor {name!r}; they hold {held}"[:300])
        entry = self.header[name]
        tensor = TensorProto(name=name, data_type=STORED_TYPES[entry.dtype], dims=entry.shape)
        tensor.data_location = TensorProto.EXTERNAL
        place = {"location": self.file_name, "offset": entry.offset, "length": entry.length}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        self.initializers.append(tensor)
        if entry.dtype == "F32":
            return name
        return self.add("Cast", name, to=TensorProto.FLOAT)

    def model(self, picture_shape: tuple[int, int | None], n_axes: int) -> ModelProto:
        """All of it as a model."""
        height, width = picture_shape
        shape: list[str | int | None] = ["n", height, width or "width"]
        axes = ["n", "frames", "outputs"] if n_axes == 3 else ["n", "outputs"]
        graph = helper.make_graph(
            self.nodes,
            "net",
            [helper.make_tensor_value_info(PICTURES, TensorProto.UINT8, shape)],
            [helper.make_tensor_value_info(LOGITS, TensorProto.FLOAT, axes)],
            self.initializers,
        )
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="hdalr",
        )


def _add_layers(graph: _Graph, layers: Sequence[Layer], prefix: str, value: str) -> str:
    for place, layer in enumerate(layers):
        if layer["layer"] not in OPERATORS:
            raise ParameterError(
                f"a layer {layer['layer']!r} has no ONNX form; choose {', '.join(OPERATORS)}"
            )
        value = OPERATORS[layer["layer"]](graph, layer, f"{prefix}{place}.", value)
    return value


def _convolution(graph: _Graph, layer: Layer, prefix: str, value: str) -> str:
    inputs = [value, graph.weight(f"{prefix}weight")]
    if layer["bias"]:
        inputs.append(graph.weight(f"{prefix}bias"))
    return graph.add(
        "Conv",
        *inputs,
        kernel_shape=layer["kernel"],
        strides=layer["stride"],
        pads=layer["padding"] * 2,
    )


def _batch_norm(graph: _Graph, layer: Layer, prefix: str, value: str) -> str:
    names = ("weight", "bias", "running_mean", "running_var")
    tensors = [graph.weight(f"{prefix}{name}") for name in names]
    return graph.add("BatchNormalization", value, *tensors, epsilon=layer["epsilon"])


def _max_pool(graph: _Graph, layer: Layer, prefix: str, value: str) -> str:
    return graph.add(
        "MaxPool",
        value,
        kernel_shape=layer["kernel"],
        strides=layer["stride"],
        pads=layer["padding"] * 2,
    )


def _mean(graph: _Graph, layer: Layer, prefix: str, value: str) -> str:
    if layer["over"] == "picture":
        return graph.add("GlobalAveragePool", value)
    return graph.add("ReduceMean", value, axes=[2], keepdims=1)


def _linear(graph: _Graph, layer: Layer, prefix: str, value: str) -> str:
    inputs = [value, graph.weight(f"{prefix}weight")]
    if layer["bias"]:
        inputs.append(graph.weight(f"{prefix}bias"))
    return graph.add("Gemm", *inputs, transB=1)


def _residual(graph: _Graph, layer: Layer, prefix: str, value: str) -> str:
    branch = _add_layers(graph, layer["layers"], f"{prefix}branch.", value)
    return graph.add("Relu", graph.add("Add", value, branch))


def _unchanged(graph: _Graph, layer: Layer, prefix: str, value: str) -> str:
    return value


OPERATORS: dict[str, Callable[[_Graph, Layer, str, str], str]] = {
    "convolution": _convolution,
    "batch_norm": _batch_norm,
    "relu": lambda graph, layer, prefix, value: graph.add("Relu", value),
    "max_pool": _max_pool,
    "mean": _mean,
    "dropout": _unchanged,
    "dropout_channels": _unchanged,
    "flatten": lambda graph, layer, prefix, value: graph.add("Flatten", value, axis=1),
    "linear": _linear,
    "sequence": lambda graph, layer, prefix, value: _add_layers(
        graph, layer["layers"], prefix, value
    ),
    "residual": _residual,
}
