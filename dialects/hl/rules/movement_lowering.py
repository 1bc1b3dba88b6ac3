"""Building blocks for lowering ops that move elements: sizes, reshapes, slices, run-time checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import Attribute, Block, SSAValue

from ...creation import reassociation
from ...debug import AssertOp
from ...emitter import Emitter
from ...types import DYNAMIC, MAX_BYTES, shape_of
from .linalg_builder import PARALLEL, dim, dims, empty, generic, identity, type_of
from .sizes.roots import size_root


def product(e: Emitter, sizes: Sequence[SSAValue]) -> SSAValue:
    """The product of `index` values: sizes of one tensor, which were checked, so that it does not overflow."""
    result = e.index(1)
    for size in sizes:
        result = e.value(arith.MuliOp(result, size))
    return result


def check_equal(e: Emitter, got: SSAValue, expected: SSAValue, message: str) -> None:
    """Stop the program unless two `index` values are equal; `message` refers to them as `{0}` and `{1}`."""
    e.add(AssertOp(e.value(arith.CmpiOp(got, expected, "eq")), message, [got, expected]))


def check_same_size(e: Emitter, a: SSAValue, axis_a: int, b: SSAValue, axis_b: int, message: str) -> None:
    """`check_equal` for two sizes, where they are not known to be the same."""
    if size_root(a, axis_a) != size_root(b, axis_b):
        check_equal(e, dim(e, a, axis_a), dim(e, b, axis_b), message)


def check_size(e: Emitter, size: SSAValue, message: str) -> None:
    """Stop the program unless an `index` value is 0 or more; `message` refers to it as `{0}`."""
    e.add(AssertOp(e.value(arith.CmpiOp(size, e.index(0), "sge")), message, [size]))


def check_summand(e: Emitter, size: SSAValue, what: str) -> None:
    """Stop the program unless an `index` value of 0 or more can be a size, so that some add up without overflow."""
    fits = e.value(arith.CmpiOp(size, e.index(MAX_BYTES), "ule"))
    e.add(AssertOp(fits, f"{what}: {{0}} is too large for a size", [size]))


def check_range(e: Emitter, index: SSAValue, bound: SSAValue, message: str) -> None:
    """Stop the program unless `0 <= index < bound`; `message` refers to them as `{0}` and `{1}`."""
    e.add(AssertOp(e.value(arith.CmpiOp(index, bound, "ult")), message, [index, bound]))


def clamped(e: Emitter, value: SSAValue, low: SSAValue, high: SSAValue) -> SSAValue:
    """`value` moved into `low` to `high`, signed."""
    return e.value(arith.MaxSIOp(low, e.value(arith.MinSIOp(value, high))))


def cast_to(e: Emitter, x: SSAValue, type_: TensorType[Attribute]) -> SSAValue:
    """`x` with more or fewer of its sizes known."""
    return x if x.type == type_ else e.value(tensor.CastOp(x, type_))


def collapse(e: Emitter, x: SSAValue, groups: Sequence[Sequence[int]]) -> SSAValue:
    """`x` with each group of axes, which follow each other, made one axis."""
    shape, sizes = shape_of(type_of(x)), []
    for group in groups:
        size = 1
        for axis in group:
            size = DYNAMIC if DYNAMIC in (size, shape[axis]) else size * shape[axis]
        sizes.append(size)
    type_ = TensorType(type_of(x).element_type, sizes)
    op = tensor.CollapseShapeOp(operands=[x], result_types=[type_], properties={"reassociation": reassociation(groups)})
    return e.value(op)


def expand(
    e: Emitter,
    x: SSAValue,
    groups: Sequence[Sequence[int]],
    type_: TensorType[Attribute],
    sizes: Sequence[SSAValue],
) -> SSAValue:
    """`x` with each axis made a group of axes of the result; `sizes` are all sizes of the result."""
    shape = shape_of(type_)
    dynamic = [size for size, static in zip(sizes, shape, strict=True) if static == DYNAMIC]
    return e.value(tensor.ExpandShapeOp(x, dynamic, reassociation(groups), shape, type_))


def of_one_element(e: Emitter, x: SSAValue, type_: TensorType[Attribute]) -> SSAValue:
    """A rank-0 tensor as one with axes of size 1 (`tensor.expand_shape` has no form for that)."""
    element = e.value(tensor.ExtractOp(x, [], type_.element_type))
    return e.value(tensor.FromElementsOp(element, result_type=type_))


def reshaped(e: Emitter, x: SSAValue, type_: TensorType[Attribute], sizes: Sequence[SSAValue]) -> SSAValue:
    """The elements of `x` in another shape of as many elements, through one axis that holds them all."""
    if x.type == type_ and type_.has_static_shape():
        return x
    rank, target_rank = type_of(x).get_num_dims(), type_.get_num_dims()
    if rank == 0:
        x = of_one_element(e, x, TensorType(type_.element_type, [1]))
    elif rank > 1:
        x = collapse(e, x, [range(rank)])
    if target_rank == 0:
        return collapse(e, cast_to(e, x, TensorType(type_.element_type, [1])), [])
    line = [1]
    for size in shape_of(type_):
        line = [DYNAMIC if DYNAMIC in (line[0], size) else line[0] * size]
    x = cast_to(e, x, TensorType(type_.element_type, line))
    return cast_to(e, x, type_) if target_rank == 1 else expand(e, x, [range(target_rank)], type_, sizes)


def gathered(
    e: Emitter,
    type_: TensorType[Attribute],
    sizes: Sequence[SSAValue],
    place: Callable[[Emitter, list[SSAValue]], tuple[SSAValue, Sequence[SSAValue]]],
) -> SSAValue:
    """A tensor whose every element is read elsewhere: `place` gives, for its indices, the tensor and indices there."""
    rank = type_.get_num_dims()

    def body(inner: Emitter, _: SSAValue) -> SSAValue:
        source, where = place(inner, [inner.value(IndexOp(axis)) for axis in range(rank)])
        return inner.value(tensor.ExtractOp(source, list(where), type_.element_type))

    return generic(e, [], [empty(e, type_, sizes)], [identity(rank)], [PARALLEL] * rank, body)[0]


def settled(e: Emitter, x: SSAValue, targets: Mapping[int, tuple[SSAValue, bool]], what: str) -> SSAValue:
    """`x` with axes of size 1 stretched where the program's result is larger.

    Args:
        e: where to emit.
        x: the tensor; only its dynamic axes are looked at.
        targets: for axes, the size in the result and whether that is known to be the size of `x` already.
        what: the operation, for the message when a size is neither 1 nor the result's.

    Only where it turns out at run time that something has to be stretched, a copy is made.
    """
    shape = shape_of(type_of(x))
    open_axes = {axis: size for axis, (size, known) in targets.items() if shape[axis] == DYNAMIC and not known}
    if not open_axes:
        return x
    stretch = None
    for axis, target in open_axes.items():
        size = dim(e, x, axis)
        same = e.value(arith.CmpiOp(size, target, "eq"))
        fits = e.value(arith.OrIOp(same, e.value(arith.CmpiOp(size, e.index(1), "eq"))))
        e.add(AssertOp(fits, f"{what}: axis {axis} has size {{0}}, expected 1 or {{1}}", [size, target]))
        differs = e.value(arith.CmpiOp(size, target, "ne"))
        stretch = differs if stretch is None else e.value(arith.OrIOp(stretch, differs))
    assert stretch is not None
    then, otherwise = Block(), Block()
    inner = e.at_end(then)
    inner.add(scf.YieldOp(_stretched(inner, x, open_axes)))
    e.at_end(otherwise).add(scf.YieldOp(x))
    return e.value(scf.IfOp(stretch, [x.type], [then], [otherwise]))


def _stretched(e: Emitter, x: SSAValue, axes: Mapping[int, SSAValue]) -> SSAValue:
    sizes = [axes.get(axis, size) for axis, size in enumerate(dims(e, x))]

    def place(inner: Emitter, indices: list[SSAValue]) -> tuple[SSAValue, Sequence[SSAValue]]:
        for axis in axes:
            is_one = inner.value(arith.CmpiOp(dim(inner, x, axis), inner.index(1), "eq"))
            indices[axis] = inner.value(arith.SelectOp(is_one, inner.index(0), indices[axis]))
        return x, indices

    return gathered(e, type_of(x), sizes, place)
