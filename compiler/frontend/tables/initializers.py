"""`KeyValueTensorInitializer`: keys and values in tensors."""

from __future__ import annotations

from typing import Any

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import DType, DTypeLike
from ....dialects.public import public
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor, TensorLike
from .table import key_dtype_of


@public("lookup")
class KeyValueTensorInitializer:
    """Keys and their values for a static table.

    Args:
        keys: strings or integers, which are known when the table is made.
        values: a value for each key.
        key_dtype: the dtype of keys; that of `keys` if None.
        value_dtype: the dtype of values; that of `values` if None.
        name: not used.

    Raises ValueError for another number of values than keys, UnsupportedError for keys of other dtypes.

    Example:
        >>> import stepwell as sw
        >>> initializer = sw.lookup.KeyValueTensorInitializer(["a", "b"], [1.0, 2.0])
        >>> initializer.key_dtype, initializer.value_dtype
        (tf.string, tf.float32)
    """

    def __init__(
        self,
        keys: TensorLike,
        values: TensorLike,
        key_dtype: DTypeLike | None = None,
        value_dtype: DTypeLike | None = None,
        name: str | None = None,
    ):
        self._keys = _known("keys", keys, key_dtype)
        self._values = _known("values", values, value_dtype)
        key_dtype_of("KeyValueTensorInitializer", self._keys.dtype)
        if self._keys.shape != self._values.shape:
            raise InvalidArgumentError(
                f"KeyValueTensorInitializer: values: expected shape {self._keys.shape}, as of keys, got "
                f"{self._values.shape}"
            )

    @property
    def key_dtype(self) -> DType:
        """The dtype of keys."""
        return self._keys.dtype

    @property
    def value_dtype(self) -> DType:
        """The dtype of values."""
        return self._values.dtype

    def initialize(self, table: Any) -> None:
        """Add the keys and values to a static table."""
        what = f"{type(table).__name__}: initializer"
        table.entries.insert_new(self._keys._concrete(what), self._values._concrete(what), what)


def _known(argument: str, value: TensorLike, dtype: DTypeLike | None) -> Tensor:
    tensor = as_tensor(value, dtype, f"KeyValueTensorInitializer: {argument}")
    if tensor.is_symbolic:
        raise InvalidTypeError(
            f"KeyValueTensorInitializer: {argument}: expected known values, got a tensor that is computed in a function"
        )
    return tensor
