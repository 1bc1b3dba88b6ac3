"""Checks of indices that count iterations: what cannot fail is removed, and a window of one row is that row."""

from __future__ import annotations

from xdsl.ir import Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from .....dialects.debug import AssertOp
from .....dialects.hl.comparison import GreaterEqualOp, LessOp
from .....dialects.hl.index import GatherOp
from .....dialects.hl.shape import SqueezeOp
from .....dialects.hl.windows import DynamicSliceOp
from .....dialects.types import DYNAMIC, shape_of
from .loops import LoopView, conjuncts, integer_key, known_integer, size_key


def remove_known_checks(function: Operation) -> None:
    """Remove checks in loops that always hold, and read single rows by their index."""
    for op in list(function.walk()):
        loop = LoopView.of(op)
        if loop is None:
            continue
        for inner in list(loop.body.ops):
            if isinstance(inner, AssertOp) and all(_holds(loop, part) for part in conjuncts(inner.condition)):
                Rewriter.erase_op(inner)
            elif isinstance(inner, DynamicSliceOp):
                _read_row(loop, inner)


def _holds(loop: LoopView, condition: SSAValue) -> bool:
    op = condition.owner
    if isinstance(op, GreaterEqualOp):
        bound = known_integer(op.y)
        return bound is not None and bound <= 0 and loop.counts(op.x)
    return isinstance(op, LessOp) and loop.counts(op.x) and loop.is_below(op.x, integer_key(op.y))


def _read_row(loop: LoopView, op: DynamicSliceOp) -> None:
    """Replace a window of one row by `hl.gather`, which does not move the index into the tensor, if it is there."""
    rank, sizes = len(shape_of(op.x.type)), op.attrs()["sizes"]  # pyright: ignore[reportArgumentType]
    starts, given = op.indices[:rank], iter(op.indices[rank:])
    keys = [integer_key(next(given)) if size == DYNAMIC else size for size in sizes]
    whole = all(keys[axis] == size_key(op.x, axis) and known_integer(starts[axis]) == 0 for axis in range(1, rank))
    squeezes = [use.operation for use in op.result.uses]
    if not rank or keys[0] != 1 or not whole or not squeezes:
        return
    if not loop.counts(starts[0]) or not loop.is_below(starts[0], size_key(op.x, 0)):
        return
    if not all(isinstance(user, SqueezeOp) and user.attrs()["axes"] == (0,) for user in squeezes):
        return
    for user in squeezes:
        row = GatherOp.build_for(user, [op.x, starts[0]], {"axis": 0, "batch_dims": 0})
        row.location = op.location
        Rewriter.insert_op(row, InsertPoint.before(op))
        user.results[0].replace_all_uses_with(row.result)
        Rewriter.erase_op(user)
    Rewriter.erase_op(op)
