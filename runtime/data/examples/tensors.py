"""`parse_tensor`: tensors from messages `TensorProto`."""

from __future__ import annotations

import numpy as np

from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.values.dispatch import as_tensor
from ....compiler.frontend.values.tensor import Tensor, TensorLike
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import STRING, DType, DTypeLike, dtype_named, dtype_of
from ....dialects.hl.rules.tensor_proto import parsed
from ....dialects.public import public
from .calls import host_call


@public("io")
def parse_tensor(serialized: TensorLike, out_type: DTypeLike, name: str | None = None) -> Tensor:
    """The tensor that `serialize_tensor` returned as a string.

    Args:
        serialized: the string. In a function, where it is known only when that runs, the number of axes of the result
            has to be said next, by `set_shape` or `sw.ensure_shape`.
        out_type: the dtype of the tensor.
        name: not used.

    Raises InvalidArgumentError for what is no tensor, or one of another dtype.

    Example:
        >>> import stepwell as sw
        >>> sw.io.parse_tensor(sw.io.serialize_tensor("a"), sw.string).numpy()
        b'a'
        >>> texts = sw.data.Dataset.from_tensors(sw.io.serialize_tensor([1, 2]))
        >>> rows = texts.map(lambda text: sw.ensure_shape(sw.io.parse_tensor(text, sw.int32), [None]))
        >>> [row.numpy().tolist() for row in rows]
        [[1, 2]]
    """
    wanted, text = dtype_named(out_type, "parse_tensor: out_type"), as_tensor(serialized, STRING, "parse_tensor")
    if text.ndim:
        raise InvalidArgumentError(f"parse_tensor: serialized: expected one string, got shape {text.shape}")
    return host_call("parse_tensor", lambda message: [_tensor(message.item(), wanted)], [text],
                     [TensorSpec(None, wanted)])[0]  # fmt: skip


def _tensor(message: bytes, wanted: DType) -> np.ndarray:
    try:
        found = parsed(message)
    except (ValueError, IndexError, OverflowError) as error:
        shown = message if len(message) < 100 else message[:100] + b"..."
        raise InvalidArgumentError(f"parse_tensor: serialized: {shown!r} is no TensorProto: {error}") from None
    dtype = dtype_of(found)
    if dtype != wanted:
        raise InvalidArgumentError(f"parse_tensor: out_type: expected {dtype.name}, got {wanted.name}")
    return found
