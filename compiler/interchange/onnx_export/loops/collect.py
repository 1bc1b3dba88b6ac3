"""Tensors whose rows a loop sets one after the other: not carried and replaced, but collected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects import scf, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from .....dialects.debug import AssertOp
from .....dialects.dtypes import INT32, dtype_of
from .....dialects.emitter import Emitter
from .....dialects.hl.arithmetic import AddOp, MaximumOp, SubOp
from .....dialects.hl.movement import BroadcastToOp, ConcatOp
from .....dialects.hl.shape import DimOp, ExpandDimsOp
from .....dialects.hl.slicing import TO_END, SliceOp
from .....dialects.hl.windows import DynamicUpdateSliceOp
from .....dialects.types import DYNAMIC, shape_of, tensor_type
from .loops import LoopView, innermost_shape, integer_key, is_zeros, known_integer, peeled, size_key
from .ops import CollectedOp, CollectOp


def collect_loop_outputs(function: Operation) -> None:
    """Turn tensors that a loop carries in order to set the row of each iteration into what it collects.

    The tensor must be used in the loop for that only, the row's index be the number of iterations before. This is what
    a `TensorArray` becomes that is written once in each iteration; ONNX's `Loop` has scan outputs for it, where
    carrying the tensor copies it in each iteration.
    """
    for op in list(function.walk()):
        loop = LoopView.of(op)
        while loop is not None:
            loop = next((new for place in range(len(loop.carried)) if (new := _collect(loop, place))), None)


@dataclass
class _Rows:
    """A carried tensor whose rows are set: which one, what the rows are, how it grows.

    Attributes:
        place: its place among what is carried.
        write: the op that sets a row.
        element: the row.
        grows: whether rows of zeros are added where there is none for the index.
        adopts: whether the rows have the shape of the first one written.
    """

    place: int
    write: DynamicUpdateSliceOp
    element: SSAValue
    grows: bool
    adopts: bool


def _collect(loop: LoopView, place: int) -> LoopView | None:
    """The loop without what it carries at `place`, which is collected now; None where that cannot be."""
    rows = _rows(loop, place)
    if rows is None or not _is_like(loop, rows):
        return None
    start, result = loop.starts[place], loop.op.results[place]
    full = isinstance(loop.op, scf.ForOp) and integer_key(loop.op.ub) == size_key(start, 0) and not rows.grows
    slices = _slices(loop, rows, result) if rows.grows else []
    if slices is None:
        return None
    before = Emitter.before(loop.op)
    for use in list(loop.carried[place].uses):
        if isinstance(use.operation, DimOp):
            size = before.value(DimOp.build([start], use.operation.attrs()))
            use.operation.result.replace_all_uses_with(size)
            Rewriter.erase_op(use.operation)
    index = sum(isinstance(op, CollectOp) for op in loop.body.ops)
    _erase_write(loop, rows, index)
    new = _without(loop, place)
    after = Emitter.after(new)
    _replace_result(after, index, start, result, rows, full, slices)
    others = [r for at, r in enumerate(loop.op.results) if at != place]
    for old, other in zip(others, new.results, strict=True):
        old.replace_all_uses_with(other)
    Rewriter.erase_op(loop.op)
    return LoopView.of(new)


def _rows(loop: LoopView, place: int) -> _Rows | None:
    """What is done to the rows of a carried tensor, if nothing else is done with it."""
    argument, write = loop.carried[place], loop.next[place].owner
    if not isinstance(write, DynamicUpdateSliceOp) or write.parent is not loop.body or len(list(write.result.uses)) > 1:
        return None
    row = write.update.owner
    if not write.starts or not isinstance(row, ExpandDimsOp) or row.attrs()["axes"] != (0,):
        return None
    first, *others = write.starts
    if not loop.counts(first):
        return None
    changes = _changes(write.x, argument)
    if changes is None or any(known_integer(start) != 0 for start in others):
        return None
    rows = _Rows(place, write, row.operands[0], "grow" in changes, "adopt" in changes)
    users = [use.operation for use in argument.uses]
    sizes = [user for user in users if isinstance(user, DimOp) and user.attrs()["axis"] == 0 and not rows.grows]
    return rows if len(users) == len(sizes) + 1 and _is_passed_on(loop, place) else None


def _is_passed_on(loop: LoopView, place: int) -> bool:
    """Whether the condition of a `while` does nothing with a carried value."""
    return isinstance(loop.op, scf.ForOp) or len(list(loop.op.before_region.block.args[place].uses)) == 1


def _changes(value: SSAValue, argument: SSAValue) -> set[str] | None:
    """How a tensor was made fit for a row, by loops of at most one iteration; None if it is another tensor."""
    found: set[str] = set()
    while value is not argument:
        op = value.owner
        if not isinstance(op, scf.WhileOp) or len(op.results) != 1 or len(list(value.uses)) != 1:
            return None
        block = op.after_region.block
        made = block.last_op.operands[0].owner if block.last_op is not None else None
        if isinstance(made, BroadcastToOp) and is_zeros(made.result):
            found.add("adopt")
        elif isinstance(made, ConcatOp) and made.attrs()["axis"] == 0 and _adds_zeros(made, block.args[0]):
            found.add("grow")
        else:
            return None
        value = op.arguments[0]
    return found


def _adds_zeros(op: ConcatOp, argument: SSAValue) -> bool:
    first, *others = op.values
    return first is argument and all(map(is_zeros, others))


def _is_like(loop: LoopView, rows: _Rows) -> bool:
    """Whether a row has the shape of the tensor's rows, as far as these have one."""
    start = loop.starts[rows.place]
    known, (count, *first) = shape_of(start.type)[1:], innermost_shape(start)  # pyright: ignore
    own = shape_of(rows.element.type)  # pyright: ignore[reportArgumentType]
    if rows.grows and (count != 0 or rows.adopts):
        return False
    if not rows.adopts:
        return all(a == b != DYNAMIC for a, b in zip(known, own, strict=True))
    if not is_zeros(start):
        return False
    return all(b == 0 if a == DYNAMIC else a == c for a, b, c in zip(known, first, own, strict=True))


