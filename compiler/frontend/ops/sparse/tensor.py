"""`SparseTensor`: a tensor of which only some elements are stored, and all others are zeros."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import optree

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import INT64, DType, DTypeLike, dtype_named
from .....dialects.public import public
from ...tracing.signature import TensorSpec
from ...tracing.tensor_shape import TensorShape
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..index import gather_nd
from ..math import divide, multiply
from ..select import cast
from ..shape import broadcast_to


@public("sparse", top=True)
class SparseTensor:
    """Some elements of a tensor, and where they are; all others are zeros.

    Functions of `sw.sparse` take it; functions on tensors do not, but `sw.sparse.to_dense` makes a tensor of it. It can
    be an argument and a result of a `sw.function`, in which the sizes of an argument are not known while it is traced.

    Args:
        indices: an int64 matrix with a row of indices for each element, in row-major order for most functions.
        values: the elements.
        dense_shape: the sizes of the tensor, an int64 vector.

    Example:
        >>> import stepwell as sw
        >>> x = sw.SparseTensor(indices=[[0, 1], [1, 0]], values=[5, 6], dense_shape=[2, 3])
        >>> sw.sparse.to_dense(x).numpy().tolist()
        [[0, 5, 0], [6, 0, 0]]
    """

    def __init__(self, indices: TensorLike, values: TensorLike, dense_shape: TensorLike):
        self._indices = _integers(indices, "indices")
        self._values = as_tensor(values, name="SparseTensor: values")
        self._dense_shape = _integers(dense_shape, "dense_shape")
        shapes = self._indices.shape, self._values.shape, self._dense_shape.shape
        if tuple(map(len, shapes)) != (2, 1, 1):
            text = f"expected a matrix and two vectors, got shapes {shapes[0]}, {shapes[1]} and {shapes[2]}"
            raise InvalidArgumentError(f"SparseTensor: indices, values and dense_shape: {text}")
        (count, rank), (own,), (sizes,) = shapes
        if (count != own and None not in (count, own)) or (rank != sizes and None not in (rank, sizes)):
            text = f"expected shape {(own, sizes)} for values and dense_shape, got {shapes[0]}"
            raise InvalidArgumentError(f"SparseTensor: indices: {text}")

    @property
    def indices(self) -> Tensor:
        """For each stored element its indices, a row of an int64 matrix."""
        return self._indices

    @property
    def values(self) -> Tensor:
        """The stored elements."""
        return self._values

    @property
    def dense_shape(self) -> Tensor:
        """The sizes, an int64 vector."""
        return self._dense_shape

    @property
    def shape(self) -> TensorShape:
        """The sizes, as far as they are known."""
        if not self._dense_shape.is_symbolic:
            return TensorShape(self._dense_shape.numpy())
        rank = self.rank
        return TensorShape(None if rank is None else [None] * rank)

    @property
    def rank(self) -> int | None:
        """How many axes there are, as far as it is known."""
        return self._indices.shape[1] if self._dense_shape.shape[0] is None else self._dense_shape.shape[0]

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return self._values.dtype

    def get_shape(self) -> TensorShape:
        """The sizes, as far as they are known."""
        return self.shape

    def with_values(self, new_values: TensorLike) -> SparseTensor:
        """A SparseTensor with the same indices and other elements."""
        return SparseTensor(self._indices, new_values, self._dense_shape)

    def _times(self, operation: Any, other: object) -> SparseTensor:
        if isinstance(other, SparseTensor):
            raise InvalidTypeError("SparseTensor: expected a tensor to multiply with or divide by, got a SparseTensor")
        y = as_tensor(other, self.dtype, "SparseTensor: the other operand")  # pyright: ignore[reportArgumentType]
        if y.ndim:
            y = gather_nd(broadcast_to(y, self._dense_shape), self._indices)
        return self.with_values(operation(self._values, y))

    def __mul__(self, other: object) -> SparseTensor:
        return self._times(multiply, other)

    def __truediv__(self, other: object) -> SparseTensor:
        return self._times(divide, other)

    def __repr__(self) -> str:
        return f"SparseTensor(indices={self._indices!s}, values={self._values!s}, dense_shape={self._dense_shape!s})"


def _integers(value: TensorLike, argument: str) -> Tensor:
    """A tensor of int64, which arrays of other integers become."""
    where = f"SparseTensor: {argument}"
    if not isinstance(value, Tensor):
        if isinstance(value, np.ndarray) and np.issubdtype(value.dtype, np.integer):
            value = value.astype(np.int64)
        if isinstance(value, list | tuple):  # of sizes, some of which are tensors
            value = [
                cast(each, INT64) if isinstance(each, Tensor) and each.dtype.is_integer else each for each in value
            ]
        return as_tensor(value, INT64, where)
    if value.dtype != INT64:
        raise InvalidTypeError(f"{where}: expected int64, got dtype {value.dtype.name}")
    return value


def _flatten(tensor: SparseTensor) -> tuple[tuple[Tensor, Tensor, Tensor], None]:
    return (tensor._indices, tensor._values, tensor._dense_shape), None


def _unflatten(_: None, parts: Sequence[Any]) -> SparseTensor:
    """A SparseTensor of any parts: in a structure of specs, or of flags, they are no tensors."""
    found = object.__new__(SparseTensor)
    found._indices, found._values, found._dense_shape = parts
    return found


optree.register_pytree_node(SparseTensor, _flatten, _unflatten, namespace=optree.registry.__GLOBAL_NAMESPACE)  # pyright: ignore


@public(top=True)
class SparseTensorSpec:
    """The shape and dtype of a SparseTensor that an argument is: an element of an `input_signature`.

    Args:
        shape: the sizes, None for those that are not known. How many there are is known.
        dtype: the dtype of the elements.

    Example:
        >>> import stepwell as sw
        >>> @sw.function(input_signature=[sw.SparseTensorSpec([None, 3], sw.int32)])
        ... def total(x):
        ...     return sw.sparse.reduce_sum(x)
        >>> total(sw.SparseTensor([[0, 1], [1, 0]], [5, 6], [2, 3])).numpy().item()
        11
    """

    def __init__(self, shape: Sequence[int | None] | TensorShape | None = None, dtype: DTypeLike = np.float32):
        self._shape, self._dtype = TensorShape(shape), dtype_named(dtype, "SparseTensorSpec: dtype")

    @property
    def shape(self) -> TensorShape:
        """The sizes."""
        return self._shape

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return self._dtype

    @property
    def rank(self) -> int | None:
        """How many axes there are."""
        return self._shape.rank

    @classmethod
    def from_value(cls, value: SparseTensor) -> SparseTensorSpec:
        """The spec of a SparseTensor."""
        return cls(value.shape, value.dtype)

    def is_compatible_with(self, spec_or_value: SparseTensor | SparseTensorSpec) -> bool:
        """Whether a SparseTensor could fit both this and another spec, or a SparseTensor this spec."""
        if not isinstance(spec_or_value, SparseTensor | SparseTensorSpec):
            return False
        return self._dtype == spec_or_value.dtype and self._shape.is_compatible_with(spec_or_value.shape)

    def __stepwell_parts__(self) -> SparseTensor:
        """A SparseTensor of specs in place of tensors."""
        if self.rank is None:
            raise InvalidArgumentError(f"SparseTensorSpec: shape: expected a known number of sizes, got {self!r}")
        indices, sizes = TensorSpec([None, self.rank], INT64), TensorSpec([self.rank], INT64)
        return _unflatten(None, (indices, TensorSpec([None], self._dtype), sizes))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SparseTensorSpec) and (self._shape, self._dtype) == (other._shape, other._dtype)

    def __hash__(self) -> int:
        return hash((self._dtype, self.rank))

    def __repr__(self) -> str:
        return f"SparseTensorSpec({self._shape!r}, tf.{self._dtype.name})"
