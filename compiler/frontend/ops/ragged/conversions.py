"""How RaggedTensors become tensors, SparseTensors and lists, and are made of them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import INT64, STRING, DType, DTypeLike
from ...tracing.tensor_shape import TensorShape
from ...values.composite import Composite
from ...values.dispatch import as_tensor
from ...values.tensor import SymbolicTensorError, Tensor, TensorLike, read
from ..arguments import Size, check, elements, indices_tensor, int64_of, product, shown, size_along, size_from
from ..index import gather
from ..index import range as counting
from ..logic import equal, less, logical_and, not_equal
from ..masks import boolean_mask
from ..math import maximum, minimum
from ..movement import pad, stack
from ..reduce import reduce_all, reduce_any, reduce_max, reduce_sum
from ..scatter import tensor_scatter_nd_update
from ..select import cast, where
from ..shape import broadcast_to, fill, ones, reshape
from ..sparse.tensor import SparseTensor
from . import splits as rows_

if TYPE_CHECKING:
    from .tensor import RaggedTensor


class Conversions(Composite):
    """The methods of `RaggedTensor` from and to other tensors and lists."""

    __slots__ = ()

    if TYPE_CHECKING:

        @classmethod
        def _of(cls, values: Tensor | RaggedTensor, splits: Tensor, uniform: Size | None = None) -> RaggedTensor: ...

    @classmethod
    def from_tensor(
        cls,
        tensor: TensorLike,
        lengths: Any = None,
        padding: TensorLike | None = None,
        ragged_rank: int = 1,
        name: str | None = None,
        row_splits_dtype: DTypeLike = INT64,
    ) -> RaggedTensor:
        """The rows of a tensor, or what comes first in them.

        Args:
            tensor: a tensor of at least two axes.
            lengths: how much of each row is taken; for several ragged axes a list of the lengths of the rows of each.
            padding: a value that is dropped where it is at the end of a row; of the shape that each value has.
            ragged_rank: how many axes are partitioned.
            name: not used.
            row_splits_dtype: int32 or int64.

        Example:
            >>> import stepwell as sw
            >>> sw.RaggedTensor.from_tensor([[5, 7, 0], [0, 3, 0], [6, 0, 0]], padding=0)
            <tf.RaggedTensor [[5, 7], [0, 3], [6]]>
        """
        where_ = "RaggedTensor.from_tensor"
        x, dtype = as_tensor(tensor, name=f"{where_}: tensor"), rows_.splits_dtype(where_, row_splits_dtype)
        if lengths is not None and padding is not None:
            raise InvalidArgumentError(f"{where_}: expected lengths or padding, got both")
        if isinstance(lengths, list | tuple) and lengths and not isinstance(lengths[0], int | np.integer):
            return _of_nested_lengths(x, lengths, ragged_rank, dtype)
        rank = _checked_rank(x, ragged_rank)
        if lengths is not None and rank > 1:
            text = f"expected a list of the lengths of the rows of each of {rank} axes, got {shown(lengths)}"
            raise InvalidArgumentError(f"{where_}: lengths: {text}")
        sizes = [size_along(x, axis) for axis in range(x.ndim)]
        flat = reshape(x, [product(sizes[:rank]), *sizes[rank:]]) if rank > 1 else x
        found = _of_matrix(flat, lengths, padding, dtype)
        for axis in range(rank - 1, 0, -1):
            splits = rows_.of_equal_length(sizes[axis], product(sizes[:axis]), dtype)
            found = cls._of(found, splits, sizes[axis])
        return found

    @classmethod
    def from_sparse(
        cls, st_input: SparseTensor, name: str | None = None, row_splits_dtype: DTypeLike = INT64
    ) -> RaggedTensor:
        """The rows of a SparseTensor, a matrix that has in each row the elements of the first columns.

        Raises InvalidArgumentError for elements that do not follow each other from the first column on.

        Example:
            >>> import stepwell as sw
            >>> x = sw.SparseTensor([[0, 0], [0, 1], [2, 0]], [1, 2, 3], [4, 2])
            >>> sw.RaggedTensor.from_sparse(x)
            <tf.RaggedTensor [[1, 2], [], [3], []]>
        """
        where_ = "RaggedTensor.from_sparse"
        if not isinstance(st_input, SparseTensor):
            raise InvalidTypeError(f"{where_}: st_input: expected a SparseTensor, got {shown(st_input)}")
        if st_input.rank != 2:
            raise InvalidArgumentError(f"{where_}: st_input: expected two axes, got {st_input.rank}")
        dtype = rows_.splits_dtype(where_, row_splits_dtype)
        columns = st_input.indices[:, 1]
        count: Any = st_input.dense_shape[0]
        splits = rows_.from_row_ids(st_input.indices[:, 0], size_from(count))
        places = rows_.places_in_rows(splits, size_along(columns, 0))
        text = f"{where_}: st_input: expected rows without gaps, in row-major order, got indices {{0}}"
        right = logical_and(rows_.ascending(st_input.indices[:, 0]), reduce_all(equal(columns, places)))
        check(right, text, st_input.indices)
        return cls._of(st_input.values, cast(splits, dtype))

    def to_tensor(self: Any, default_value: Any = None, name: str | None = None, shape: Any = None) -> Tensor:
        """The tensor that has all rows, those that are shorter filled up.

        Args:
            default_value: what rows are filled up with; zeros, False or empty strings if not given. It broadcasts with
                the values.
            name: not used.
            shape: the sizes of the tensor, None for those that rows need; what is more than them is dropped.

        Example:
            >>> import stepwell as sw
            >>> sw.ragged.constant([[9, 8, 7], [], [6]]).to_tensor(default_value=-1).numpy().tolist()
            [[9, 8, 7], [-1, -1, -1], [6, -1, -1]]
            >>> sw.ragged.constant([[9, 8, 7], [], [6]]).to_tensor(shape=[None, 2]).numpy().tolist()
            [[9, 8], [0, 0], [6, 0]]
        """
        flat: Tensor = self.flat_values
        sizes = _bounds(self)
        wanted, cuts = _asked_sizes(self, sizes, shape)
        places = places_of(self)
        if cuts:
            limits = stack([int64_of(size) for size in wanted[: len(places)]], 0)
            rows = stack(places, 1)
            inside = reduce_all(less(rows, limits), 1)
            flat, rows = boolean_mask(flat, inside), boolean_mask(rows, inside)
        else:
            rows = stack(places, 1)
        return tensor_scatter_nd_update(_filled(wanted, default_value, flat.dtype), rows, flat)

    def to_sparse(self: Any, name: str | None = None) -> SparseTensor:
        """The SparseTensor that has all values, each where it is in its row.

        Example:
            >>> import stepwell as sw
            >>> sw.ragged.constant([[1, 2], [], [3]]).to_sparse().indices.numpy().tolist()
            [[0, 0], [0, 1], [2, 0]]
        """
        flat: Tensor = self.flat_values
        if flat.ndim > 1:
            return self.with_flat_values(self.from_tensor(flat, ragged_rank=flat.ndim - 1)).to_sparse()
        return SparseTensor(stack(places_of(self), 1), flat, stack([int64_of(size) for size in _bounds(self)], 0))

    def to_list(self: Any) -> list[Any]:
        """The rows as lists. An error where they are known only when a function runs.

        Example:
            >>> import stepwell as sw
            >>> sw.ragged.constant([["a", "b"], []]).to_list()
            [[b'a', b'b'], []]
        """
        if self.is_symbolic:
            raise SymbolicTensorError(f"RaggedTensor.to_list needs the elements of {self!r}, which are not known yet")
        values = self.values.numpy().tolist() if isinstance(self.values, Tensor) else self.values.to_list()
        ends = self.row_splits.numpy().tolist()
        return [values[begin:end] for begin, end in pairwise(ends)]


def _checked_rank(x: Tensor, ragged_rank: object) -> int:
    where_ = "RaggedTensor.from_tensor"
    if not isinstance(ragged_rank, int | np.integer):
        raise InvalidTypeError(f"{where_}: ragged_rank: expected an int, got {shown(ragged_rank)}")
    if ragged_rank <= 0:
        raise InvalidArgumentError(f"{where_}: ragged_rank: expected 1 or more, got {ragged_rank}")
    if x.ndim <= ragged_rank:
        text = f"expected more than {ragged_rank} axes, as ragged_rank says, got shape {x.shape}"
        raise InvalidArgumentError(f"{where_}: tensor: {text}")
    return int(ragged_rank)


def _of_matrix(x: Tensor, lengths: Any, padding: TensorLike | None, dtype: DType) -> RaggedTensor:
    """The rows of a tensor, of one ragged axis."""
    from .tensor import RaggedTensor  # is made of this class

    count, width = size_along(x, 0), size_along(x, 1)
    if padding is not None:
        lengths = _unpadded_lengths(x, as_tensor(padding, x.dtype, "RaggedTensor.from_tensor: padding"))
    if lengths is None:
        rest = [size_along(x, axis) for axis in range(2, x.ndim)]
        flat = reshape(x, [product([count, width]), *rest])
        return RaggedTensor._of(flat, rows_.of_equal_length(width, count, dtype), width)
    given = indices_tensor("RaggedTensor.from_tensor", lengths, "lengths")
    if given.ndim != 1:
        text = f"expected a vector with a length for each row, got shape {given.shape}"
        raise InvalidArgumentError(f"RaggedTensor.from_tensor: lengths: {text}")
    own = rows_.scalar(size_along(given, 0), INT64)
    rows = rows_.scalar(count, INT64)
    check(equal(own, rows), "RaggedTensor.from_tensor: lengths: expected {1}, one for each row, got {0}", own, rows)
    limits = maximum(minimum(cast(given, INT64), int64_of(width)), int64_of(0))
    inside = less(counting(int64_of(0), int64_of(width), int64_of(1)), reshape(limits, [-1, 1]))
    return RaggedTensor._of(boolean_mask(x, inside), rows_.from_lengths(cast(limits, dtype)))


def _unpadded_lengths(x: Tensor, padding: Tensor) -> Tensor:
    """The lengths of rows without the values at their ends that are padding."""
    if padding.ndim != x.ndim - 2 or not padding.shape.is_compatible_with(x.shape[2:]):
        text = f"expected the shape {x.shape[2:]} of a value, got {padding.shape}"
        raise InvalidArgumentError(f"RaggedTensor.from_tensor: padding: {text}")
    differs = not_equal(x, padding)
    kept = reduce_any(differs, tuple(range(2, x.ndim))) if x.ndim > 2 else differs
    width = int64_of(size_along(x, 1))
    ends = counting(int64_of(1), width + int64_of(1), int64_of(1))
    found = where(kept, ends, int64_of(0))
    return reduce_max(_with_zero(found), 1)


def _with_zero(matrix: Tensor) -> Tensor:
    """With a column of zeros, so that there is one."""
    return pad(matrix, [[0, 0], [0, 1]])


def _of_nested_lengths(x: Tensor, lengths: Any, ragged_rank: int, dtype: DType) -> RaggedTensor:
    """The rows of several ragged axes."""
    from .tensor import RaggedTensor  # as above

    if ragged_rank not in (1, len(lengths)):
        text = f"expected {len(lengths)}, the number of lengths, got {ragged_rank}"
        raise InvalidArgumentError(f"RaggedTensor.from_tensor: ragged_rank: {text}")
    _checked_rank(x, len(lengths))
    nested = [cast(indices_tensor("RaggedTensor.from_tensor", each, "lengths"), dtype) for each in lengths]
    flags = ones([size_from(reduce_sum(nested[-1]))], np.bool_)
    sizes = [size_along(x, axis) for axis in range(len(lengths) + 1)]
    mask = RaggedTensor.from_nested_row_lengths(flags, nested).to_tensor(shape=sizes)
    return RaggedTensor.from_nested_row_lengths(boolean_mask(x, mask), nested)


def _bounds(ragged: RaggedTensor) -> list[Size]:
    """The sizes of the smallest tensor that has all rows."""
    inner = ragged.flat_values
    outer = [size_from(ragged._bound(axis)) for axis in range(ragged.ragged_rank + 1)]
    return [*outer, *[size_along(inner, axis) for axis in range(1, inner.ndim)]]


def places_of(ragged: RaggedTensor) -> list[Tensor]:
    """For each innermost value the index along each axis, of int64, the outermost axis first."""
    found: list[Tensor] = []
    ids: Tensor | None = None
    values = size_along(ragged.flat_values, 0)
    levels = list(ragged.nested_row_splits)
    counts = [*[rows_.count_of_rows(splits) for splits in levels[1:]], values]
    for splits, count in zip(reversed(levels), reversed(counts)):
        place, row = rows_.places_in_rows(splits, count), rows_.row_ids(splits, count)
        if ids is not None:
            place, row = gather(place, ids), gather(row, ids)
        found.append(cast(place, INT64))
        ids = row
    assert ids is not None
    return [cast(ids, INT64), *reversed(found)]


def _asked_sizes(ragged: RaggedTensor, sizes: list[Size], shape: Any) -> tuple[list[Size], bool]:
    """The sizes of the tensor that is asked for, and whether rows have to be cut."""
    where_ = "RaggedTensor.to_tensor"
    given: Any = read(shape)
    if isinstance(given, TensorShape) and given.rank is None:
        given = None
    if given is None:
        return sizes, False
    if isinstance(given, Tensor):
        if given.ndim != 1 or (given.shape[0] is None):
            raise InvalidArgumentError(f"{where_}: shape: expected a vector of known length, got {given!r}")
        given = elements(where_, given, "shape")
    asked = list(given)
    if len(asked) != len(sizes):
        raise InvalidArgumentError(f"{where_}: shape: expected {len(sizes)} sizes, got {asked}")
    asked = [None if size is None or (isinstance(size, int) and size == -1) else size for size in asked]
    found: list[Size] = []
    for axis, (own, size) in enumerate(zip(sizes, asked)):
        wanted = own if size is None else size if isinstance(size, Tensor) else int(size)
        if axis > ragged.ragged_rank and size is not None:
            values = rows_.scalar(own, INT64), rows_.scalar(wanted, INT64)
            check(equal(*values), f"{where_}: shape: expected size {{0}} along axis {axis}, got {{1}}", *values)
        found.append(wanted)
    return found, any(size is not None for size in asked[: ragged.ragged_rank + 1])


def _filled(sizes: list[Size], default: Any, dtype: DType) -> Tensor:
    """A tensor of what rows are filled up with."""
    given = default if default is not None else "" if dtype == STRING else np.zeros((), dtype)
    value = as_tensor(given, dtype, "RaggedTensor.to_tensor: default_value")
    inner = len(sizes) - 1
    if value.ndim > inner:
        text = f"expected at most {inner} axes, got shape {value.shape}"
        raise InvalidArgumentError(f"RaggedTensor.to_tensor: default_value: {text}")
    return fill(sizes, value) if not value.ndim else broadcast_to(value, sizes)