def _slices(loop: LoopView, rows: _Rows, result: SSAValue) -> list[SliceOp] | None:
    """The slices by which a tensor that grows is cut to the rows written; None where it is used otherwise."""
    found = [use.operation for use in result.uses]
    slices = [op for op in found if isinstance(op, SliceOp) and op.x is result and _is_cut(loop, op)]
    return slices if len(slices) == len(found) else None


def _is_cut(loop: LoopView, op: SliceOp) -> bool:
    attrs = op.attrs()
    rest = all(end == TO_END for end in attrs["end"][1:])
    if any(attrs["begin"]) or {*attrs["strides"]} != {1} or attrs["end"][0] != DYNAMIC or not rest:
        return False
    bound = peeled(op.bounds[0])
    if bound.owner is not loop.op:
        return False
    place = list(loop.op.results).index(bound)  # pyright: ignore[reportArgumentType]
    most = loop.next[place].owner
    if not isinstance(most, MaximumOp) or known_integer(loop.starts[place]) != 0:
        return False
    others = [operand for operand in most.operands if peeled(operand) is not loop.carried[place]]
    return len(others) == 1 and _is_one_more(loop, others[0])


def _is_one_more(loop: LoopView, value: SSAValue) -> bool:
    op = peeled(value).owner
    pairs = ((op.x, op.y), (op.y, op.x)) if isinstance(op, AddOp) else ()
    return any(loop.counts(a) and known_integer(b) == 1 for a, b in pairs)


