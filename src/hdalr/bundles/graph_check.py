"""A look into an ONNX graph before it is run: only known operators, weights and sizes.

A bundle may come from anywhere, and ONNX can do more than a net needs: loops, other files as
weights, tensors of any size. The file is protobuf, whose wire format is simple enough to walk
without the ``onnx`` package, which an install for reading alone does not have. Sources: the
protobuf encoding guide; onnx.proto, for the numbers of the fields.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hdalr.errors import DataError

OPERATORS = frozenset(
    [
        *("Add", "BatchNormalization", "Cast", "Conv", "Flatten", "Gemm", "GlobalAveragePool"),
        *("Identity", "MaxPool", "Mul", "ReduceMean", "Relu", "Squeeze", "Transpose", "Unsqueeze"),
    ]
)
MAX_GRAPH_BYTES = 2**20
MAX_NODES = 500
MAX_NUMBER = 32  # of a kernel, stride, padding, axis or type
MAX_CONSTANT_BYTES = 4096  # of a tensor that is kept in the graph itself

Field = tuple[int, int | bytes]  # number of the field, value

# Numbers of the fields in onnx.proto.
MODEL_GRAPH, MODEL_FUNCTIONS = 7, 25
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_SPARSE_INITIALIZER = 1, 5, 15
NODE_OPERATOR, NODE_ATTRIBUTE, NODE_DOMAIN = 4, 5, 7
ATTRIBUTE_INT, ATTRIBUTE_INTS = 3, 8
ATTRIBUTE_PLAIN = frozenset({1, 2, 3, 7, 8, 13, 20})  # name, numbers, doc, type: no tensor or graph
TENSOR_NAME, TENSOR_LOCATION = 8, 14


def check_graph(graph: bytes, weights: Collection[str], where: str) -> bytes:
    """Return the graph if it is no more than a net.

    Parameters
    ----------
    graph
        The ONNX file.
    weights
        Names of the tensors that are handed to ONNX Runtime; all others must be small and lie
        in the graph itself, so that no other file is opened.
    where
        What messages call the file.

    Raises
    ------
    DataError
        If the file is no ONNX model, or holds another operator, a function, a subgraph, more
        than 500 nodes, a number above 32 as a size, or another file's tensor.
    """
    if len(graph) > MAX_GRAPH_BYTES:
        raise DataError(f"{where}: {len(graph)} bytes; expected at most {MAX_GRAPH_BYTES}")
    try:
        _check_model(graph, weights)
    except (IndexError, UnicodeDecodeError) as error:
        raise DataError(f"{where}: no ONNX model, or one that is cut short") from error
    except ValueError as error:
        raise DataError(f"{where}: {error}") from error
    return graph


def _check_model(model: bytes, weights: Collection[str]) -> None:
    graphs = []
    for number, value in _fields(model):
        if number == MODEL_FUNCTIONS:
            raise ValueError("the model defines functions; expected plain operators")
        if number == MODEL_GRAPH:
            graphs.append(_message(value))
    if len(graphs) != 1:
        raise ValueError(f"{len(graphs)} graphs; expected one ONNX graph")
    n_nodes = 0
    for number, value in _fields(graphs[0]):
        if number == GRAPH_NODE:
            n_nodes += 1
            _check_node(_message(value))
        elif number == GRAPH_INITIALIZER:
            _check_tensor(_message(value), weights)
        elif number == GRAPH_SPARSE_INITIALIZER:
            raise ValueError("a sparse tensor; expected dense ones")
    if not 0 < n_nodes <= MAX_NODES:
        raise ValueError(f"{n_nodes} nodes; expected 1 to {MAX_NODES}")


def _check_node(node: bytes) -> None:
    for number, value in _fields(node):
        if number == NODE_OPERATOR:
            operator = _message(value).decode()
            if operator not in OPERATORS:
                known = ", ".join(sorted(OPERATORS))
                raise ValueError(f"operator {operator[:40]!r}; expected only {known}")
        elif number == NODE_DOMAIN and value:
            raise ValueError(f"operators of {_message(value)[:40]!r}; expected ONNX's own")
        elif number == NODE_ATTRIBUTE:
            _check_attribute(_message(value))


def _check_attribute(attribute: bytes) -> None:
    for number, value in _fields(attribute):
        if number not in ATTRIBUTE_PLAIN:
            raise ValueError("an operator with a tensor or graph inside; expected numbers alone")
        if number == ATTRIBUTE_INT or (number == ATTRIBUTE_INTS and isinstance(value, int)):
            _check_number(value)
        elif number == ATTRIBUTE_INTS:
            place, packed = 0, _message(value)
            while place < len(packed):
                one, place = _varint(packed, place)
                _check_number(one)


def _check_number(value: int | bytes) -> None:
    signed = value - 2**64 if isinstance(value, int) and value >= 2**63 else value
    if not isinstance(signed, int) or not -MAX_NUMBER <= signed <= MAX_NUMBER:
        raise ValueError(f"a size of {signed!r:.30}; expected at most {MAX_NUMBER}")


def _check_tensor(tensor: bytes, weights: Collection[str]) -> None:
    fields = _fields(tensor)
    values = dict(fields)
    name = _message(values.get(TENSOR_NAME, b"")).decode()
    if name in weights:
        return
    if values.get(TENSOR_LOCATION, 0) != 0:
        raise ValueError(f"tensor {name[:60]!r} lies in another file; expected it in the weights")
    if len(tensor) > MAX_CONSTANT_BYTES:
        raise ValueError(
            f"tensor {name[:60]!r} of {len(tensor)} bytes in the graph; expected at most "
            f"{MAX_CONSTANT_BYTES}, larger ones in the weights"
        )


def _message(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number where a part should be; expected an ONNX model")
    return value


def _fields(message: bytes) -> Iterator[Field]:
    """The fields of a protobuf message in order; those of fixed size are passed as bytes."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        wire = tag & 7
        if wire == 0:
            number, place = _varint(message, place)
            yield tag >> 3, number
            continue
        if wire == 2:
            size, place = _varint(message, place)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire}; expected an ONNX model")
        if place + size > len(message):
            raise IndexError("a field longer than its message")
        yield tag >> 3, message[place : place + size]
        place += size


def _varint(message: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[place]
        number |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return number, place
        if shift > 63:
            raise ValueError("a number of more than 64 bits; expected an ONNX model")
