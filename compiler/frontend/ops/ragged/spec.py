"""`RaggedTensorSpec`: the shape and dtype of a RaggedTensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT64, DType, DTypeLike, dtype_named
from .....dialects.public import public
from ...tracing.signature import TensorSpec
from ...tracing.tensor_shape import TensorShape
from . import splits as rows_
from .tensor import RaggedTensor


@public(top=True)
class RaggedTensorSpec:
    """The shape and dtype of a RaggedTensor that an argument or an element of a dataset is.

    Args:
        shape: the sizes, None for those that are not known, and for ragged axes.
        dtype: the dtype of the values.
        ragged_rank: how many axes are partitioned; all but the first one by default.
        row_splits_dtype: int32 or int64.
        flat_values_spec: accepted as in TensorFlow; has to be None.

    Example:
        >>> import stepwell as sw
        >>> @sw.function(input_signature=[sw.RaggedTensorSpec([None, None], sw.int32)])
        ... def total(x):
        ...     return sw.reduce_sum(x, axis=1)
        >>> total(sw.ragged.constant([[1, 2], [3]])).numpy().tolist()
        [3, 3]
    """

    def __init__(
        self,
        shape: Sequence[int | None] | TensorShape | None = None,
        dtype: DTypeLike = np.float32,
        ragged_rank: int | None = None,
        row_splits_dtype: DTypeLike = INT64,
        flat_values_spec: None = None,
    ):
        if flat_values_spec is not None:
            raise InvalidArgumentError("RaggedTensorSpec: flat_values_spec: expected None, since values are tensors")
        self._shape, self._dtype = TensorShape(shape), dtype_named(dtype, "RaggedTensorSpec: dtype")
        self._splits = rows_.splits_dtype("RaggedTensorSpec", row_splits_dtype)
        rank = self._shape.rank
        if ragged_rank is None:
            if rank is None:
                raise InvalidArgumentError(
                    "RaggedTensorSpec: ragged_rank: expected a number for a shape of unknown rank"
                )
            ragged_rank = rank - 1
        if ragged_rank < 0 or (rank is not None and ragged_rank >= max(rank, 1)):
            text = f"expected 0 or more, and less than the rank of shape {self._shape}, got {ragged_rank}"
            raise InvalidArgumentError(f"RaggedTensorSpec: ragged_rank: {text}")
        self._ragged_rank = int(ragged_rank)

    @property
    def shape(self) -> TensorShape:
        """The sizes."""
        return self._shape

    @property
    def dtype(self) -> DType:
        """The dtype of the values."""
        return self._dtype

    @property
    def ragged_rank(self) -> int:
        """How many axes are partitioned."""
        return self._ragged_rank

    @property
    def row_splits_dtype(self) -> DType:
        """The dtype of the row splits."""
        return self._splits

    @property
    def value_type(self) -> type:
        """The class of the values that fit."""
        return RaggedTensor

    @classmethod
    def from_value(cls, value: RaggedTensor) -> RaggedTensorSpec:
        """The spec of a RaggedTensor."""
        return cls(value.shape, value.dtype, value.ragged_rank, value.row_splits.dtype)

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a RaggedTensor could fit both this and another spec, or a RaggedTensor this spec."""
        other = spec_or_value
        if isinstance(other, RaggedTensor):
            other = RaggedTensorSpec.from_value(other)
        if not isinstance(other, RaggedTensorSpec):
            return False
        return self._facts() == other._facts() and self._shape.is_compatible_with(other._shape)

    def most_specific_compatible_type(self, other: RaggedTensorSpec) -> RaggedTensorSpec:
        """The spec that RaggedTensors of both fit. Raises ValueError for specs of different dtypes or ragged ranks."""
        if not isinstance(other, RaggedTensorSpec) or self._facts() != other._facts():
            raise InvalidArgumentError(f"RaggedTensorSpec: no spec is compatible with both {self!r} and {other!r}")
        return RaggedTensorSpec(self._shape.most_specific_compatible_shape(other._shape), *self._facts())

    def _facts(self) -> tuple[DType, int, DType]:
        return self._dtype, self._ragged_rank, self._splits

    def __stepwell_parts__(self) -> Any:
        """A RaggedTensor of specs in place of tensors."""
        if self._shape.rank is None:
            raise InvalidArgumentError(f"RaggedTensorSpec: shape: expected a known number of sizes, got {self!r}")
        if not self._ragged_rank:
            return TensorSpec(self._shape, self._dtype)
        sizes = list(self._shape)
        found: Any = TensorSpec([None, *sizes[self._ragged_rank + 1 :]], self._dtype)
        for axis in range(self._ragged_rank - 1, -1, -1):
            rows = sizes[0] if axis == 0 else None
            splits = TensorSpec([None if rows is None else rows + 1], self._splits)
            found = RaggedTensor._of(found, splits, sizes[axis + 1])  # pyright: ignore[reportArgumentType]
        return found

    def __eq__(self, other: object) -> bool:
        mine = (self._shape, *self._facts())
        return isinstance(other, RaggedTensorSpec) and mine == (other._shape, *other._facts())

    def __hash__(self) -> int:
        return hash((self._shape.rank, *self._facts()))

    def __repr__(self) -> str:
        dtypes = f"tf.{self._dtype.name}, {self._ragged_rank}, tf.{self._splits.name}"
        return f"RaggedTensorSpec({self._shape!r}, {dtypes})"
