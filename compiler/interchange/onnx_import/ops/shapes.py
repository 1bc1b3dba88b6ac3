"""Shapes: asking for them, and giving tensors other ones."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT64
from .....dialects.hl.shape import DimOp
from ....frontend.ops.arguments import Size
from ....frontend.values.dispatch import as_tensor, scalar_like
from ....frontend.values.tensor import Tensor
from ..arrays import dense_of
from ..rules import Call, axis_in, rule
from ..values import Narrow, Sizes, Value, as_sizes, check_count, counted, known, m, shape_items, tensor_of, value_of
from .arithmetic import sizes_in
from .casts import cast_value

_MOST_SIZES = 16
"""A vector of at most as many equal integers is taken for sizes."""


def like(value: Value, tensor: Tensor) -> Value:
    """A tensor with elements of another one, of the same type as that."""
    return Narrow(tensor, value.type) if isinstance(value, Narrow) else tensor


@rule("Shape", takes_values=True)
def _shape(call: Call, x: Value) -> Value:
    items = (len(x.items),) * (not x.is_scalar) if isinstance(x, Sizes) else shape_items(tensor_of(x))
    return as_sizes(items[call.int("start", 0) : call.int("end", len(items))])


@rule("Size")
def _size(call: Call, x: Tensor) -> Value:
    return as_sizes([m.product(shape_items(x))], is_scalar=True)


@rule("Reshape", since=5, takes_values=True)
def _reshape(call: Call, x: Value, shape: Value) -> Value:
    wanted = call.sizes(1, "shape")
    numbers = [size if isinstance(size, int) else None for size in wanted]
    if isinstance(x, Sizes) and numbers in ([-1], [1], []) and (len(x.items) == 1 or numbers == [-1]):
        return as_sizes(x.items, x.dtype, not numbers)
    return like(x, _reshaped(tensor_of(x), wanted, bool(call.int("allowzero", 0))))


@rule("Reshape")
def _old_reshape(call: Call, x: Tensor) -> Tensor:
    return _reshaped(x, call.ints("shape"), False)


def _reshaped(x: Tensor, wanted: Sequence[Size], allow_zero: bool) -> Tensor:
    sizes = _inferred(x, wanted)
    for axis, size in enumerate(sizes):
        if isinstance(size, int) and size == 0 and not allow_zero:
            if axis >= x.ndim:
                raise InvalidArgumentError(f"shape: size 0 at axis {axis} is that of the input, which has {x.ndim}")
            sizes[axis] = m.size_along(x, axis)
        elif isinstance(size, Tensor) and not allow_zero and axis < x.ndim and _axis_of(size, x) != axis:
            sizes[axis] = m.where(m.equal(size, 0), m.int64_of(m.size_along(x, axis)), m.int64_of(size))
    return m.reshape(x, sizes)


def _inferred(x: Tensor, wanted: Sequence[Size]) -> list[Size]:
    """Sizes without -1, where what it represents is known: all others are numbers, or sizes of `x` that are not."""
    sizes = list(wanted)
    numbers = [size for size in sizes if isinstance(size, int)]
    axes = [_axis_of(size, x) for size in sizes if isinstance(size, Tensor)]
    open_axes = [axis for axis, size in enumerate(x.shape) if size is None]
    if numbers.count(-1) != 1 or 0 in numbers or sorted(axes, key=str) != open_axes:
        return sizes
    total, others = prod(size for size in x.shape if size is not None), -prod(numbers)
    if others > 0 and total % others == 0 and total:
        sizes[[size if isinstance(size, int) else None for size in sizes].index(-1)] = total // others
    return sizes


def _axis_of(size: Tensor, x: Tensor) -> int | None:
    """The axis of `x` whose size a scalar is."""
    owner = None if size._ssa is None else size._ssa.owner
    return int(owner.attrs()["axis"]) if isinstance(owner, DimOp) and owner.operands[0] is x._ssa else None


@rule("Flatten", takes_values=True)
def _flatten(call: Call, x: Value) -> Value:
    tensor = tensor_of(x)
    axis = call.int("axis", 1)
    if not -tensor.ndim <= axis <= tensor.ndim:
        raise InvalidArgumentError(f"axis: expected one of {tensor.ndim} axes, got {axis}")
    axis = axis + tensor.ndim if axis < 0 else axis
    items = shape_items(tensor)
    return like(x, m.reshape(tensor, [m.product(items[:axis]), m.product(items[axis:])]))


@rule("Squeeze", takes_values=True)
def _squeeze(call: Call, x: Value, *_: Value) -> Value:
    if isinstance(x, Sizes):
        if not x.is_scalar and len(x.items) == 1:
            return as_sizes(x.items, x.dtype, True)
        return m.squeeze(x.tensor, call.axes(1, x.tensor.ndim))
    tensor = tensor_of(x)
    axes = call.axes(1, tensor.ndim)
    if axes is None:
        if None in tensor.shape:
            raise call.not_known(0, "the sizes of its input have to be known before the model runs", by_shape=True)
        axes = [axis for axis, size in enumerate(tensor.shape) if size == 1]
    return like(x, m.squeeze(tensor, axes) if axes else tensor)


@rule("Unsqueeze", takes_values=True)
def _unsqueeze(call: Call, x: Value, *_: Value) -> Value:
    if isinstance(x, Sizes) and x.is_scalar and (call.axes(1, 1) or []) == [0]:
        return as_sizes(x.items, x.dtype)
    tensor = tensor_of(x)
    count = len(call.ints("axes")) if call.has("axes") else len(call.known_ints(1, "axes"))
    rank = tensor.ndim + count
    axes = sorted(call.axes(1, rank) or [])
    if len(set(axes)) < len(axes):
        raise InvalidArgumentError(f"axes: expected different ones, got {axes}")
    for axis in axes:
        tensor = m.expand_dims(tensor, axis)
    return like(x, tensor)


@rule("Transpose", takes_values=True)
def _transpose(call: Call, x: Value) -> Value:
    tensor = tensor_of(x)
    return like(x, m.transpose(tensor, call.ints("perm", list(range(tensor.ndim))[::-1])))


@rule("Expand", takes_values=True)
def _expand(call: Call, x: Value, shape: Value) -> Value:
    return like(x, expanded(tensor_of(x), call.sizes(1, "shape")))


def expanded(x: Tensor, wanted: Sequence[Size]) -> Tensor:
    """A tensor broadcast together with a shape."""
    rank = max(len(wanted), x.ndim)
    own: list[Size] = [1] * (rank - x.ndim) + list(shape_items(x))
    other: list[Size] = [1] * (rank - len(wanted)) + list(wanted)
    return m.broadcast_to(x, [_broadcast(a, b) for a, b in zip(own, other)])


def _broadcast(own: Size, wanted: Size) -> Size:
    """The size of an axis that is broadcast."""
    if isinstance(wanted, int) and wanted == 1:
        return own
    if isinstance(own, int):
        if own == 1:
            return wanted
        if isinstance(wanted, int) and wanted != own:
            raise InvalidArgumentError(f"shape: size {own} is not broadcast to {wanted}")
        return own
    if isinstance(wanted, int):
        return wanted
    return m.where(m.equal(m.int64_of(wanted), m.int64_of(1)), m.int64_of(own), m.int64_of(wanted))


@rule("ConstantOfShape")
def _constant_of_shape(call: Call, shape: Tensor) -> Value:
    array = call.array("value")
    element = np.zeros(1, np.float32) if array is None else array
    if element.size != 1:
        raise InvalidArgumentError(f"attribute value: expected one element, got {element.size}")
    wanted = call.sizes(0, "input")
    value = value_of(element.reshape(()))
    is_vector = len(wanted) == 1 and isinstance(wanted[0], int) and 0 < wanted[0] <= _MOST_SIZES
    if is_vector and not isinstance(value, Narrow) and value.dtype == INT64:
        return as_sizes([int(element.reshape(()))] * int(wanted[0]))
    return like(value, m.fill(wanted, tensor_of(value)))


@rule("Constant")
def _constant(call: Call) -> Value:
    if call.has("sparse_value"):
        return value_of(dense_of(call.attribute("sparse_value", 11), call.evaluation.model.folder))
    for name, dtype in (("value_float", np.float32), ("value_floats", np.float32), ("value_int", np.int64)):
        if call.has(name):
            found = call.floats(name) if name.endswith("s") else call.float(name) if "float" in name else call.int(name)
            return as_tensor(np.array(found, dtype))
    if call.has("value_ints"):
        return as_tensor(np.array(call.ints("value_ints"), np.int64))
    if call.has("value_string"):
        return as_tensor(np.array(call.attribute("value_string", 3), object))
    if call.has("value_strings"):
        return as_tensor(np.array(list(call.attribute("value_strings", 8)), object))
    array = call.array("value")
    if array is None:
        raise InvalidArgumentError("it has no value")
    return value_of(array)


@rule("Concat", takes_values=True)
def _concat(call: Call, *values: Value) -> Value:
    axis = call.int("axis", 1 if call.version < 4 else 0)
    if axis in (0, -1):
        found = sizes_in(*values)
        if found and not any(each.is_scalar for each in found):
            return as_sizes([item for each in found for item in each.items], found[0].dtype)
    return like(values[0], m.concat([tensor_of(value) for value in values], axis))


@rule("Tile", since=6, takes_values=True)
def _tile(call: Call, x: Value, repeats: Value) -> Value:
    return like(x, m.tile(tensor_of(x), call.sizes(1, "repeats")))


@rule("Split", since=2, takes_values=True)
def _split(call: Call, x: Value, *_: Value) -> tuple[Value, ...]:
    tensor = tensor_of(x)
    axis = axis_in(call.int("axis", 0), tensor.ndim)
    count = len(call.node.output)
    if call.has("split"):
        sizes: list[Size] = call.ints("split")
    elif call.value(1) is not None:
        sizes = call.sizes(1, "split")
    else:
        if call.int("num_outputs", count) != count:
            raise InvalidArgumentError(f"attribute num_outputs: expected {count}, the number of results")
        sizes = _even_parts(m.size_along(tensor, axis), count)
    return tuple(like(x, part) for part in m.split(tensor, sizes, axis))


def _even_parts(size: Size, count: int) -> list[Size]:
    """The sizes of parts, of which the last may be smaller."""
    if isinstance(size, int):
        part = -(-size // count)
        return [max(min(part, size - index * part), 0) for index in range(count)]
    part = m.floordiv(size + scalar_like(count - 1, size), scalar_like(count, size))
    return [part] * (count - 1) + [size - part * scalar_like(count - 1, size)]


@rule("EyeLike")
def _eye_like(call: Call, x: Tensor) -> Tensor:
    rows, columns = shape_items(x)
    below = call.int("k", 0)
    row, column = (counted(size) for size in (rows, columns))
    found = m.equal(m.expand_dims(row, 1) + np.int64(below), m.expand_dims(column, 0))
    return tensor_of(cast_value(found, call.int("dtype", x.dtype.onnx)))


@rule("Range", since=11)
def _range(call: Call, start: Tensor, limit: Tensor, delta: Tensor) -> Tensor:
    bounds = [known(each) for each in (start, limit, delta)]
    if all(each is not None for each in bounds):
        first, last, step = (float(each.reshape(())) for each in bounds if each is not None)
        check_count((last - first) / step if step else 0)
    return m.range(*(m.reshape(each, []) for each in (start, limit, delta)), dtype=start.dtype)


@rule("DepthToSpace", takes_values=True)
def _depth_to_space(call: Call, x: Value) -> Value:
    tensor, block = tensor_of(x), call.int("blocksize")
    n, c, h, w = shape_items(tensor)
    depth = _exact_part(c, block * block)
    if call.text("mode", "DCR") == "DCR":
        parts, order = [n, block, block, depth, h, w], [0, 3, 4, 1, 5, 2]
    else:
        parts, order = [n, depth, block, block, h, w], [0, 1, 4, 2, 5, 3]
    moved = m.transpose(m.reshape(tensor, parts), order)
    return like(x, m.reshape(moved, [n, depth, m.times(h, block), m.times(w, block)]))


@rule("SpaceToDepth", takes_values=True)
def _space_to_depth(call: Call, x: Value) -> Value:
    tensor, block = tensor_of(x), call.int("blocksize")
    n, c, h, w = shape_items(tensor)
    high, wide = _exact_part(h, block), _exact_part(w, block)
    parts = m.reshape(tensor, [n, c, high, block, wide, block])
    order = [0, 3, 5, 1, 2, 4] if call.text("mode", "DCR") == "DCR" else [0, 1, 3, 5, 2, 4]
    return like(x, m.reshape(m.transpose(parts, order), [n, m.times(c, block * block), high, wide]))


def _exact_part(size: Size, count: int) -> Size:
    if count < 1 or (isinstance(size, int) and size % count):
        raise InvalidArgumentError(f"blocksize: size {size} is no multiple of {count}")
    return size // count if isinstance(size, int) else m.floordiv(size, scalar_like(count, size))
