"""Whether an op can be run earlier than the program says, or although the program would not run it."""

from __future__ import annotations

from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import IntegerAttr, TensorType
from xdsl.ir import Block, Operation, SSAValue
from xdsl.traits import is_side_effect_free

from ...dialects.debug import AssertOp
from ...dialects.emitter import Emitter
from ...dialects.hl.rules.base import Because, HLOp
from ...dialects.packing import uses_complex
from ...dialects.types import DYNAMIC, shape_of


def why_not_speculated(op: Operation) -> str | None:
    """Why `op`, or an op nested in it, must not run where the program would not run it; `None` where it may.

    An op may if it has no effect, always comes to an end, and cannot fail. An `hl` op can fail where its lowering
    checks something at run time: sizes that have to agree, indices that have to be in range.
    """
    if not is_side_effect_free(op):
        return "it has an effect"
    for nested in op.walk():
        reason = _why_not(nested)
        if reason is not None:
            return reason
    return None


def _why_not(op: Operation) -> str | None:
    match op:
        case HLOp():
            return _what_lowering_checks(op)
        case tensor.CastOp():
            return None if _forgets_sizes(op) else "it checks sizes at run time"
        case tensor.ExtractOp():
            return "it checks indices at run time" if op.indices else None
        case scf.WhileOp():
            return "it may not come to an end"
        case scf.ForOp():
            step = constant_index(op.step)
            return None if step is not None and step > 0 else "its step may not be positive"
    return None


def constant_index(value: SSAValue) -> int | None:
    """The number that a value always is, if it is a constant index or integer."""
    if isinstance(value.owner, arith.ConstantOp) and isinstance(value.owner.value, IntegerAttr):
        return value.owner.value.value.data
    return None


def _forgets_sizes(op: tensor.CastOp) -> bool:
    """Whether a cast only makes known sizes unknown."""
    source, dest = op.source.type, op.dest.type
    if not (isinstance(source, TensorType) and isinstance(dest, TensorType)):
        return False
    pairs = zip(shape_of(source), shape_of(dest), strict=True)
    return all(new in (old, DYNAMIC) for old, new in pairs)


def _what_lowering_checks(op: HLOp) -> str | None:
    """What an op's lowering checks at run time: the lowering is done aside, looked at, and thrown away."""
    if isinstance(type(op).lower, Because):
        return "it runs on the host"
    if uses_complex(op):
        return "what it does with real and imaginary parts is not known yet"
    aside = Block()
    type(op).lowering(Emitter.before(op).at_end(aside), op)
    checks = [inner for outer in aside.ops for inner in outer.walk() if isinstance(inner, AssertOp | tensor.CastOp)]
    reasons = [_check_of(check) for check in checks]
    for outer in reversed(list(aside.ops)):
        outer.detach()
        outer.erase()
    return next((reason for reason in reasons if reason is not None), None)


def _check_of(op: AssertOp | tensor.CastOp) -> str | None:
    if isinstance(op, AssertOp):
        return f"it checks something at run time ({op.message.data})"
    return None if _forgets_sizes(op) else "it checks sizes at run time"
