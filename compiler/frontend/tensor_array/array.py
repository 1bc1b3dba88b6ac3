"""`TensorArray`: tensors of one dtype under the numbers 0, 1, 2 …, written one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optree

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import DType, DTypeLike, dtype_named
from ....dialects.public import public
from ....dialects.types import is_too_large
from ..control_flow.containers import CarriedObject
from ..control_flow.values import ControlFlowError
from ..ops import namespace
from ..ops.arguments import indices_tensor, size_along, size_of
from ..tracing.tracer import current_tracer
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor, TensorLike
from ..values.variable import Variable
from .eager import EagerArray
from .kind import Kind, Shape, check_shape
from .staged import StagedArray


@dataclass(frozen=True)
class SpoiledArray:
    """Elements that cannot be used any more: they were changed in a branch or loop that does not return them."""

    kind: Kind
    why: str
    element_shape: None = None

    def copied(self) -> SpoiledArray:
        """The same: there is nothing to change."""
        return self


State = EagerArray | StagedArray | SpoiledArray


@public(top=True)
class TensorArray(CarriedObject):
    """Tensors of one dtype under the numbers 0, 1, 2 …: what loops on tensors collect their results in.

    Outside of a `function` it is a list. Inside, it is one tensor that branches and loops carry; a write in a loop
    replaces a row in place. Writing changes the array and returns it, so that both `ta = ta.write(i, x)`, as
    TensorFlow wants it, and `ta.write(i, x)` work.

    Args:
        dtype: the dtype of the elements.
        size: how many elements there are.
        dynamic_size: whether writing behind the end makes the array larger.
        clear_after_read: whether reading an element a second time is an error; inside a `function` it never is.
        tensor_array_name: not used.
        infer_shape: whether all elements must have one shape; inside a `function` they must.
        element_shape: the shape of the elements, `None` for sizes that are not known; that of the first element if
            not given.
        name: not used.

    An element that was never written is zeros, once the shape of the elements is known. Tapes see writes and reads;
    growth by an index that is known at run time only is a loop in the IR, through which there is no gradient.

    Example:
        >>> import stepwell as sw
        >>> @sw.function
        ... def squares(n):
        ...     ta = sw.TensorArray(sw.int32, size=n)
        ...     for i in sw.range(n):
        ...         ta = ta.write(i, i * i)
        ...     return ta.stack()
        >>> squares(sw.constant(4)).numpy().tolist()
        [0, 1, 4, 9]
    """

    def __init__(
        self,
        dtype: DTypeLike,
        size: TensorLike = 0,
        dynamic_size: bool | None = False,
        clear_after_read: bool | None = True,
        tensor_array_name: str | None = None,
        handle: None = None,
        flow: None = None,
        infer_shape: bool = True,
        element_shape: Sequence[int | None] | None = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ):
        del tensor_array_name, handle, flow, colocate_with_first_write_call, name
        shape = None if element_shape is None else tuple(element_shape)
        clears = clear_after_read is None or bool(clear_after_read)
        kind = Kind(dtype_named(dtype, "TensorArray: dtype"), shape, bool(dynamic_size), bool(infer_shape), clears)
        count = _integer("TensorArray: size", 0 if size is None else size)
        if isinstance(count, int) and count < 0:
            raise InvalidArgumentError(f"TensorArray: size: expected a number of at least 0, got {count}")
        if isinstance(count, int) and is_too_large((count,), kind.dtype):
            raise InvalidArgumentError(f"TensorArray: size: {count} elements of {kind.dtype.name} are too large")
        self._state: State = (
            EagerArray(kind, [None] * count) if current_tracer() is None else StagedArray(kind, None, count)
        )

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return self._state.kind.dtype

    @property
    def dynamic_size(self) -> bool:
        """Whether writing behind the end makes the array larger."""
        return self._state.kind.grows

    @property
    def element_shape(self) -> Shape | None:
        """The shape of the elements, `None` for a size that is not known; None while nothing is known of it."""
        shape = self._state.element_shape
        return None if shape is None else tuple(shape)

    def size(self, name: str | None = None) -> Tensor:
        """How many elements there are, an int32 scalar."""
        return as_tensor(self._here().size, name="TensorArray.size")

    def identity(self) -> TensorArray:
        """The array itself."""
        return self

    def write(self, index: TensorLike, value: TensorLike, name: str | None = None) -> TensorArray:
        """Set element `index` to `value`. Returns the array.

        Raises IndexError for an index out of range (when the program runs, for one that is known only then),
        TypeError for a value of another dtype, ValueError for one of another shape.
        """
        number = _integer("TensorArray.write: index", index)
        self._state = self._here().write(number, self._element("write", value))
        return self

    def read(self, index: TensorLike, name: str | None = None) -> Tensor:
        """Element `index`; zeros if it was never written. IndexError for an index out of range."""
        return self._here().read(_integer("TensorArray.read: index", index))

    def stack(self, name: str | None = None) -> Tensor:
        """All elements as one tensor, along a new first axis."""
        return self._here().stack()

    def gather(self, indices: TensorLike, name: str | None = None) -> Tensor:
        """The elements with these numbers as one tensor, along a new first axis."""
        return namespace().gather(self.stack(), indices)

    def concat(self, name: str | None = None) -> Tensor:
        """The elements one behind the other along their first axis."""
        return self._here().concat()

    def unstack(self, value: TensorLike, name: str | None = None) -> TensorArray:
        """Make the rows of `value` the elements. Returns the array."""
        tensor = self._rows("unstack", value)
        self._check_count("unstack", tensor.shape[0])
        check_shape(tensor.shape[1:], self.element_shape)
        kind = self._state.kind
        self._state = EagerArray(kind, list(tensor)) if current_tracer() is None else StagedArray.of(kind, tensor)
        return self

    def scatter(self, indices: TensorLike, value: TensorLike, name: str | None = None) -> TensorArray:
        """Write the rows of `value` as the elements `indices`. Returns the array."""
        tensor, places = self._rows("scatter", value), indices_tensor("TensorArray.scatter", indices)
        known = places.ndim == 1 and None not in (places.shape[0], tensor.shape[0])
        if places.ndim != 1 or (known and places.shape[0] != tensor.shape[0]):
            raise InvalidArgumentError(
                f"TensorArray.scatter: indices: expected one for each row of shape {tensor.shape}, got {places.shape}"
            )
        self._state = self._here().scatter(places, tensor)
        return self

    def split(self, value: TensorLike, lengths: TensorLike, name: str | None = None) -> TensorArray:
        """Make consecutive parts of `value`, of these lengths, the elements. Returns the array.

        Inside a `function` the lengths must be known and equal.
        """
        m = namespace()
        tensor = self._rows("split", value)
        parts = [int(length) for length in np.asarray(lengths).reshape(-1)]
        self._check_count("split", len(parts))
        if current_tracer() is None:
            self._state = EagerArray(self._state.kind, list(m.split(tensor, parts)))
            return self
        if len(set(parts)) != 1:
            raise InvalidArgumentError(
                f"TensorArray.split: lengths: expected equal ones inside a function, got {parts}"
            )
        rest = [size_along(tensor, axis) for axis in range(1, tensor.ndim)]
        return self.unstack(m.reshape(tensor, [len(parts), parts[0], *rest]))

    def close(self, name: str | None = None) -> None:
        """Forget the elements."""
        kind = self._state.kind
        self._state = EagerArray(kind, []) if current_tracer() is None else StagedArray(kind, None, 0)

    def copied(self) -> TensorArray:
        """Another array with the same elements."""
        return _with_state(self._state.copied())

    def become(self, other: TensorArray) -> None:
        """Take the elements of another array."""
        self._state = other._state.copied()

    def is_like(self, other: TensorArray) -> bool:
        """Whether both have the very same elements."""
        mine, theirs = self._state, other._state
        return mine is theirs or (
            isinstance(mine, EagerArray) and isinstance(theirs, EagerArray) and _same(mine, theirs)
        )

    def spoil(self, why: str) -> None:
        """Make every further use an error."""
        self._state = SpoiledArray(self._state.kind, why)

    def fitted(self, like: TensorArray) -> TensorArray | None:
        """This array with rows, if `like` has some; their sizes that are not known yet are 0."""
        mine, other = _staged(self._state), _staged(like._state)
        if mine.kind != other.kind or (other.rows is None and mine.rows is not None):
            return None
        if mine.rows is not None or other.rows is None:
            return _with_state(mine)
        return _with_state(mine.with_rows([size or 0 for size in other.element_shape or ()]))

    def _here(self) -> EagerArray | StagedArray:
        """The elements in the form that they have here: inside of a function, or outside."""
        if current_tracer() is None and isinstance(self._state, EagerArray):
            return self._state
        staged = _staged(self._state)
        return staged if current_tracer() is not None else _eager(staged)

    def _element(self, method: str, value: TensorLike) -> Tensor:
        if isinstance(value, Variable):
            value = value.read_value()
        if isinstance(value, Tensor) and value.dtype != self.dtype:
            raise InvalidTypeError(
                f"TensorArray.{method}: TensorArray dtype is {self.dtype.name} but Op is trying to write dtype "
                f"{value.dtype.name}"
            )
        return as_tensor(value, self.dtype, f"TensorArray.{method}: value")

    def _rows(self, method: str, value: TensorLike) -> Tensor:
        tensor = self._element(method, value)
        if not tensor.ndim:
            raise InvalidArgumentError(
                f"TensorArray.{method}: value: expected a tensor with an axis at least, got a scalar"
            )
        return tensor

    def _check_count(self, method: str, count: int | None) -> None:
        size = self._here().size
        if not self.dynamic_size and isinstance(size, int) and count is not None and count > size:
            raise InvalidArgumentError(
                f"TensorArray.{method}: Cannot unstack {count} tensors into a TensorArray of static size {size}"
            )

    def __repr__(self) -> str:
        shape = self.element_shape
        of = "of unknown shape" if shape is None else f"of shape {list(shape)}"
        return f"<TensorArray of {self.dtype.name} elements {of}>"


def _integer(what: str, value: TensorLike) -> int | Tensor:
    """An int, or a symbolic integer scalar."""
    return size_of(what.split(":")[0], value, what.split(": ")[1])


def _same(a: EagerArray, b: EagerArray) -> bool:
    return len(a.elements) == len(b.elements) and all(x is y for x, y in zip(a.elements, b.elements))


def _with_state(state: State) -> TensorArray:
    array = TensorArray.__new__(TensorArray)
    array._state = state
    return array


def _staged(state: State) -> StagedArray:
    if isinstance(state, SpoiledArray):
        raise ControlFlowError(f"TensorArray: {state.why}")
    if isinstance(state, StagedArray):
        return state
    if state.element_shape is None or None in state.element_shape:
        return StagedArray(state.kind, None, state.size)
    rows = state.stack()
    return StagedArray(state.kind, rows, state.size if state.kind.grows else None)


def _eager(state: StagedArray) -> EagerArray:
    if state.rows is None:
        assert state.extent is not None
        return EagerArray(state.kind, [None] * int(state.extent))
    elements: list[Tensor | None] = [*state.rows]
    return EagerArray(state.kind, elements[: int(state.size)], state.element_shape)


def _flatten(array: TensorArray) -> tuple[tuple[int | Tensor, ...], tuple[Kind, bool]]:
    state = _staged(array._state)
    children = [child for child in (state.rows, state.extent) if child is not None]
    return tuple(children), (state.kind, state.rows is not None)


def _unflatten(of: tuple[Kind, bool], children: Sequence[Any]) -> TensorArray:
    kind, has_rows = of
    rows, extent = (*children, None)[:2] if has_rows else (None, children[0])
    return _with_state(StagedArray(kind, rows, extent))


optree.register_pytree_node(TensorArray, _flatten, _unflatten, namespace=optree.registry.__GLOBAL_NAMESPACE)  # pyright: ignore
