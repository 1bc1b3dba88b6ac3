"""Integers without a sign, as below `hl`: what an op does depends on its name there, not on its types.

The rules of ops emit `arith` on values whose types have the sign that they have at `hl`; here the forms for unsigned
integers are chosen (`divui`, `maxui`, `extui`, `uitofp`, `cmpi ult` …), and the sign is taken from all types.
"""

from __future__ import annotations

from collections.abc import Callable

from xdsl.dialects import arith, func
from xdsl.dialects.builtin import (
    AnyFloat,
    DenseIntOrFPElementsAttr,
    IndexType,
    IntegerAttr,
    ModuleOp,
    f32,
    i64,
)
from xdsl.ir import Attribute, Operation

from ...dialects import debug
from ...dialects.emitter import Emitter
from ...dialects.hl.rules.widening import is_half, rounded, widened
from ...dialects.host import CallOp
from ...dialects.signs import is_unsigned, note_operands, note_signature, signless
from ...dialects.walk import ops_in

_UNSIGNED: dict[type[Operation], Callable[..., Operation]] = {
    arith.DivSIOp: arith.DivUIOp,
    arith.RemSIOp: arith.RemUIOp,
    arith.CeilDivSIOp: arith.CeilDivUIOp,
    arith.FloorDivSIOp: arith.DivUIOp,
    arith.MaxSIOp: arith.MaxUIOp,
    arith.MinSIOp: arith.MinUIOp,
    arith.ShRSIOp: arith.ShRUIOp,
    arith.ExtSIOp: arith.ExtUIOp,
    arith.SIToFPOp: arith.UIToFPOp,
    arith.FPToSIOp: arith.FPToUIOp,
    arith.MulSIExtendedOp: arith.MulUIExtendedOp,
}
"""What an op on signed integers is where its operand, or the result of a conversion from floats, is unsigned."""

_PREDICATES = {"slt": "ult", "sle": "ule", "sgt": "ugt", "sge": "uge"}
_SEEN_BY_PYTHON = (debug.PrintOp, debug.BreakOp, debug.AssertOp, CallOp)
_MOVES = (arith.ConstantOp, arith.SelectOp, arith.ExtFOp, arith.TruncFOp, arith.BitcastOp)


def take_signs_away(module: ModuleOp) -> None:
    """Choose the ops, and make all integers signless; arguments, results and what Python sees are remembered."""
    ops = ops_in(module)
    if not any(_has_unsigned(op) for op in ops):
        return
    for op in ops:
        if isinstance(op, func.FuncOp):
            note_signature(op, op.function_type)
            op.function_type = signless(op.function_type)  # pyright: ignore[reportAttributeAccessIssue]
        elif isinstance(op, _SEEN_BY_PYTHON):
            note_operands(op)
        elif op.name.startswith("arith."):
            _choose(op)
    for op in ops_in(module):
        _retype(op)


def _has_unsigned(op: Operation) -> bool:
    values = [*op.results, *(argument for region in op.regions for block in region.blocks for argument in block.args)]
    return any(is_unsigned(value.type) for value in values)


def _choose(op: Operation) -> None:
    e = Emitter.before(op)
    if not any(is_unsigned(value.type) for value in (*op.operands, *op.results)):
        return
    new: Operation | None = None
    if isinstance(op, arith.CmpiOp):
        new = arith.CmpiOp(op.lhs, op.rhs, _PREDICATES.get(name := _predicate(op), name))
    elif isinstance(op, arith.IndexCastOp):
        new = _index_cast(e, op)
    elif isinstance(op, arith.BitcastOp) and signless(op.input.type) == signless(op.result.type):
        op.result.replace_all_uses_with(op.input)
        op.detach()
        op.erase()
        return
    elif type(op) in _UNSIGNED and (is_unsigned(op.operands[0].type) or isinstance(op, arith.FPToSIOp)):
        new = _UNSIGNED[type(op)](*op.operands, *_wanted(op))
    if new is None:
        return
    for old, value in zip(op.results, e.add(new).results, strict=True):
        value.name_hint = old.name_hint
        old.replace_all_uses_with(value)
    op.detach()
    op.erase()


def _wanted(op: Operation) -> list[Attribute]:
    """The type that a conversion is told."""
    return [op.results[0].type] if isinstance(op, arith.ExtSIOp | arith.SIToFPOp | arith.FPToSIOp) else []


def _predicate(op: arith.CmpiOp) -> str:
    return ("eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge")[op.predicate.value.data]


def _index_cast(e: Emitter, op: arith.IndexCastOp) -> Operation | None:
    """An index of an unsigned integer: its value, which is not negative."""
    if not isinstance(op.result.type, IndexType) or op.input.type.bitwidth == i64.bitwidth:  # pyright: ignore
        return None
    return arith.IndexCastOp(e.value(arith.ExtUIOp(op.input, i64)), op.result.type)


def _retype(op: Operation) -> None:
    for result in op.results:
        if is_unsigned(result.type):
            result._type = signless(result.type)  # pyright: ignore[reportAttributeAccessIssue]
    for region in op.regions:
        for block in region.blocks:
            for argument in block.args:
                if is_unsigned(argument.type):
                    argument._type = signless(argument.type)  # pyright: ignore[reportAttributeAccessIssue]
    if isinstance(op, arith.ConstantOp) and op.result.type != op.value.get_type():
        op.properties["value"] = _signless_constant(op.value)


def _signless_constant(value: Attribute) -> Attribute:
    if isinstance(value, DenseIntOrFPElementsAttr):
        return DenseIntOrFPElementsAttr(signless(value.type), value.data)  # pyright: ignore[reportArgumentType]
    assert isinstance(value, IntegerAttr)
    return IntegerAttr(value.value.data, signless(value.type), truncate_bits=True)  # pyright: ignore


def compute_in_float32(module: ModuleOp) -> None:
    """Widen the operands of each op on a float of 16 bits, and round its result."""
    for op in ops_in(module):
        if not op.name.startswith(("arith.", "math.")) or isinstance(op, _MOVES):
            continue
        if any(is_half(value.type) for value in (*op.operands, *op.results)):
            _compute_wide(op)


def _compute_wide(op: Operation) -> None:
    e = Emitter.before(op)
    operands = [widened(e, value) for value in op.operands]
    types = [f32 if is_half(result.type) else result.type for result in op.results]
    new = e.add(type(op).create(operands=operands, result_types=types, properties=op.properties))
    for old, value in zip(op.results, new.results, strict=True):
        assert isinstance(old.type, AnyFloat) or old.type == value.type
        old.replace_all_uses_with(rounded(e, value, old.type))
    op.detach()
    op.erase()
