"""The arrays that a model stores, in its file or next to it: what they claim to be is checked before they are read."""

from __future__ import annotations

import os
from math import prod
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from ....dialects.diagnostics import InvalidArgumentError, UnsupportedError
from ....dialects.errors import DataLossError, NotFoundError, PermissionDeniedError

MOST_BYTES = 2**31
"""What the arrays of one model may have together."""

_WORDS: dict[int, int] = {
    TensorProto.BOOL: 8, TensorProto.UINT8: 8, TensorProto.INT8: 8, TensorProto.UINT16: 16, TensorProto.INT16: 16,
    TensorProto.UINT32: 32, TensorProto.INT32: 32, TensorProto.UINT64: 64, TensorProto.INT64: 64,
    TensorProto.FLOAT16: 16, TensorProto.BFLOAT16: 16, TensorProto.FLOAT: 32, TensorProto.DOUBLE: 64,
    TensorProto.COMPLEX64: 64, TensorProto.COMPLEX128: 128, TensorProto.FLOAT8E4M3FN: 8, TensorProto.FLOAT8E4M3FNUZ: 8,
    TensorProto.FLOAT8E5M2: 8, TensorProto.FLOAT8E5M2FNUZ: 8, TensorProto.FLOAT8E8M0: 8, TensorProto.UINT4: 4,
    TensorProto.INT4: 4, TensorProto.FLOAT4E2M1: 4, TensorProto.UINT2: 2, TensorProto.INT2: 2,
}  # fmt: skip
"""The bits of an element."""


def type_name(code: int) -> str:
    """The name of a type of ONNX, such as `FLOAT`."""
    return TensorProto.DataType.Name(code) if code in TensorProto.DataType.values() else f"type {code}"


def array_of(tensor: TensorProto, folder: Path | None) -> np.ndarray:
    """The elements of a stored tensor; `folder` is where files next to the model are.

    Raises `DataLossError` where there are fewer or more of them than the shape says, `PermissionDeniedError` for files
    outside of the folder, `NotFoundError`, and `UnsupportedError` for types that there are none of.
    """
    what = f"onnx.load: tensor {tensor.name!r}"
    dims = list(tensor.dims)
    code = tensor.data_type
    if any(size < 0 for size in dims):
        raise DataLossError(f"{what}: it has a negative size: {dims}")
    if code != TensorProto.STRING and code not in _WORDS:
        raise UnsupportedError(f"{what}: there are no tensors of {type_name(code)}")
    if code != TensorProto.STRING and prod(dims) * _WORDS[code] > 8 * MOST_BYTES:
        raise InvalidArgumentError(f"{what}: shape {dims} of {type_name(code)} has more than {MOST_BYTES} bytes")
    try:
        if tensor.data_location == TensorProto.EXTERNAL:
            return _external(tensor, what, folder)
        if tensor.HasField("raw_data"):
            _check_length(what, tensor, len(tensor.raw_data))
        array = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, AttributeError) as error:
        if isinstance(error, InvalidArgumentError):
            raise
        raise DataLossError(f"{what}: its elements cannot be read: {_line(error)}") from None
    if list(array.shape) != dims:
        raise DataLossError(f"{what}: expected shape {dims}, got elements of shape {list(array.shape)}")
    return array


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def _check_length(what: str, tensor: TensorProto, found: int) -> None:
    bits = prod(tensor.dims) * _WORDS.get(tensor.data_type, 8)
    if tensor.data_type != TensorProto.STRING and found != (bits + 7) // 8:
        shown = f"shape {list(tensor.dims)} of {type_name(tensor.data_type)}"
        raise DataLossError(f"{what}: {shown} takes {(bits + 7) // 8} bytes, got {found}")


def _external(tensor: TensorProto, what: str, folder: Path | None) -> np.ndarray:
    entries = {entry.key: entry.value for entry in tensor.external_data}
    if folder is None:
        raise InvalidArgumentError(
            f"{what}: its elements are in a file next to the model; give the path of the model, not its bytes"
        )
    if tensor.data_type == TensorProto.STRING:
        raise UnsupportedError(f"{what}: strings in a file next to the model")
    path = _inside(what, folder, entries.get("location", ""))
    offset, length = (_number(what, entries, key) for key in ("offset", "length"))
    size = path.stat().st_size
    if length is None:
        length = max(size - (offset or 0), 0)
    if (offset or 0) + length > size:
        raise DataLossError(f"{what}: {path.name} has {size} bytes, expected {length} from byte {offset or 0} on")
    _check_length(what, tensor, length)
    with open(path, "rb") as file:
        file.seek(offset or 0)
        data = file.read(length)
    whole = TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims, raw_data=data)
    return numpy_helper.to_array(whole)


def _number(what: str, entries: dict[str, str], key: str) -> int | None:
    text = entries.get(key)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise DataLossError(f"{what}: {key}: expected a number of bytes, got {text[:40]!r}")
    return int(text)


def _inside(what: str, folder: Path, location: str) -> Path:
    """The file of external data: a plain file in the folder of the model or below it, links followed."""
    if not location or "\0" in location:
        raise DataLossError(f"{what}: the name of the file with its elements is {location!r}")
    root = Path(os.path.realpath(folder))
    path = Path(os.path.realpath(root / location.replace("\\", "/")))
    if os.path.isabs(location) or not path.is_relative_to(root):
        raise PermissionDeniedError(f"{what}: the file {location!r} is not in the folder of the model")
    if not path.exists():
        raise NotFoundError(f"{what}: the file {location!r} is not there")
    if not path.is_file():
        raise DataLossError(f"{what}: {location!r} is not a file")
    return path


def dense_of(sparse: onnx.SparseTensorProto, folder: Path | None) -> np.ndarray:
    """The elements of a stored sparse tensor, zeros included."""
    name, dims = sparse.values.name, list(sparse.dims)
    values, indices = array_of(sparse.values, folder), array_of(sparse.indices, folder)
    if any(size < 0 for size in dims) or prod(dims) * values.itemsize > MOST_BYTES // 8:
        raise InvalidArgumentError(f"onnx.load: sparse tensor {name!r}: shape {dims} is negative or too large")
    dense = np.zeros(dims, values.dtype)
    places = indices if indices.ndim == 1 else np.ravel_multi_index(tuple(indices.T), dims) if indices.size else []
    try:
        dense.reshape(-1)[places] = values
    except (IndexError, ValueError) as error:
        raise DataLossError(f"onnx.load: sparse tensor {name!r}: {_line(error)}") from None
    return dense
