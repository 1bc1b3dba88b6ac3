"""Public functions that call a function for each part of tensors.

Eagerly they are Python loops; in a trace they are one loop in the IR.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import optree

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import INT32, DType, dtype_named
from ....dialects.public import public
from ..autograph import convert_inside
from ..ops.arguments import Size, check, int64_of, minus, size_along
from ..ops.control_flow import for_range
from ..ops.logic import equal, greater
from ..ops.movement import stack
from ..ops.select import cast
from ..ops.shape import zeros
from ..tracing.signature import TensorSpec
from ..tracing.tracer import current_tracer
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor
from .array import TensorArray
from .rows import has_rows, map_rows


class _Parts:
    """The parts of nested tensors along their first axes, and how many there are."""

    def __init__(self, function: str, elems: Any):
        self.function = function
        leaves, self.structure = optree.tree_flatten(elems, none_is_leaf=True)
        self.leaves = [as_tensor(leaf, name=f"{function}: elems") for leaf in leaves]
        if not self.leaves:
            raise InvalidArgumentError(f"{function}: elems: expected at least one tensor")
        for leaf in self.leaves:
            if not leaf.ndim:
                raise InvalidArgumentError(f"{function}: elems: expected tensors with an axis at least, got a scalar")
        self.count = self._common()

    def _common(self) -> Size:
        """The size of all first axes."""
        sizes = [size_along(leaf, 0) for leaf in self.leaves]
        known = [size for size in sizes if isinstance(size, int)]
        if len(set(known)) > 1:
            raise InvalidArgumentError(f"{self.function}: elems: expected one size of first axes, got {known}")
        count = known[0] if known else sizes[0]
        for size in sizes:
            if size is not count and not (isinstance(size, int) and isinstance(count, int)):
                a, b = int64_of(size), int64_of(count)
                check(
                    equal(a, b), f"{self.function}: elems: expected one size of first axes, got {{0}} and {{1}}", a, b
                )
        return count

    def __getitem__(self, index: Any) -> Any:
        return optree.tree_unflatten(self.structure, [leaf[index] for leaf in self.leaves])

    def unrolls(self) -> bool:
        """Whether the loop is made of its iterations, one by one."""
        return current_tracer() is None

    def known(self) -> int:
        """How many parts there are, where that is known."""
        return int(self.count)  # pyright: ignore[reportArgumentType]

    def require_some(self) -> None:
        """Let it be an error if there is no part."""
        if isinstance(self.count, int):
            if not self.count:
                raise InvalidArgumentError(f"{self.function}: expected at least one element, or an initializer")
        else:
            text = f"{self.function}: expected at least one element, or an initializer"
            check(greater(int64_of(self.count), int64_of(0)), text)


def _flat(function: str, value: Any, structure: Any, dtypes: Sequence[DType], what: str) -> list[Tensor]:
    """What a function of the user returned, as tensors of these dtypes."""
    leaves, found = optree.tree_flatten(value, none_is_leaf=True)
    if found != structure:
        text = f"expected {what} of structure {_shown(structure)}, got {_shown(found)}"
        raise InvalidArgumentError(f"{function}: fn: {text}")
    tensors = []
    for leaf, dtype in zip(leaves, dtypes, strict=True):
        own = as_tensor(leaf, None if isinstance(leaf, Tensor) else dtype, f"{function}: fn")
        if own.dtype != dtype:
            raise InvalidArgumentError(f"{function}: fn: expected a result of dtype {dtype.name}, got {own.dtype.name}")
        tensors.append(own)
    return tensors


def _shown(structure: object) -> str:
    return str(structure).removeprefix("PyTreeSpec(").removesuffix(", NoneIsLeaf)")


def _signature(parts: _Parts, signature: Any) -> tuple[Any, list[DType]]:
    """The structure and the dtypes of results: those of the arguments, where nothing else is said."""
    if signature is None:
        return parts.structure, [leaf.dtype for leaf in parts.leaves]
    leaves, structure = optree.tree_flatten(signature, none_is_leaf=True)
    named = [leaf.dtype if isinstance(leaf, TensorSpec) else leaf for leaf in leaves]
    return structure, [dtype_named(leaf, f"{parts.function}: fn_output_signature") for leaf in named]


@public(top=True)
def map_fn(
    fn: Callable[[Any], Any],
    elems: object,
    dtype: object = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: object = None,
) -> Any:
    """What `fn` returns for each part of `elems` along the first axis, as one tensor.

    Args:
        fn: a function of a part, which has the structure of `elems`.
        elems: a tensor or RaggedTensor, or nested ones whose first axes have one size.
        dtype: the same as `fn_output_signature`.
        parallel_iterations, back_prop, swap_memory, infer_shape, name: not used.
        fn_output_signature: the dtypes of what `fn` returns, in its structure, if they are not those of `elems`; a
            `RaggedTensorSpec` for rows, which may have different lengths.

    In a `function` this is one loop.

    Example:
        >>> import stepwell as sw
        >>> sw.map_fn(lambda x: x * x, sw.constant([1, 2, 3])).numpy().tolist()
        [1, 4, 9]
        >>> sw.map_fn(sw.reduce_mean, sw.constant([[1, 2], [3, 6]]), fn_output_signature=sw.int32).numpy().tolist()
        [1, 4]
    """
    signature = dtype if fn_output_signature is None else fn_output_signature
    if has_rows(elems) or has_rows(signature):
        return map_rows(fn, elems, signature)
    parts = _Parts("map_fn", elems)
    structure, dtypes = _signature(parts, signature)
    call = convert_inside(fn)

    def mapped(index: object) -> list[Tensor]:
        return _flat("map_fn", call(parts[index]), structure, dtypes, "a result")

    return optree.tree_unflatten(structure, _collected(parts, fn, mapped, dtypes, []))


def looped_map(
    fn: Callable[[list[Tensor]], list[Tensor]], elems: list[Tensor], dtypes: Sequence[DType]
) -> list[Tensor]:
    """What `fn` returns for the parts of tensors, as `map_fn` does: a loop, for which nothing is converted."""
    parts = _Parts("vectorized_map", elems)

    def mapped(index: object) -> list[Tensor]:
        return fn(parts[index])

    return _collected(parts, fn, mapped, dtypes, [])


def _collected(
    parts: _Parts,
    fn: Callable[[Any], Any],
    mapped: Callable[[Any], list[Tensor]],
    dtypes: Sequence[DType],
    first: list[Tensor],
) -> list[Tensor]:
    """The results for all parts, each as one tensor; `first` are those of the first part, if they are there already."""
    if parts.unrolls():
        rows = [first] if first else []
        rows += [mapped(index) for index in range(len(rows), parts.known())]
        if not rows:  # the results for no part have the shapes that those for one would have
            leaves = [zeros(leaf.shape[1:], leaf.dtype) for leaf in parts.leaves]
            empty = _Parts(parts.function, optree.tree_unflatten(parts.structure, [leaf[None] for leaf in leaves]))
            parts.leaves = empty.leaves
            return [zeros([0, *leaf.shape], leaf.dtype) for leaf in mapped(0)]
        return [stack(list(column)) for column in zip(*rows, strict=True)]
    arrays = [TensorArray(dtype, size=_int32(parts.count)) for dtype in dtypes]
    arrays = [array.write(0, leaf) for array, leaf in zip(arrays, first)] if first else arrays

    def body(index: Any, *written: Any) -> list[Any]:
        return [array.write(index, value) for array, value in zip(written, mapped(index), strict=True)]

    arrays = for_range(1 if first else 0, _int32(parts.count), 1, body, arrays, fn)
    return [array.stack() for array in arrays]


def _int32(size: Size) -> Any:
    return size if isinstance(size, int) else cast(size, INT32)


@public(top=True)
def scan(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """All values of `a = fn(a, part)` for the parts of `elems` along the first axis, as one tensor.

    Args:
        fn: a function of the value before and a part, which returns the value after.
        elems: a tensor, or nested ones whose first axes have one size.
        initializer: the value before the first part; without it that is the first part itself, which is returned, too.
        parallel_iterations, back_prop, swap_memory, infer_shape, name: not used.
        reverse: whether to begin with the last part; each result has the index of its part.

    Example:
        >>> import stepwell as sw
        >>> sw.scan(lambda a, x: a + x, sw.constant([1, 2, 3])).numpy().tolist()
        [1, 3, 6]
    """
    parts = _Parts("scan", elems)
    fold = _Fold("scan", fn, parts, initializer, reverse)
    if parts.unrolls():
        rows = [fold.start] if fold.skips else []
        current = fold.start
        for index in fold.indices():
            current = fold.step(current, index)
            rows.append(current)
        if not rows:
            return optree.tree_unflatten(fold.structure, [zeros([0, *leaf.shape], leaf.dtype) for leaf in fold.start])
        rows = rows[::-1] if reverse else rows
        return optree.tree_unflatten(fold.structure, [stack(list(column)) for column in zip(*rows, strict=True)])
    arrays = [TensorArray(leaf.dtype, size=_int32(parts.count)) for leaf in fold.start]
    if fold.skips:
        place = _int32(minus(parts.count, 1)) if reverse else 0
        arrays = [array.write(place, leaf) for array, leaf in zip(arrays, fold.start)]
    found = len(arrays)

    def body(index: Any, *values: Any) -> list[Any]:
        after = fold.step(list(values[found:]), fold.place(index))
        return [*[array.write(fold.place(index), v) for array, v in zip(values[:found], after, strict=True)], *after]

    result = for_range(fold.skips, _int32(parts.count), 1, body, [*arrays, *fold.start], fn)
    return optree.tree_unflatten(fold.structure, [array.stack() for array in result[:found]])


class _Fold:
    """A value that a function of the user changes with each part.

    Attributes:
        structure: of the value.
        start: the value at first, as tensors.
        skips: how many parts are that value themselves.
    """

    def __init__(self, function: str, fn: Callable[[Any, Any], Any], parts: _Parts, initializer: Any, reverse: bool):
        self.function, self.fn, self.parts, self.reverse = function, convert_inside(fn), parts, reverse
        self.skips = int(initializer is None)
        if initializer is None:
            parts.require_some()
            initializer = parts[-1 if reverse else 0]
        leaves, self.structure = optree.tree_flatten(initializer, none_is_leaf=True)
        self.start = [as_tensor(leaf, name=f"{function}: initializer") for leaf in leaves]
        self.dtypes = [leaf.dtype for leaf in self.start]

    def step(self, value: list[Tensor], index: object) -> list[Tensor]:
        """The value after a part."""
        result = self.fn(optree.tree_unflatten(self.structure, value), self.parts[index])
        return _flat(self.function, result, self.structure, self.dtypes, "a value")

    def indices(self) -> list[int]:
        """The indices of parts, in the order of steps, where their number is known."""
        order = list(range(self.parts.known()))
        return (order[::-1] if self.reverse else order)[self.skips :]

    def place(self, number: object) -> Any:
        """The index of the part of a step."""
        return _int32(minus(self.parts.count, 1)) - number if self.reverse else number

    def last(self) -> Any:
        """The value after all parts."""
        if self.parts.unrolls():
            current = self.start
            for index in self.indices():
                current = self.step(current, index)
        else:

            def body(number: Any, *value: Any) -> list[Any]:
                return list(self.step(list(value), self.place(number)))

            current = for_range(self.skips, _int32(self.parts.count), 1, body, self.start, self.fn)
        return optree.tree_unflatten(self.structure, current)


@public(top=True)
def foldl(
    fn: Callable[[Any, Any], Any],
    elems: object,
    initializer: object = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """The last value of `a = fn(a, part)` for the parts of `elems` along the first axis; arguments as those of `scan`.

    Example:
        >>> import stepwell as sw
        >>> int(sw.foldl(lambda a, x: a - x, sw.constant([1, 2, 3])))
        -4
    """
    return _Fold("foldl", fn, _Parts("foldl", elems), initializer, False).last()


@public(top=True)
def foldr(
    fn: Callable[[Any, Any], Any],
    elems: object,
    initializer: object = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """What `foldl` returns for the parts in reverse order.

    Example:
        >>> import stepwell as sw
        >>> int(sw.foldr(lambda a, x: a - x, sw.constant([1, 2, 3])))
        0
    """
    return _Fold("foldr", fn, _Parts("foldr", elems), initializer, True).last()
