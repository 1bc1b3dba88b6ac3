"""Tensors as messages `TensorProto`, which other programs read."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..compiler.frontend.ops.files import serialize_tensor
from ..compiler.frontend.values.dispatch import as_tensor
from ..compiler.frontend.values.tensor import Tensor, TensorLike
from ..dialects.diagnostics import InvalidArgumentError
from ..dialects.dtypes import DTypeLike, dtype_named
from ..dialects.hl.rules.tensor_proto import parsed
from ..dialects.public import public

_FIELDS = {
    **dict.fromkeys(("int8", "uint8", "int16", "uint16", "int32"), "int_val"),
    "float32": "float_val",
    "float64": "double_val",
    "int64": "int64_val",
    "bool": "bool_val",
}
"""The field that has the elements of a message of one element, or of booleans, by dtype; others have their bytes."""


@public(top=True)
def make_tensor_proto(
    values: TensorLike,
    dtype: DTypeLike | None = None,
    shape: Any = None,
    verify_shape: bool = False,
    allow_broadcast: bool = False,
) -> Any:
    """A tensor as a message `TensorProto`.

    Args:
        values: what `sw.constant` takes.
        dtype: the dtype of the tensor.
        shape: its shape; if it has more elements than `values`, the last one of these is repeated.
        verify_shape: whether `values` have to have this shape.
        allow_broadcast: accepted as in TensorFlow, which repeats elements in any case.

    Raises InvalidArgumentError for values that do not fit the shape.

    Example:
        >>> import stepwell as sw
        >>> sw.make_ndarray(sw.make_tensor_proto([[1, 2]]))
        array([[1, 2]], dtype=int32)
    """
    del allow_broadcast
    from .summaries.protos import TensorProto  # loads the messages of TensorBoard

    wanted = None if dtype is None else dtype_named(dtype, "make_tensor_proto: dtype")
    array = _numpy(as_tensor(values, wanted, "make_tensor_proto: values"))
    if shape is not None:
        array = _shaped(array, tuple(map(int, shape)), verify_shape)
    message = TensorProto.FromString(_numpy(serialize_tensor(array)).item())
    field = _FIELDS.get(array.dtype.name)
    if field and (array.size == 1 or field == "bool_val"):
        message.ClearField("tensor_content")
        getattr(message, field).extend(array.ravel().tolist())
    return message


@public(top=True)
def make_ndarray(tensor: Any) -> np.ndarray:
    """The array that a message `TensorProto` represents. Raises InvalidArgumentError for what is none.

    Example:
        >>> import stepwell as sw
        >>> sw.make_ndarray(sw.make_tensor_proto("text")).item()
        b'text'
    """
    if not hasattr(tensor, "SerializeToString"):
        raise InvalidArgumentError(f"make_ndarray: tensor: expected a TensorProto, got {tensor!r}")
    try:
        return parsed(tensor.SerializeToString())
    except ValueError as error:
        raise InvalidArgumentError(f"make_ndarray: tensor: expected a TensorProto: {error}") from None


def _numpy(tensor: Tensor) -> np.ndarray:
    return np.asarray(tensor._concrete("make_tensor_proto"))


def _shaped(array: np.ndarray, shape: tuple[int, ...], verify: bool) -> np.ndarray:
    count = int(np.prod(shape, dtype=np.int64))
    if array.size > count or (verify and array.shape != shape) or (count and not array.size):
        raise InvalidArgumentError(f"make_tensor_proto: values: expected elements of shape {shape}, got {array.shape}")
    flat = array.ravel()
    return np.concatenate([flat, np.repeat(flat[-1:], count - array.size)]).reshape(shape)
