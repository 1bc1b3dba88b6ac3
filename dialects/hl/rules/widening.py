"""Operands of narrow dtypes below `hl`: float16 and bfloat16 are widened to float32, and rounded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xdsl.dialects import arith
from xdsl.dialects.builtin import BFloat16Type, Float16Type, IntegerType, TensorType, f32
from xdsl.ir import Attribute, Operation, SSAValue

from ...emitter import Emitter
from ...types import shape_of
from .linalg_builder import Body, elementwise, type_of


def is_half(type_: Attribute) -> bool:
    """Whether it is the type of a float of 16 bits."""
    return isinstance(type_, Float16Type | BFloat16Type)


def widened(e: Emitter, x: SSAValue, type_: object = f32) -> SSAValue:
    """A scalar, as a float32 where it is a float of 16 bits, or as an integer of a wider type."""
    if isinstance(type_, IntegerType) and x.type != type_:
        return e.value(arith.ExtSIOp(x, type_))
    return e.value(arith.ExtFOp(x, f32)) if is_half(x.type) else x


def rounded(e: Emitter, x: SSAValue, type_: Any) -> SSAValue:
    """A float32 scalar as a float of 16 bits, if `type_` is one, or the low bits of an integer; else `x`."""
    if isinstance(type_, IntegerType) and x.type != type_:
        return e.value(arith.TruncIOp(x, type_))
    return e.value(arith.TruncFOp(x, type_)) if is_half(type_) and x.type == f32 else x


def widened_body(body: Body, result: Attribute) -> Body:
    """The body of a generic that computes in float32, and whose one result is of type `result`."""

    def wide(e: Emitter, *scalars: SSAValue) -> SSAValue:
        found = body(e, *(widened(e, x) for x in scalars))
        assert isinstance(found, SSAValue)
        return rounded(e, found, result)

    return wide


def lower_widened(
    e: Emitter,
    op: Operation,
    types: Sequence[TensorType[Attribute]],
    results: Sequence[TensorType[Attribute]],
    lower: Callable[[Emitter, Operation], Sequence[SSAValue]],
) -> Sequence[SSAValue]:
    """What `lower` emits for `op` on operands of `types`, whose `results` are converted to the types that they have."""
    operands = [x if x.type == type_ else _wide(e, x, type_) for x, type_ in zip(op.operands, types, strict=True)]
    narrow = [type_of(result) for result in op.results]
    wide = e.add(type(op).create(operands=operands, result_types=results, properties=op.properties))
    values = lower(Emitter.before(wide), wide)
    wide.detach()
    wide.erase()
    return [
        value if value.type == type_ else _narrow(e, value, type_) for value, type_ in zip(values, narrow, strict=True)
    ]


def _wide(e: Emitter, x: SSAValue, type_: TensorType[Attribute]) -> SSAValue:
    return elementwise(e, [x], type_, lambda inner, value: widened(inner, value, type_.element_type))


def _narrow(e: Emitter, value: SSAValue, type_: TensorType[Attribute]) -> SSAValue:
    target = TensorType(type_.element_type, shape_of(type_of(value)))
    return elementwise(e, [value], target, lambda inner, x: rounded(inner, x, type_.element_type))
