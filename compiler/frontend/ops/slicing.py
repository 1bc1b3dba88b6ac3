"""Public functions that read and replace parts of tensors."""

from __future__ import annotations

from collections.abc import Sequence

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.hl.slicing import TO_END, TO_START, SliceOp, UpdateSliceOp
from ....dialects.hl.windows import DynamicSliceOp, DynamicUpdateSliceOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor
from ..values.tensor import ShapeLike, Tensor, TensorLike
from . import namespace
from .arguments import Size, check, int64_of, minus, size_along, size_of, sizes_of, split_sizes


def bounded(
    x: TensorLike, begin: Sequence[Size | None], end: Sequence[Size | None], strides: Sequence[int] | None = None
) -> Tensor:
    """`x[begin:end:strides]` along every axis, by Python's rules; `None` stands for an end of the tensor.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.slicing import bounded
        >>> bounded(sw.constant([1, 2, 3]), [1], [None]).numpy().tolist()
        [2, 3]
    """
    bounds, attrs = bounds_and_attributes(begin, end, strides or [1] * len(begin))
    return apply(SliceOp, x, *bounds, **attrs)


def bounds_and_attributes(
    begin: Sequence[Size | None], end: Sequence[Size | None], strides: Sequence[int]
) -> tuple[list[Tensor], dict[str, tuple[int, ...]]]:
    """The operands and attributes of a slicing op for bounds that are ints, symbolic scalars or `None`."""
    first = [(0 if s > 0 else TO_END) if b is None else b for b, s in zip(begin, strides, strict=True)]
    last = [(TO_END if s > 0 else TO_START) if b is None else b for b, s in zip(end, strides, strict=True)]
    static_begin, dynamic_begin = split_sizes(first)
    static_end, dynamic_end = split_sizes(last)
    attrs = {"begin": static_begin, "end": static_end, "strides": tuple(strides)}
    return [*dynamic_begin, *dynamic_end], attrs


def slice_by_bounds(x: TensorLike, bounds: Sequence[TensorLike], **attrs: object) -> Tensor:
    """`x` sliced by the operands and attributes of another `hl.slice`.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.slicing import slice_by_bounds
        >>> slice_by_bounds(sw.constant([1, 2]), [], begin=(1,), end=(2,), strides=(1,)).numpy().tolist()
        [2]
    """
    return apply(SliceOp, x, *bounds, **attrs)


def update_slice(x: TensorLike, update: TensorLike, bounds: Sequence[TensorLike], **attrs: object) -> Tensor:
    """`x` with `update` in place of the slice that `slice_by_bounds` gives.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.slicing import update_slice
        >>> update_slice(sw.constant([1, 2]), sw.constant([5]), [], begin=(1,), end=(2,), strides=(1,)).numpy().tolist()
        [1, 5]
    """
    return apply(UpdateSliceOp, x, update, *bounds, **attrs)


@public(top=True)
def slice(input_: TensorLike, begin: ShapeLike, size: ShapeLike, name: str | None = None) -> Tensor:
    """The part of `input_` that begins at `begin` and has `size` elements along each axis; -1 means all that follow.

    The part has to lie within `input_`; what is not known before is checked when the function runs.

    Example:
        >>> import stepwell as sw
        >>> sw.slice([1, 2, 3, 4], [1], [2]).numpy().tolist()
        [2, 3]
    """
    x = as_tensor(input_, name="slice: input_")
    starts, sizes = sizes_of("slice", begin, "begin"), sizes_of("slice", size, "size")
    if not len(starts) == len(sizes) == x.ndim:
        raise InvalidArgumentError(
            f"slice: expected a begin and a size for each axis of {x.shape}, got {begin!r} and {size!r}"
        )
    for axis, (total, start, count) in enumerate(zip(x.shape, starts, sizes)):
        if total is None or not isinstance(start, int) or not isinstance(count, int):
            _check_part(x, axis, start, count)
        elif not 0 <= start <= total or not -1 <= count <= total - start:
            raise InvalidArgumentError(
                f"slice: expected a part of shape {x.shape}, got begin {begin!r} and size {size!r}"
            )
    if all(isinstance(n, int) for n in (*starts, *sizes)):
        end: list[Size | None] = [None if n == -1 else b + n for b, n in zip(starts, sizes)]  # pyright: ignore
        return bounded(x, starts, end)
    return dynamic_slice(x, starts, [_count(x, axis, *pair) for axis, pair in enumerate(zip(starts, sizes))])


def _check_part(x: Tensor, axis: int, start: Size, count: Size) -> None:
    """Let the function stop unless `count` elements from `start` on, or all with -1, lie within an axis."""
    m = namespace()
    first, number, total = (int64_of(value) for value in (start, count, size_along(x, axis)))
    begins = m.logical_and(m.greater_equal(first, int64_of(0)), m.less_equal(first, total))
    ends = m.logical_and(m.greater_equal(number, int64_of(-1)), m.less_equal(number, m.subtract(total, first)))
    text = f"slice: axis {axis} has {{2}} elements, got begin {{0}} and size {{1}}"
    check(m.logical_and(begins, ends), text, first, number, total)


def _count(x: Tensor, axis: int, start: Size, count: Size) -> Size:
    """The number of elements of a part."""
    if isinstance(count, int):
        return count if count != -1 else minus(size_along(x, axis), start)
    m, number = namespace(), int64_of(count)
    return m.where(m.equal(number, int64_of(-1)), int64_of(minus(size_along(x, axis), start)), number)


def dynamic_slice(operand: TensorLike, start_indices: Sequence[TensorLike], slice_sizes: Sequence[Size]) -> Tensor:
    """The window of `slice_sizes` in `operand` at `start_indices`, moved so that it lies inside.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.slicing import dynamic_slice
        >>> dynamic_slice([1, 2, 3, 4], [3], [2]).numpy().tolist()
        [3, 4]
    """
    x = as_tensor(operand, name="dynamic_slice: operand")
    sizes = [size_of("dynamic_slice", size, "slice_sizes") for size in slice_sizes]
    static, dynamic = split_sizes(sizes)
    starts = [as_tensor(start, name="dynamic_slice: start_indices") for start in start_indices]
    return apply(DynamicSliceOp, x, *starts, *dynamic, sizes=static)


def dynamic_update_slice(operand: TensorLike, update: TensorLike, start_indices: Sequence[TensorLike]) -> Tensor:
    """`operand` with `update` in place of the window at `start_indices`, moved so that it lies inside.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.slicing import dynamic_update_slice
        >>> dynamic_update_slice([1, 2, 3], [7], [1]).numpy().tolist()
        [1, 7, 3]
    """
    x = as_tensor(operand, name="dynamic_update_slice: operand")
    part = as_tensor(update, x.dtype, "dynamic_update_slice: update")
    starts = [as_tensor(start, name="dynamic_update_slice: start_indices") for start in start_indices]
    return apply(DynamicUpdateSliceOp, x, part, *starts)
