"""Memrefs that are views of others: what they are, and whose memory it is."""

from __future__ import annotations

from xdsl.dialects import memref
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import SSAValue

VIEWS = (
    memref.CastOp,
    memref.SubviewOp,
    memref.CollapseShapeOp,
    memref.ExpandShapeOp,
    memref.ReinterpretCastOp,
    memref.MemorySpaceCastOp,
)
"""Ops whose result is a view of their first operand."""


def is_memref(value: SSAValue) -> bool:
    """Whether `value` is a memref: in less time than `isinstance` takes to say that one of another type is none."""
    return type(value.type) is MemRefType


def root(value: SSAValue) -> SSAValue:
    """The memref that `value` is a view of; `value` itself where it is none."""
    while isinstance(value.owner, VIEWS):
        value = value.owner.operands[0]
    return value
