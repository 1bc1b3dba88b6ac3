"""Sums that are taken along rows, in memory: several rows at a time, and with what rounding takes from the sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyFloat
from xdsl.dialects.linalg import ops as linalg
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import SSAValue

from ....dialects.creation import load, store
from ....dialects.emitter import Emitter
from ...targets import ALIGNMENT
from .builder import PARALLEL, REDUCTION, Indices, for_loop
from .compensated_sum import NEUTRAL, added, corrected
from .nest import Nest, static_size

FEW_TERMS = 32
"""Sums of at most as many terms are sequential: their error is that of a block of `block-sums`."""

ROWS = 8
"""Rows that are added before their sum is added to the result with compensation: the error of 8 additions remains, and
the result and its error are loaded and stored once per 8 rows."""

MAX_BODY = 128
"""The most ops of the bodies of these rows together: a bound of code size, not tuned."""

MATH_OPS = 32
"""The number of ops that one of `math` counts for, since it is expanded later: `exp` to about as many."""


def sums_in_memory(op: LinalgStructuredOperation, nest: Nest) -> bool:
    """Whether an op takes nothing but long sums of floats, and a loop inside walks along the results."""
    if not nest.in_memory or not all(_is_sum(op, number) for number in range(len(op.outputs))):
        return False
    sizes = [
        static_size(op, dim) for group, sums in zip(nest.dims, nest.reduction, strict=True) if sums for dim in group
    ]
    return None in sizes or prod(size for size in sizes if size is not None) > FEW_TERMS


def _is_sum(op: LinalgStructuredOperation, number: int) -> bool:
    total = op.body.block.args[len(op.inputs) + number]
    terminator = op.body.block.last_op
    assert isinstance(terminator, linalg.YieldOp)
    add = terminator.operands[number].owner
    if not isinstance(total.type, AnyFloat) or not isinstance(add, arith.AddfOp) or len(list(total.uses)) != 1:
        return False
    return total in add.operands and len(list(add.result.uses)) == 1


class MemorySums:
    """Emits the reductions of such an op, and the loop inside, for one point of the loops around them."""

    def __init__(self, op: LinalgStructuredOperation, nest: Nest, bounds: Sequence[SSAValue]):
        self.op, self.nest, self.bounds = op, nest, bounds
        self.inner = len(nest.dims) - 1
        self.fold = self.inner - 1
        self.outputs = range(nest.inputs, len(nest.operands))
        known = [static_size(op, dim) for dim in nest.dims[self.fold]]
        self.size = None if None in known else prod(size for size in known if size is not None)
        body = sum(MATH_OPS if inner.name.startswith("math.") else 1 for inner in op.body.walk())
        self.rows = max(1, min(ROWS, MAX_BODY // body, self.size or ROWS))

    def emit(self, ix: Indices, ivs: list[SSAValue], loaded: dict[int, SSAValue]) -> None:
        """Emit everything; `ivs` are the counters of the loops around, `loaded` the inputs that they settle."""
        self.errors = [self._error(ix, position) for position in self.outputs]
        self._along(ix, self._clear)
        self._folds(ix, ivs, loaded)
        self._along(ix, lambda at, j: self._correct(at, [*ivs, *[ix.value(0)] * (self.inner - len(ivs)), j]))
        for error in self.errors:
            ix.e.add(memref.DeallocOp.get(error))

    def _error(self, ix: Indices, position: int) -> SSAValue:
        element = self.op.body.block.args[position].type
        return ix.e.value(memref.AllocOp.get(element, ALIGNMENT, [DYNAMIC_INDEX], [self.bounds[self.inner]]))

    def _along(self, ix: Indices, body: Callable[[Indices, SSAValue], None]) -> None:
        """A loop along the results."""
        bounds = (ix.value(0), self.bounds[self.inner], ix.value(1))
        for_loop(ix.e, bounds, lambda e, j: body(ix.at(e), j), mark=PARALLEL)

    def _clear(self, ix: Indices, j: SSAValue) -> None:
        for position, error in zip(self.outputs, self.errors, strict=True):
            neutral = ix.e.constant(NEUTRAL, self.op.body.block.args[position].type)
            ix.e.add(store(neutral, error, [j]))

    def _correct(self, ix: Indices, ivs: Sequence[SSAValue]) -> None:
        for position, error in zip(self.outputs, self.errors, strict=True):
            out, where = self.nest.operands[position], self._where(ix, position, ivs)
            total, lost = ix.e.value(load(out, where)), ix.e.value(load(error, [ivs[-1]]))
            ix.e.add(store(corrected(ix.e, total, lost), out, where))

    def _where(self, ix: Indices, position: int, ivs: Sequence[SSAValue]) -> list[SSAValue]:
        return [ix.value(ix.affine(expr, ivs)) for expr in self.nest.maps[position]]

    def _load(self, ix: Indices, level: int, ivs: Sequence[SSAValue], loaded: dict[int, SSAValue]) -> None:
        """Load the inputs that depend on the first `level` loops and on no others."""
        for position in range(self.nest.inputs):
            if self.op.body.block.args[position].uses and position not in loaded and self.nest.depth(position) == level:
                where = self._where(ix, position, ivs)
                loaded[position] = ix.e.value(load(self.nest.operands[position], where))

    def _folds(self, ix: Indices, ivs: Sequence[SSAValue], loaded: dict[int, SSAValue]) -> None:
        """The reductions; the innermost one takes several rows at a time, then those that are left."""
        level = len(ivs)
        if level < self.fold:

            def body(e: Emitter, iv: SSAValue) -> None:
                at, known = ix.at(e), dict(loaded)
                self._load(at, level + 1, [*ivs, iv], known)
                self._folds(at, [*ivs, iv], known)

            for_loop(ix.e, (ix.value(0), self.bounds[level], ix.value(1)), body, mark=REDUCTION)
            return
        size = self.bounds[level] if self.size is None else self.size
        whole = ix.mul(ix.floordiv(size, self.rows), self.rows)
        self._rows(ix, (0, whole), self.rows, ivs, loaded)
        if self.rows > 1 and not (isinstance(whole, int) and whole == size):
            self._rows(ix, (whole, size), 1, ivs, loaded)

    def _rows(
        self,
        ix: Indices,
        bounds: tuple[int | SSAValue, int | SSAValue],
        rows: int,
        ivs: Sequence[SSAValue],
        loaded: dict[int, SSAValue],
    ) -> None:
        """A loop over groups of rows."""

        def body(e: Emitter, first: SSAValue) -> None:
            at = ix.at(e)
            counters = [[*ivs, at.value(at.add(first, row))] for row in range(rows)]
            known = [dict(loaded) for _ in range(rows)]
            for row in range(rows):
                self._load(at, self.inner, counters[row], known[row])
            self._along(at, lambda inner, j: self._add(inner, [[*each, j] for each in counters], known))

        for_loop(ix.e, (ix.value(bounds[0]), ix.value(bounds[1]), ix.value(rows)), body, mark=REDUCTION)

    def _add(self, ix: Indices, counters: Sequence[Sequence[SSAValue]], known: Sequence[dict[int, SSAValue]]) -> None:
        """Add the sum of a few rows to the results."""
        partial: list[SSAValue] = [
            ix.e.constant(NEUTRAL, self.op.body.block.args[position].type) for position in self.outputs
        ]
        for ivs, before in zip(counters, known, strict=True):
            loaded = dict(before)
            self._load(ix, self.inner + 1, ivs, loaded)
            partial = self._body(ix, ivs, loaded, partial)
        where = [self._where(ix, position, counters[0]) for position in self.outputs]
        for position, error, at, item in zip(self.outputs, self.errors, where, partial, strict=True):
            out, j = self.nest.operands[position], counters[0][-1]
            total, lost = ix.e.value(load(out, at)), ix.e.value(load(error, [j]))
            total, lost = added(ix.e, total, lost, item)
            ix.e.add(store(total, out, at))
            ix.e.add(store(lost, error, [j]))

    def _body(
        self, ix: Indices, ivs: Sequence[SSAValue], loaded: dict[int, SSAValue], partial: Sequence[SSAValue]
    ) -> list[SSAValue]:
        """A copy of the op's body here; gives what it yields."""
        block = self.op.body.block
        values: dict[SSAValue, SSAValue] = {block.args[position]: value for position, value in loaded.items()}
        values |= dict(zip(block.args[self.nest.inputs :], partial, strict=True))
        for op in block.ops:
            if isinstance(op, linalg.YieldOp):
                return [values.get(value, value) for value in op.operands]
            if isinstance(op, linalg.IndexOp):
                values[op.result] = self._counter(ix, ivs, op)
                continue
            copy = op.clone(values)
            for nested in list(copy.walk()):
                if isinstance(nested, linalg.IndexOp):
                    nested.result.replace_all_uses_with(self._counter(ix, ivs, nested))
                    nested.detach()
                    nested.erase()
            ix.e.add(copy)
        raise AssertionError("a body ends with a yield")

    def _counter(self, ix: Indices, ivs: Sequence[SSAValue], op: linalg.IndexOp) -> SSAValue:
        found = {group[0]: iv for group, iv in zip(self.nest.dims, ivs, strict=True)}
        return found.get(op.dim.value.data) or ix.value(0)


__all__ = ["MemorySums", "sums_in_memory"]
