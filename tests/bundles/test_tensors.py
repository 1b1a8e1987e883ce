"""Our reader of safetensors against the library that writes them, and against bad files."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from hdalr.bundles.tensors import read_tensors
from hdalr.errors import DataError


def with_header(header: object, n_bytes: int = 8) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(n_bytes)


def test_tensors_are_those_that_the_library_wrote() -> None:
    tensors = {
        "kernel": np.arange(12, dtype=np.float16).reshape(3, 4),
        "bias": np.array([1.5, -2], np.float32),
        "scalar": np.array(7, np.float32),
        "empty": np.zeros((0, 3), np.float32),
    }
    found = read_tensors(save(tensors, metadata={"made": "here"}))
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype
        np.testing.assert_array_equal(found[name], tensor)
    assert not found["bias"].flags.writeable


ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    "weights",
    [
        b"",
        b"1234567",
        (2**40).to_bytes(8, "little") + b"{}",
        (3).to_bytes(8, "little") + b"\xff\xfe!",
        with_header([1, 2]),
        with_header({"a": 5}),
        with_header({"a": ENTRY | {"dtype": "I64"}}),
        with_header({"a": ENTRY | {"shape": [3]}}),
        with_header({"a": ENTRY | {"shape": [-2]}}),
        with_header({"a": ENTRY | {"shape": [2.0]}}),
        with_header({"a": ENTRY | {"shape": [True, 2]}}),
        with_header({"a": ENTRY | {"shape": [2] + [1] * 70}}),
        with_header({"a": ENTRY | {"shape": [0, 2**62], "data_offsets": [0, 0]}}),
        with_header({"a": ENTRY | {"data_offsets": [0, 8, 9]}}),
        with_header({"a": ENTRY | {"data_offsets": [4, 12]}}),
        with_header({"a": ENTRY | {"data_offsets": [-8, 0]}}),
        with_header({"a": ENTRY}, n_bytes=7),
        (20_000).to_bytes(8, "little") + b"[" * 20_000,
    ],
)
def test_a_wrong_file_is_a_data_error(weights: bytes) -> None:
    with pytest.raises(DataError, match="here: "):
        read_tensors(weights, "here")


@given(st.binary(max_size=200))
def test_any_bytes_are_tensors_or_a_data_error(weights: bytes) -> None:
    try:
        read_tensors(weights)
    except DataError:
        return
