"""`insert-nan-checks`: the program stops at the first op that makes a NaN or an infinity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import scf, tensor
from xdsl.dialects.builtin import IntegerType, ModuleOp, TensorType
from xdsl.ir import Attribute, Block, Region, SSAValue

from ...dialects.debug import AssertOp
from ...dialects.dtypes import NUMBERS, dtype_of
from ...dialects.emitter import Emitter
from ...dialects.hl.arithmetic import AbsOp
from ...dialects.hl.comparison import EqualOp
from ...dialects.hl.logical import LogicalOrOp
from ...dialects.hl.reduce import AnyOp, MaxOp, MinOp
from ...dialects.hl.rounding import IsNanOp
from ...dialects.hl.rules.base import HLOp
from ...dialects.types import shape_of
from ..pipeline.base import Pass

NAN, INFINITY = "NaN", "an infinity"
"""What an op may make, in words."""

SHOWN_OPERANDS = 3
"""Of how many operands the range is shown."""


@dataclass(frozen=True)
class InsertNanChecksPass(Pass):
    """Insert a check after each op that computes floats: no NaN or infinity in a result unless an operand has one.

    Before:

        func.func @f(%x: tensor<f32>) -> tensor<f32> {
          %0 = hl.log %x : (tensor<f32>) -> tensor<f32>
          func.return %0 : tensor<f32>
        }

    After (`insert-nan-checks{inf=false}`):

        builtin.module {
          func.func @f(%x: tensor<f32>) -> tensor<f32> {
            %0 = hl.log %x : (tensor<f32>) -> tensor<f32>
            %1 = hl.isnan %0 : (tensor<f32>) -> tensor<i1>
            %2 = tensor.extract %1[] : tensor<i1>
            scf.if %2 {
              %3 = hl.isnan %x : (tensor<f32>) -> tensor<i1>
              %4 = tensor.extract %3[] : tensor<i1>
              %5 = tensor.extract %x[] : tensor<f32>
              %6 = tensor.extract %x[] : tensor<f32>
              debug.assert %4, "log: made NaN of operands without: operand 0 from {0} to {1}"(%5, %6) : i1, (f32, f32)
            }
            func.return %0 : tensor<f32>
          }
        }

    The ranges in the message, and whether an operand already has a NaN, are computed only if the result has one. The
    message names the op at its source line, so the pass runs before all others: simplification may replace ops.
    Options: `nan` and `inf`, which of the two are checked. Ops that only move elements are not checked.
    """

    name = "insert-nan-checks"
    requires: ClassVar[str | None] = "hl"
    ensures: ClassVar[str | None] = "hl"
    idempotent: ClassVar[bool] = False
    adds_checks: ClassVar[bool] = True
    nestable: ClassVar[bool] = True

    nan: bool = True
    inf: bool = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Add the checks, in loops and branches too."""
        kinds = [kind for kind, wanted in ((NAN, self.nan), (INFINITY, self.inf)) if wanted]
        for computing in [inner for inner in op.walk() if isinstance(inner, HLOp) and not inner.KEEPS_VALUES]:
            for result in computing.results:
                if is_checked(result.type):
                    for kind in kinds:
                        _insert(computing, result, kind)


def is_checked(type_: Attribute) -> bool:
    """Whether values of that type may be NaN or infinite, and reductions know how to look at them."""
    return isinstance(type_, TensorType) and dtype_of(type_).is_floating and dtype_of(type_) in NUMBERS


def message(op_name: str, kind: str, operands: Sequence[int]) -> str:
    """The text of a failed check, with places for the smallest and the largest element of each operand shown."""
    text = f"{op_name.removeprefix('hl.')}: made {kind} of operands without"
    parts = [f"operand {number} from {{{2 * at}}} to {{{2 * at + 1}}}" for at, number in enumerate(operands)]
    return f"{text}: {', '.join(parts)}" if parts else text


def shown(types: Sequence[Attribute]) -> list[int]:
    """The numbers of the operands whose ranges are shown."""
    return [number for number, type_ in enumerate(types) if is_checked(type_)][:SHOWN_OPERANDS]


def _insert(op: HLOp, result: SSAValue, kind: str) -> None:
    """Check one result for one kind of value."""
    e = Emitter.after(op)
    found = _has_any(e, [result], kind)
    then = Block()
    inside = e.at_end(then)
    excused = _has_any(inside, [operand for operand in op.operands if is_checked(operand.type)], kind)
    numbers = shown([operand.type for operand in op.operands])
    ends = [
        _element(inside, _reduced(inside, op.operands[number], extreme))
        for number in numbers
        for extreme in (MinOp, MaxOp)
    ]
    inside.add(AssertOp(excused, message(op.name, kind, numbers), ends))
    inside.add(scf.YieldOp())
    e.add(scf.IfOp(found, [], Region(then)))


def _has_any(e: Emitter, values: Sequence[SSAValue], kind: str) -> SSAValue:
    """Whether any element of `values` is such a one, as an `i1`."""
    found = [_reduced(e, _LOOKS[kind](e, value), AnyOp) for value in values]
    if not found:
        return e.constant(0, IntegerType(1))
    return _element(e, reduce(lambda a, b: e.value(LogicalOrOp.build([a, b])), found))


def _reduced(e: Emitter, x: SSAValue, op_class: type[HLOp]) -> SSAValue:
    """All elements of `x` folded to a tensor without dimensions."""
    assert isinstance(x.type, TensorType)
    axes = tuple(range(len(shape_of(x.type))))
    return e.value(op_class.build([x], {"axes": axes, "keepdims": False})) if axes else x


def _element(e: Emitter, x: SSAValue) -> SSAValue:
    assert isinstance(x.type, TensorType)
    return e.value(tensor.ExtractOp(x, [], x.type.element_type))


def _is_nan(e: Emitter, x: SSAValue) -> SSAValue:
    return e.value(IsNanOp.build([x]))


def _is_infinite(e: Emitter, x: SSAValue) -> SSAValue:
    assert isinstance(x.type, TensorType)
    infinity = e.constant(float("inf"), TensorType(x.type.element_type, []))
    return e.value(EqualOp.build([e.value(AbsOp.build([x])), infinity]))


_LOOKS: dict[str, Callable[[Emitter, SSAValue], SSAValue]] = {NAN: _is_nan, INFINITY: _is_infinite}
