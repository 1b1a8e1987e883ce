"""safetensors, the file of a bundle's weights: a header in JSON, then the numbers themselves.

Layout: the header's length in 8 bytes, little-endian; the header, tensor names to type, shape
and place; the bytes of all tensors, end to end. Read here without the library of that name,
which an install for reading alone does not have. Source: the safetensors format, version 0.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdalr.errors import DataError

DTYPES: dict[str, np.dtype[np.floating[Any]]] = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4")}
MAX_HEADER_BYTES = 2**20

Tensors = dict[str, NDArray[np.floating[Any]]]


@dataclass(frozen=True)
class Entry:
    """Where a tensor lies in the file: ``offset`` and ``length`` in bytes, from its start."""

    dtype: str  # "F16" or "F32"
    shape: tuple[int, ...]
    offset: int
    length: int


def read_tensors(weights: bytes, where: str = "weights") -> Tensors:
    """Read all tensors of a safetensors file.

    Parameters
    ----------
    weights
        The whole file.
    where
        What the message calls it.

    Returns
    -------
    dict
        Names to float16 or float32 arrays, which look into ``weights`` and cannot be written to.

    Raises
    ------
    DataError
        As `read_header` does, or if a tensor has more or longer axes than an array can have.
    """
    header = read_header(weights, where)
    try:
        return {
            name: np.frombuffer(
                weights, DTYPES[entry.dtype], math.prod(entry.shape), entry.offset
            ).reshape(entry.shape)
            for name, entry in header.items()
        }
    except ValueError as error:
        raise DataError(f"{where}: a shape that no array has: {error}") from error


def read_header(weights: bytes, where: str = "weights") -> dict[str, Entry]:
    """Read which tensors a safetensors file holds, without the numbers.

    Raises
    ------
    DataError
        If the header is cut short or is no JSON, or a tensor is of another type than float16
        and float32 or does not lie in the file with the length of its shape.

    Examples
    --------
    >>> header = b'{"bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    >>> read_header(len(header).to_bytes(8, "little") + header + bytes(8))
    {'bias': Entry(dtype='F32', shape=(2,), offset=65, length=8)}
    """
    size = int.from_bytes(weights[:8], "little")
    if len(weights) < 8 or size > min(len(weights) - 8, MAX_HEADER_BYTES):
        raise DataError(
            f"{where}: a header of {size} bytes in a file of {len(weights)}; expected a whole "
            f"safetensors file with a header of at most {MAX_HEADER_BYTES} bytes"
        )
    try:
        header = json.loads(weights[8 : 8 + size])
        header.pop("__metadata__", None)
        return {
            name: _read_entry(name, entry, 8 + size, len(weights)) for name, entry in header.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DataError(
            f"{where}: the header is not one of safetensors: {error!r:.150}; expected a type of "
            f"{' or '.join(DTYPES)}, a shape and a place for each tensor"
        ) from error


def _read_entry(name: str, entry: dict[str, Any], start: int, size: int) -> Entry:
    dtype, shape = entry["dtype"], tuple(entry["shape"])
    first, last = entry["data_offsets"]
    if not all(type(number) is int and number >= 0 for number in (*shape, first, last)):
        raise ValueError(f"{name!r}: shape {shape} at {first} to {last}")
    if last - first != math.prod(shape) * DTYPES[dtype].itemsize or start + last > size:
        raise ValueError(f"{name!r}: {dtype} {shape} at {first} to {last} of {size - start} bytes")
    return Entry(dtype, shape, start + first, last - first)
