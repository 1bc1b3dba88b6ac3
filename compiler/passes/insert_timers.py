"""`insert-timers`: where a function spends its time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import arith, func, memref, scf, vector
from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FileLineColLoc,
    FunctionType,
    MemRefType,
    ModuleOp,
    StringAttr,
    i64,
)
from xdsl.ir import Block, Operation
from xdsl.rewriter import InsertPoint

from ...dialects.debug import BreakOp, LapOp, PrintOp
from ...dialects.diagnostics import location_text
from ...dialects.emitter import Emitter
from ...dialects.host import CallOp
from ..pipeline.base import Pass

TIMERS = "stepwell.timers"
"""On the function: what each slot of time is spent on, and at which lines of the user."""

CALL, REST = "call", "everything else"
"""What the first two slots are spent on: from one call's end into the next; what comes after the last region."""

SMALL_COPY = 64
"""A copy of no more elements is no region of its own."""

_STORES = (memref.StoreOp, vector.StoreOp, vector.MaskedStoreOp)
_LOOPS = (scf.ForOp, scf.WhileOp, scf.ParallelOp)
_GENERATED = ("stepwell.parallel", "stepwell.reduction", "stepwell.vectorized")
"""On loops inside of which nothing is measured."""


@dataclass(frozen=True)
class InsertTimersPass(Pass):
    """Measure each outermost loop, call and copy of a function: `debug.lap` accumulates the time since the last one.

    Before:

        func.func @f(%x: memref<8xf32>, %y: memref<8xf32>) {
          %0 = arith.constant 0 : index
          %1 = arith.constant 1 : index
          %2 = arith.constant 8 : index
          scf.for %i = %0 to %2 step %1 {
            %a = memref.load %x[%i] : memref<8xf32>
            memref.store %a, %y[%i] : memref<8xf32>
          }
          func.return
        }

    After:

        builtin.module {
          func.func @f(%x: memref<8xf32>, %y: memref<8xf32>, %times: memref<7xi64>) attributes {stepwell.timers = [{what = "call", places = []}, {what = "loop", places = ["before.mlir:5:3", "before.mlir:6:5", "before.mlir:7:5"]}, {what = "everything else", places = []}]} {
            debug.lap %times[0 : i64] : memref<7xi64>
            %0 = arith.constant 0 : index
            %1 = arith.constant 1 : index
            %2 = arith.constant 8 : index
            scf.for %i = %0 to %2 step %1 {
              %a = memref.load %x[%i] : memref<8xf32>
              memref.store %a, %y[%i] : memref<8xf32>
            }
            debug.lap %times[1 : i64] : memref<7xi64>
            debug.lap %times[2 : i64] : memref<7xi64>
            func.return
          }
        }

    After fusion, a loop computes several of the user's ops and lists their source lines. The times are stored in a new
    last argument: the clock at the last lap, then for each slot the sum of its laps and the lap count. Laps have no
    gaps, so that the slots add up to the run time of the function; the first slot also has the time between the end of
    one call and the start of the next. In a loop or branch of the user's program, ops with other source lines than
    its own are measured separately. A few cheap ops are counted with the region that follows.
    """  # noqa: E501

    name = "insert-timers"
    requires: ClassVar[str | None] = "loops"
    ensures: ClassVar[str | None] = "loops"
    idempotent: ClassVar[bool] = False

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Measure the functions that can be called from outside."""
        functions = {inner.sym_name.data: inner for inner in op.ops if isinstance(inner, func.FuncOp)}
        for function in functions.values():
            if function.body.blocks and not _is_private(function):
                _Timers(function, functions).run()


def _is_private(function: func.FuncOp) -> bool:
    return function.sym_visibility is not None and function.sym_visibility.data == "private"


@dataclass(frozen=True)
class _Slot:
    """What time is spent on.

    Attributes:
        what: a loop, a call, a copy …
        places: the lines of the user that say so.
    """

    what: str
    places: tuple[str, ...] = ()


@dataclass
class _Timers:
    """Measures one function.

    Attributes:
        function: the function.
        functions: all functions of the module, by name.
        slots: the slots met so far, with their numbers.
        laps: where a lap ends, and the number of its slot.
    """

    function: func.FuncOp
    functions: dict[str, func.FuncOp]
    slots: dict[_Slot, int] = field(default_factory=dict)
    laps: list[tuple[Emitter, int]] = field(default_factory=list)

    def run(self) -> None:
        """Add the laps, the argument for the times, and the attribute that says what they are."""
        entry, location = self.function.body.block, self.function.location
        first, last = entry.first_op, entry.last_op
        assert first is not None and last is not None
        self._lap(Emitter(InsertPoint.before(first), location), _Slot(CALL))
        self._block(entry)
        self._lap(Emitter(InsertPoint.before(last), location), _Slot(REST, _texts(self._left(entry))))
        times = entry.insert_arg(MemRefType(i64, [1 + 2 * len(self.slots)]), len(entry.args))
        times.name_hint, times.location = "times", location
        for e, slot in self.laps:
            e.add(LapOp(times, slot))
        types = self.function.function_type
        self.function.function_type = FunctionType.from_lists([*types.inputs, times.type], list(types.outputs))
        self.function.attributes[TIMERS] = ArrayAttr(
            DictionaryAttr({"what": StringAttr(slot.what), "places": ArrayAttr(map(StringAttr, slot.places))})
            for slot in self.slots
        )

    def _lap(self, e: Emitter, slot: _Slot) -> None:
        self.laps.append((e, self.slots.setdefault(slot, len(self.slots))))

    def _block(self, block: Block) -> None:
        """Measure what is in a block; neighbours that belong together are measured together."""
        measured: list[tuple[Operation, _Slot]] = []
        for op in block.ops:
            what = self._what(op)
            if what is None:
                continue
            if self._is_entered(op):
                for region in op.regions:
                    for inner in region.blocks:
                        self._block(inner)
                measured.append((op, _Slot(f"{what} itself", _texts([op]))))
            else:
                measured.append((op, _Slot(what, _texts(self._all(op)))))
        for position, (op, slot) in enumerate(measured):
            follows = measured[position + 1][1] if position + 1 < len(measured) else None
            if slot != follows:
                self._lap(Emitter.after(op), slot)

    def _left(self, block: Block) -> list[Operation]:
        """The ops at the end of a block that come after all that is measured, if they compute something."""
        left: list[Operation] = []
        for op in block.ops:
            left = [] if self._what(op) is not None else [*left, op]
        inner = [each for op in left[:-1] for each in op.walk()]
        return inner if any(isinstance(op, _STORES) for op in inner) else []

    def _what(self, op: Operation) -> str | None:
        """What kind of region an op is; None for one that is cheap."""
        if isinstance(op, _LOOPS):
            return "loop"
        if isinstance(op, scf.IfOp):
            return "branch" if any(self._what(inner) for inner in _inside(op)) else None
        if isinstance(op, func.CallOp):
            return f"@{op.callee.string_value()}"
        if isinstance(op, CallOp):
            return f"host call of {op.callee.data}"
        if isinstance(op, PrintOp | BreakOp):
            return op.name.removeprefix("debug.")
        if isinstance(op, memref.CopyOp):
            return "copy" if _is_large(op.source.type) else None
        if isinstance(op, memref.AllocOp | memref.DeallocOp):
            return "memory" if self._takes_time(op) else None
        return None

    def _takes_time(self, op: memref.AllocOp | memref.DeallocOp) -> bool:
        """Whether it is done while the function runs, or makes an array to return."""
        value = op.memref
        returned = any(isinstance(use.operation, func.ReturnOp) for use in value.uses)
        return returned or not _has_known_size(value.type)

    def _is_entered(self, op: Operation) -> bool:
        """Whether what is in it is measured by itself: it is the user's, and has lines of others in it."""
        if isinstance(op, scf.ParallelOp) or any(name in op.attributes for name in _GENERATED):
            return False
        return any(self._what(inner) is not None and inner.location != op.location for inner in _inside(op))

    def _all(self, op: Operation) -> list[Operation]:
        """The op, what is in it, and what it calls."""
        found = list(op.walk())
        for call in [inner for inner in found if isinstance(inner, func.CallOp)]:
            callee = self.functions.get(call.callee.string_value())
            if callee is not None:
                found += callee.body.walk()
        return found


def _inside(op: Operation) -> list[Operation]:
    """The ops nested in an op, without itself."""
    return [inner for region in op.regions for inner in region.walk()]


def _texts(ops: list[Operation]) -> tuple[str, ...]:
    """The places of ops, in the order of the file; constants are shared by many and tell nothing."""
    places = {op.location for op in ops if not isinstance(op, arith.ConstantOp)}
    known = [place for place in places if isinstance(place, FileLineColLoc)]
    known.sort(key=lambda place: (place.filename.data, place.line.data, place.column.data))
    return tuple(map(location_text, known))


def _has_known_size(type_: object) -> bool:
    return isinstance(type_, MemRefType) and -1 not in type_.get_shape()


def _is_large(type_: object) -> bool:
    return not _has_known_size(type_) or (isinstance(type_, MemRefType) and type_.element_count() > SMALL_COPY)
