"""Public functions that compare, combine truth values, and work on bits."""

from __future__ import annotations

from ....dialects.dtypes import DTypeLike, dtype_named
from ....dialects.hl import arithmetic, bitwise, comparison, logical, rounding
from ....dialects.hl.strings import StringEqualOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor, as_tensors
from ..values.tensor import Tensor, TensorLike


@public("math", top=True)
def equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x == y`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.equal([1, 2], 2).numpy().tolist()
        [False, True]
    """
    return _equal(*as_tensors("equal", x, y))


def _equal(x: Tensor, y: Tensor) -> Tensor:
    return apply(StringEqualOp if x.dtype.is_string else comparison.EqualOp, x, y)


@public("math", top=True)
def not_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x != y`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.not_equal([1, 2], 2).numpy().tolist()
        [True, False]
    """
    tensors = as_tensors("not_equal", x, y)
    if tensors[0].dtype.is_string:
        return logical_not(_equal(*tensors))
    return apply(comparison.NotEqualOp, *tensors)


@public("math", top=True)
def less(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x < y`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.less([1, 2], 2).numpy().tolist()
        [True, False]
    """
    return apply(comparison.LessOp, *as_tensors("less", x, y))


@public("math", top=True)
def less_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x <= y`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.less_equal([1, 2], 2).numpy().tolist()
        [True, True]
    """
    return apply(comparison.LessEqualOp, *as_tensors("less_equal", x, y))


@public("math", top=True)
def greater(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x > y`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.greater([1, 2], 2).numpy().tolist()
        [False, False]
    """
    return apply(comparison.GreaterOp, *as_tensors("greater", x, y))


@public("math", top=True)
def greater_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x >= y`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.greater_equal([1, 2], 2).numpy().tolist()
        [False, True]
    """
    return apply(comparison.GreaterEqualOp, *as_tensors("greater_equal", x, y))


@public("math", top=True)
def logical_and(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x and y`, elementwise, of booleans.

    Example:
        >>> import stepwell as sw
        >>> sw.logical_and([True, False], True).numpy().tolist()
        [True, False]
    """
    return apply(logical.LogicalAndOp, *as_tensors("logical_and", x, y))


@public("math", top=True)
def logical_or(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x or y`, elementwise, of booleans.

    Example:
        >>> import stepwell as sw
        >>> sw.logical_or([True, False], False).numpy().tolist()
        [True, False]
    """
    return apply(logical.LogicalOrOp, *as_tensors("logical_or", x, y))


@public("math", top=True)
def logical_xor(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether exactly one holds, elementwise, of booleans.

    Example:
        >>> import stepwell as sw
        >>> sw.logical_xor([True, False], True).numpy().tolist()
        [False, True]
    """
    return apply(logical.LogicalXorOp, *as_tensors("logical_xor", x, y))


@public("math", top=True)
def logical_not(x: TensorLike, name: str | None = None) -> Tensor:
    """`not x`, elementwise, of booleans.

    Example:
        >>> import stepwell as sw
        >>> sw.logical_not([True, False]).numpy().tolist()
        [False, True]
    """
    return apply(logical.LogicalNotOp, as_tensor(x, name="logical_not: x"))


@public("bitwise")
def bitwise_and(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits set in both, elementwise, of integers.

    Example:
        >>> import stepwell as sw
        >>> sw.bitwise.bitwise_and([6], [3]).numpy().tolist()
        [2]
    """
    return apply(bitwise.BitwiseAndOp, *as_tensors("bitwise_and", x, y))


@public("bitwise")
def bitwise_or(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits set in either, elementwise, of integers.

    Example:
        >>> import stepwell as sw
        >>> sw.bitwise.bitwise_or([6], [3]).numpy().tolist()
        [7]
    """
    return apply(bitwise.BitwiseOrOp, *as_tensors("bitwise_or", x, y))


@public("bitwise")
def bitwise_xor(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits set in exactly one, elementwise, of integers.

    Example:
        >>> import stepwell as sw
        >>> sw.bitwise.bitwise_xor([6], [3]).numpy().tolist()
        [5]
    """
    return apply(bitwise.BitwiseXorOp, *as_tensors("bitwise_xor", x, y))


@public(aliases=("bitwise.invert",))
def bitwise_not(x: TensorLike, name: str | None = None) -> Tensor:
    """All bits the other way, elementwise, of integers.

    Example:
        >>> import stepwell as sw
        >>> sw.bitwise.invert([6]).numpy().tolist()
        [-7]
    """
    return apply(bitwise.BitwiseNotOp, as_tensor(x, name="bitwise_not: x"))


@public("bitwise")
def left_shift(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits of `x`, `y` places up, elementwise; 0 beyond the width.

    Example:
        >>> import stepwell as sw
        >>> sw.bitwise.left_shift([3], [2]).numpy().tolist()
        [12]
    """
    return apply(bitwise.LeftShiftOp, *as_tensors("left_shift", x, y))


@public("bitwise")
def right_shift(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits of `x`, `y` places down, elementwise, with copies of the sign.

    Example:
        >>> import stepwell as sw
        >>> sw.bitwise.right_shift([-8], [2]).numpy().tolist()
        [-2]
    """
    return apply(bitwise.RightShiftOp, *as_tensors("right_shift", x, y))


@public("math")
def is_nan(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x` is NaN, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.math.is_nan([1.0, float("nan")]).numpy().tolist()
        [False, True]
    """
    return apply(rounding.IsNanOp, as_tensor(x, name="is_nan: x"))


@public("math")
def is_inf(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x` is an infinity, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.math.is_inf([1.0, float("-inf")]).numpy().tolist()
        [False, True]
    """
    size = apply(arithmetic.AbsOp, as_tensor(x, name="is_inf: x"))
    return equal(size, float("inf"))


@public("math")
def is_finite(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether `x` is neither NaN nor an infinity, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.math.is_finite([1.0, float("nan")]).numpy().tolist()
        [True, False]
    """
    size = apply(arithmetic.AbsOp, as_tensor(x, name="is_finite: x"))
    return less(size, float("inf"))


@public("bitwise")
def population_count(x: TensorLike, name: str | None = None) -> Tensor:
    """How many bits are set, elementwise, of integers, in their dtype.

    Example:
        >>> import stepwell as sw
        >>> sw.bitwise.population_count([6, -1]).numpy().tolist()
        [2, 32]
    """
    return apply(bitwise.PopulationCountOp, as_tensor(x, name="population_count: x"))


@public(top=True)
def bitcast(input: TensorLike, type: DTypeLike, name: str | None = None) -> Tensor:
    """The bits of `input` read as another dtype. Two of half the width are along a last axis, the low bits first.

    Example:
        >>> import stepwell as sw
        >>> sw.bitcast([1.0], sw.int32).numpy().tolist()
        [1065353216]
    """
    target = dtype_named(type, "bitcast: type")
    return apply(bitwise.BitcastOp, as_tensor(input, name="bitcast: input"), dtype=target)
