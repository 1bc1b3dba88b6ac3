"""`IndexedSlices`: a tensor of which some rows are given, and all others are zeros."""

from __future__ import annotations

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import DType
from ....dialects.public import public
from ..tracing.tensor_shape import TensorShape
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor, TensorLike
from .arguments import indices_tensor
from .math import negative
from .scatter import scatter_nd
from .shape import expand_dims


@public(top=True)
class IndexedSlices:
    """Rows of a tensor whose other rows are zeros; functions on tensors take it for that tensor.

    Args:
        values: the rows, one after the other along the first axis.
        indices: for each row its index along the first axis; rows of one index are added.
        dense_shape: the shape of the tensor; without it there is no tensor form.

    Example:
        >>> import stepwell as sw
        >>> slices = sw.IndexedSlices([[1.0, 2.0]], [1], dense_shape=[3, 2])
        >>> sw.convert_to_tensor(slices).numpy().tolist()
        [[0.0, 0.0], [1.0, 2.0], [0.0, 0.0]]
    """

    def __init__(self, values: TensorLike, indices: TensorLike, dense_shape: TensorLike | None = None):
        self._values = as_tensor(values, name="IndexedSlices: values")
        self._indices = indices_tensor("IndexedSlices", indices)
        self._dense_shape = None if dense_shape is None else indices_tensor("IndexedSlices", dense_shape, "dense_shape")

    @property
    def values(self) -> Tensor:
        """The rows."""
        return self._values

    @property
    def indices(self) -> Tensor:
        """The index of each row."""
        return self._indices

    @property
    def dense_shape(self) -> Tensor | None:
        """The shape of the tensor, as a vector; None if it is not known."""
        return self._dense_shape

    @property
    def shape(self) -> TensorShape:
        """The shape of the tensor, as far as it is known."""
        if self._dense_shape is None:
            return TensorShape(None)
        if not self._dense_shape.is_symbolic:
            return TensorShape(self._dense_shape.numpy())
        return TensorShape([None] * (self._dense_shape.shape[0] or 0))

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return self._values.dtype

    @property
    def name(self) -> str:
        """The name of the rows in a trace."""
        return self._values.name

    def __stepwell_tensor__(self) -> Tensor:
        """The tensor. Raises ValueError if its shape is not known."""
        if self._dense_shape is None:
            raise InvalidArgumentError(f"IndexedSlices: dense_shape: expected a shape, to make a tensor of {self}")
        return scatter_nd(expand_dims(self._indices, -1), self._values, self._dense_shape)

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(negative(self._values), self._indices, self._dense_shape)

    def __str__(self) -> str:
        shape = "" if self._dense_shape is None else f", dense_shape={self._dense_shape!s}"
        return f"IndexedSlices(indices={self._indices!s}, values={self._values!s}{shape})"
