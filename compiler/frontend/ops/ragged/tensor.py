"""`RaggedTensor`: a tensor of rows that may have different lengths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NoReturn, TypeGuard

import numpy as np
import optree

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import INT64, DType, DTypeLike
from .....dialects.public import public
from ...tracing.tensor_shape import TensorShape
from ...values.tensor import SymbolicTensorError, Tensor
from ..arguments import Size, axis_of, check, product, size_along
from ..index import gather
from ..logic import equal
from ..movement import stack
from ..select import cast
from ..shape import fill, reshape
from . import splits as rows_
from .conversions import Conversions
from .dispatch import applied
from .factories import Factories, size_of_values, values_of
from .operators import Operators
from .text import ragged_repr


@public(top=True)
class RaggedTensor(Factories, Conversions, Operators):
    """A tensor of rows that may have different lengths: values, and where the rows of them begin and end.

    It is made by its class methods, or by `sw.ragged.constant`. The values are a tensor, or again a RaggedTensor, so
    that several axes may be ragged. Most functions on tensors take it too; functions on elements do not change the
    rows. It can be an argument and a result of a `sw.function`, and is carried by its loops and branches.

    Example:
        >>> import stepwell as sw
        >>> x = sw.RaggedTensor.from_row_lengths([3, 1, 4, 1, 5], [4, 0, 1])
        >>> x
        <tf.RaggedTensor [[3, 1, 4, 1], [], [5]]>
        >>> sw.reduce_sum(x * 2, axis=1).numpy().tolist()
        [18, 0, 10]
    """

    __slots__ = ("__weakref__", "_row_splits", "_uniform", "_values")
    __array_priority__ = 101

    _values: Tensor | RaggedTensor
    _row_splits: Tensor
    _uniform: Size | None
    """The length of all rows where it is known to be one."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        del args, kwargs
        raise InvalidTypeError(
            "RaggedTensor: it is made by class methods, such as RaggedTensor.from_row_splits, or by sw.ragged.constant"
        )

    @classmethod
    def _of(cls, values: Tensor | RaggedTensor, splits: Tensor, uniform: Size | None = None) -> RaggedTensor:
        """A RaggedTensor of parts that fit, which is not checked."""
        found = object.__new__(cls)
        found._values, found._row_splits, found._uniform = values, splits, uniform
        return found

    @property
    def values(self) -> Any:
        """The values of all rows, one after the other: a tensor, or a RaggedTensor if there are rows in rows."""
        return self._values

    @property
    def flat_values(self) -> Tensor:
        """The values of the innermost rows, a tensor."""
        return self._values.flat_values if isinstance(self._values, RaggedTensor) else self._values

    @property
    def row_splits(self) -> Tensor:
        """Where rows end, with 0 before: row `i` is `values[row_splits[i]:row_splits[i + 1]]`."""
        return self._row_splits

    @property
    def nested_row_splits(self) -> tuple[Tensor, ...]:
        """The row splits of each ragged axis, the outermost first."""
        inner = self._values.nested_row_splits if isinstance(self._values, RaggedTensor) else ()
        return (self._row_splits, *inner)

    @property
    def uniform_row_length(self) -> Tensor | None:
        """The length of all rows, a scalar, if it was said that they have one; None else."""
        return None if self._uniform is None else rows_.scalar(self._uniform, self._row_splits)

    @property
    def ragged_rank(self) -> int:
        """How many axes are partitioned by row splits."""
        return 1 + self._values.ragged_rank if isinstance(self._values, RaggedTensor) else 1

    @property
    def dtype(self) -> DType:
        """The dtype of the values."""
        return self.flat_values.dtype

    @property
    def shape(self) -> TensorShape:
        """The sizes, as far as they are known; None for that of rows of different lengths."""
        count, length = rows_.count_of_rows(self._row_splits), self._uniform
        first = [size if isinstance(size, int) else None for size in (count, length)]
        return TensorShape([*first, *self._values.shape[1:]])

    def get_shape(self) -> TensorShape:
        """The sizes, as `shape`."""
        return self.shape

    def nrows(self, out_type: DTypeLike | None = None, name: str | None = None) -> Tensor:
        """How many rows there are, as a scalar of the dtype of the splits, or another."""
        return cast(rows_.scalar(self._count, self._row_splits), out_type or self._row_splits.dtype)

    @property
    def _count(self) -> Size:
        return rows_.count_of_rows(self._row_splits)

    def row_starts(self, name: str | None = None) -> Tensor:
        """Where each row begins in `values`."""
        return self._row_splits[:-1]

    def row_limits(self, name: str | None = None) -> Tensor:
        """Where each row ends in `values`."""
        return self._row_splits[1:]

    def row_lengths(self, axis: int = 1, name: str | None = None) -> Any:
        """The lengths of rows along an axis.

        Args:
            axis: the axis; 0 is the number of rows.
            name: not used.

        Returns:
            A vector for axis 1, a RaggedTensor for axes within rows.

        Example:
            >>> import stepwell as sw
            >>> sw.ragged.constant([[[1, 2], []], []]).row_lengths(axis=2)
            <tf.RaggedTensor [[2, 0], []]>
        """
        number = axis_of("RaggedTensor.row_lengths", axis, self._rank)
        if number == 0:
            return self.nrows()
        if number == 1:
            return rows_.lengths_of(self._row_splits)
        if isinstance(self._values, RaggedTensor):
            return self.with_values(self._values.row_lengths(number - 1))
        sizes = [size_along(self._values, axis) for axis in range(number)]
        length = rows_.scalar(size_along(self._values, number - 1), self._row_splits)
        return self.with_values(fill(sizes[:-1], length))

    @property
    def _rank(self) -> int:
        return 1 + (self._values._rank if isinstance(self._values, RaggedTensor) else self._values.ndim)

    def nested_row_lengths(self, name: str | None = None) -> tuple[Tensor, ...]:
        """The lengths of the rows of each ragged axis, the outermost first."""
        return tuple(map(rows_.lengths_of, self.nested_row_splits))

    def value_rowids(self, name: str | None = None) -> Tensor:
        """For each of `values` the number of its row."""
        return rows_.row_ids(self._row_splits, size_of_values(self._values))

    def nested_value_rowids(self, name: str | None = None) -> tuple[Tensor, ...]:
        """For the values of each ragged axis the numbers of their rows, the outermost first."""
        inner = self._values.nested_value_rowids() if isinstance(self._values, RaggedTensor) else ()
        return (self.value_rowids(), *inner)

    def bounding_shape(self, axis: Any = None, name: str | None = None, out_type: DTypeLike | None = None) -> Tensor:
        """The sizes of the smallest tensor that has all rows, some of which are filled up.

        Args:
            axis: an axis, or several, whose sizes are wanted; all if None.
            name: not used.
            out_type: the dtype of the sizes, by default that of the splits.

        Example:
            >>> import stepwell as sw
            >>> sw.ragged.constant([[1, 2, 3, 4], [5], []]).bounding_shape().numpy().tolist()
            [3, 4]
        """
        dtype = out_type or self._row_splits.dtype
        wanted = range(self._rank) if axis is None else axis
        if isinstance(wanted, int):
            return cast(self._bound(axis_of("RaggedTensor.bounding_shape", wanted, self._rank)), dtype)
        numbers = [axis_of("RaggedTensor.bounding_shape", each, self._rank) for each in np.asarray(wanted).tolist()]
        return stack([cast(self._bound(number), dtype) for number in numbers], 0)

    def _bound(self, axis: int) -> Tensor:
        """The size along an axis, the greatest if there are several, as a scalar of the dtype of the splits."""
        if axis == 0:
            return self.nrows()
        if axis == 1:
            return self.uniform_row_length if self._uniform is not None else rows_.greatest(self.row_lengths())  # pyright: ignore
        if isinstance(self._values, RaggedTensor):
            return self._values._bound(axis - 1)
        return rows_.scalar(size_along(self._values, axis - 1), self._row_splits)

    def with_values(self, new_values: Any) -> RaggedTensor:
        """The same rows of other values, of which there have to be as many."""
        whole = values_of("with_values", new_values)
        own, given = size_of_values(self._values), size_of_values(whole)
        if isinstance(own, int) and isinstance(given, int):
            if own != given:
                text = f"expected {own} values as before, got {given}"
                raise InvalidArgumentError(f"RaggedTensor.with_values: new_values: {text}")
        elif own is not given:
            sizes = rows_.scalar(own, INT64), rows_.scalar(given, INT64)
            check(equal(*sizes), "RaggedTensor.with_values: new_values: expected {0} values as before, got {1}", *sizes)
        return self._of(whole, self._row_splits, self._uniform)

    def with_flat_values(self, new_values: Any) -> RaggedTensor:
        """The same rows of other innermost values, of which there have to be as many."""
        inner = self._values
        return self.with_values(inner.with_flat_values(new_values) if isinstance(inner, RaggedTensor) else new_values)

    def _with_flat(self, flat: Tensor) -> RaggedTensor:
        """The same rows of values of which it is known that they are as many."""
        inner = self._values
        values = inner._with_flat(flat) if isinstance(inner, RaggedTensor) else flat
        return self._of(values, self._row_splits, self._uniform)

    def fitted(self, like: RaggedTensor) -> RaggedTensor | None:
        """Without lengths that are not known of the rows of `like`; None if more is known of these."""
        found: Any = self.with_lengths_of(like)
        return found if optree.tree_structure(found) == optree.tree_structure(like) else None  # pyright: ignore

    def differentiated(self) -> Tensor:
        """The flat values."""
        return self.flat_values

    def with_gradient(self, gradient: Any) -> RaggedTensor | None:
        """The same rows of gradients; None for no gradient."""
        return None if gradient is None else self._with_flat(gradient)

    def with_lengths_of(self, like: RaggedTensor) -> RaggedTensor:
        """The same rows, of which one length is known only where it is of another RaggedTensor, too."""
        values: Any = self._values
        if isinstance(values, RaggedTensor) and isinstance(like._values, RaggedTensor):
            values = values.with_lengths_of(like._values)
        return self._of(values, self._row_splits, self._uniform if like._uniform is not None else None)

    def with_row_splits_dtype(self, dtype: DTypeLike) -> RaggedTensor:
        """The same rows, with splits of int32 or int64."""
        wanted = rows_.splits_dtype("RaggedTensor.with_row_splits_dtype", dtype, "dtype")
        if wanted == self._row_splits.dtype:
            return self
        inner = self._values
        values = inner.with_row_splits_dtype(wanted) if isinstance(inner, RaggedTensor) else inner
        return self._of(values, cast(self._row_splits, wanted), self._uniform)

    def merge_dims(self, outer_axis: int, inner_axis: int) -> Any:
        """The RaggedTensor, or tensor, in which several axes are one.

        Args:
            outer_axis: the first of these axes.
            inner_axis: the last one.

        Example:
            >>> import stepwell as sw
            >>> sw.ragged.constant([[[1, 2], [3]], [[4]]]).merge_dims(1, 2)
            <tf.RaggedTensor [[1, 2, 3], [4]]>
        """
        where = "RaggedTensor.merge_dims"
        outer = axis_of(where, outer_axis, self._rank, "outer_axis")
        inner = axis_of(where, inner_axis, self._rank, "inner_axis")
        if outer > inner:
            raise InvalidArgumentError(f"{where}: expected outer_axis up to inner_axis, got {outer_axis}, {inner_axis}")
        return self if outer == inner else self._merged(outer, inner)

    def _merged(self, outer: int, inner: int) -> Any:
        values: Any = self._values
        if outer > 1 or (outer == 1 and not isinstance(values, RaggedTensor)):
            if isinstance(values, RaggedTensor):
                return self._of(values._merged(outer - 1, inner - 1), self._row_splits, self._uniform)
            return self._merged_inside(outer, inner)
        if outer == 0:
            if inner == 1:
                return values
            return values._merged(0, inner - 1) if isinstance(values, RaggedTensor) else _joined(values, 0, inner - 1)
        for _ in range(inner - 1):
            if isinstance(values, RaggedTensor):
                self = self._of(values._values, gather(values._row_splits, self._row_splits))
            else:
                length = size_along(values, 1)
                widened = self._row_splits * rows_.scalar(length, self._row_splits)
                self = self._of(_joined(values, 0, 1), widened)
            values = self._values
        return self

    def _merged_inside(self, outer: int, inner: int) -> RaggedTensor:
        """With axes of the innermost values, or those and the one of their rows, as one."""
        values: Any = self._values
        if outer > 1:
            return self._of(_joined(values, outer - 1, inner - 1), self._row_splits, self._uniform)
        flat = _joined(values, 0, inner - 1)
        length = product([size_along(values, axis) for axis in range(1, inner)])
        return self._of(flat, self._row_splits * rows_.scalar(length, self._row_splits))

    def consumers(self) -> list[object]:
        """Nothing: operations are no objects here."""
        return []

    def numpy(self) -> np.ndarray[Any, np.dtype[Any]]:
        """An array of the rows: of one dtype if they are equally long, else of arrays."""
        return rows_as_array(self)

    @property
    def is_symbolic(self) -> bool:
        """Whether the values or rows are known only when the traced function runs."""
        return any(tensor.is_symbolic for tensor in (self.flat_values, *self.nested_row_splits))

    def __bool__(self) -> NoReturn:
        raise TypeError("RaggedTensor may not be used as a boolean.")

    def __hash__(self) -> int:
        raise TypeError("RaggedTensor is unhashable.")

    def __iter__(self) -> Iterator[Any]:
        count = self._count
        if not isinstance(count, int):
            raise SymbolicTensorError("RaggedTensor: the number of its rows is known only when the function runs")
        return (self[index] for index in range(count))

    def applied(self, path: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a public function returns of RaggedTensors: see `Composite.applied`."""
        return applied(path, function, args, kwargs)

    def printed(self, summarize: int) -> tuple[str | None, dict[str, Any]]:
        """How `sw.print` has it: its rows, or in a function its flat values and row splits."""
        if self.is_symbolic:
            return None, {"flat_values": self.flat_values, "nested_row_splits": self.nested_row_splits}
        from .texts import rows_as_text  # is made of this class

        return rows_as_text(self, summarize)._concrete("print").item().decode("utf-8", "surrogateescape"), {}

    def __repr__(self) -> str:
        return ragged_repr(self)

    def refusal(self) -> str:
        """What makes a tensor of it."""
        return "got a RaggedTensor; its to_tensor() fills rows up, its flat_values are a tensor"


def is_ragged(value: object) -> TypeGuard[RaggedTensor]:
    """Whether it is a RaggedTensor, for functions of structures: a leaf, although it holds tensors."""
    return isinstance(value, RaggedTensor)


def _joined(values: Tensor, outer: int, inner: int) -> Tensor:
    """A tensor in which several axes are one."""
    sizes = [size_along(values, axis) for axis in range(values.ndim)]
    return reshape(values, [*sizes[:outer], product(sizes[outer : inner + 1]), *sizes[inner + 1 :]])


def rows_as_array(ragged: RaggedTensor) -> np.ndarray:
    """The rows as an array: of arrays, unless they are equally long."""
    values, ends = ragged.values.numpy(), ragged.row_splits.numpy()
    rows = [values[begin:end] for begin, end in pairwise(ends)]
    if not rows:
        return np.zeros((0, 0, *values.shape[1:]), values.dtype)
    if len({len(row) for row in rows}) == 1:
        return np.array(rows)
    found = np.empty(len(rows), object)
    for index, row in enumerate(rows):
        found[index] = row
    return found


def _flatten(ragged: RaggedTensor) -> tuple[tuple[Any, ...], int | str | None]:
    uniform = ragged._uniform
    parts = (ragged._values, ragged._row_splits)
    return (parts, uniform) if uniform is None or isinstance(uniform, int) else ((*parts, uniform), "in a tensor")


def _unflatten(uniform: int | str | None, parts: Sequence[Any]) -> RaggedTensor:
    """A RaggedTensor of any parts: in a structure of specs, or of flags, they are no tensors."""
    values, splits, *length = parts
    return RaggedTensor._of(values, splits, length[0] if length else uniform)  # pyright: ignore[reportArgumentType]


optree.register_pytree_node(RaggedTensor, _flatten, _unflatten, namespace=optree.registry.__GLOBAL_NAMESPACE)  # pyright: ignore