def _erase_write(loop: LoopView, rows: _Rows, index: int) -> None:
    """Append the row in place of setting it; the tensor is handed on as it is."""
    last, argument = loop.body.last_op, loop.carried[rows.place]
    assert last is not None
    value, row, messages = rows.write.x, rows.write.update.owner, [""]
    last.operands = [argument if at == rows.place else value for at, value in enumerate(last.operands)]
    e = Emitter(InsertPoint.before(last), rows.write.location)
    Rewriter.erase_op(rows.write)
    while value is not argument:
        op = value.owner
        assert isinstance(op, scf.WhileOp)
        messages += [check.message.data for check in op.after_region.block.ops if isinstance(check, AssertOp)]
        value = op.arguments[0]
        Rewriter.erase_op(op)
    e.add(CollectOp(rows.element, index, messages[-1]))
    if isinstance(row, Operation) and not list(row.results[0].uses):
        Rewriter.erase_op(row)


def _without(loop: LoopView, place: int) -> scf.ForOp | scf.WhileOp:
    """A loop with the regions of `loop`, which does not carry what it hands on at `place`."""
    op, kept = loop.op, [value for at, value in enumerate(loop.starts) if at != place]
    _drop_operand(loop.body.last_op, place)
    loop.body.erase_arg(loop.carried[place])
    if isinstance(op, scf.ForOp):
        new: scf.ForOp | scf.WhileOp = scf.ForOp(op.lb, op.ub, op.step, kept, op.detach_region(op.body))
    else:
        before = op.before_region.block
        _drop_operand(before.last_op, place, 1)
        before.erase_arg(before.args[place])
        types = [value.type for value in kept]
        regions = [op.before_region, op.after_region]
        new = scf.WhileOp(kept, types, *(op.detach_region(region) for region in regions))
    return Emitter.before(op).add(new)


def _drop_operand(op: Operation | None, place: int, lead: int = 0) -> None:
    assert op is not None
    op.operands = [value for at, value in enumerate(op.operands) if at != place + lead]


def _replace_result(
    e: Emitter, index: int, start: SSAValue, result: SSAValue, rows: _Rows, full: bool, slices: Sequence[SliceOp]
) -> None:
    """Use what was collected, and behind it the rows that no iteration has set."""
    assert isinstance(result.type, TensorType)
    if rows.grows:
        for op in slices:
            op.result.replace_all_uses_with(_collected(e, index, op.result.type))
            Rewriter.erase_op(op)
    elif full:
        result.replace_all_uses_with(_collected(e, index, result.type))
    elif list(result.uses):
        shape = (DYNAMIC, *shape_of(rows.element.type))  # pyright: ignore[reportArgumentType]
        found = _collected(e, index, tensor_type(shape, dtype_of(result.type)))
        whole = e.value(ConcatOp.build([found, _rest(e, found, start, rows)], {"axis": 0}))
        same = whole.type == result.type
        result.replace_all_uses_with(whole if same else e.value(tensor.CastOp(whole, result.type)))


def _collected(e: Emitter, index: int, type_: Attribute) -> SSAValue:
    assert isinstance(type_, TensorType)
    return e.value(CollectedOp(index, type_))


def _rest(e: Emitter, found: SSAValue, start: SSAValue, rows: _Rows) -> SSAValue:
    """The rows behind those that were collected."""
    shape = shape_of(start.type)  # pyright: ignore[reportArgumentType]
    written = e.value(DimOp.build([found], {"axis": 0, "dtype": INT32}))
    if not rows.adopts:
        begin, end = (DYNAMIC, *[0] * (len(shape) - 1)), (TO_END,) * len(shape)
        attrs = {"begin": begin, "end": end, "strides": (1,) * len(shape)}
        return e.value(SliceOp.build([start, written], attrs))
    total = e.value(DimOp.build([start], {"axis": 0, "dtype": INT32}))
    open_ = [axis for axis in range(1, len(shape)) if shape[axis] == DYNAMIC]
    sizes = [e.value(DimOp.build([found], {"axis": axis, "dtype": INT32})) for axis in open_]
    zero = e.constant(0, tensor_type((), dtype_of(start.type)))
    operands = [zero, e.value(SubOp.build([total, written])), *sizes]
    return e.value(BroadcastToOp.build(operands, {"shape": (DYNAMIC, *shape[1:])}))
