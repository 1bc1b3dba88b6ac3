"""Which memory a function may write to: what its caller has to keep apart from the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xdsl.dialects import func, memref, vector
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Operation, SSAValue

from ...dialects.host import CallOp
from .memref_views import root

_READS = (
    ".load",
    ".maskedload",
    ".dim",
    ".cast",
    ".subview",
    ".collapse_shape",
    ".expand_shape",
    ".reinterpret_cast",
    ".memory_space_cast",
    ".assert",
    ".print",
    ".break",
    ".dealloc",
)


def written_arguments(function: func.FuncOp, functions: Mapping[str, func.FuncOp]) -> tuple[int, ...]:
    """The numbers of the memref arguments that `function` may write to, itself or through a call.

    An op that is not known to only read counts as writing to all its memrefs.
    """
    block = function.body.blocks[0]
    arguments: dict[SSAValue, int] = {a: n for n, a in enumerate(block.args) if isinstance(a.type, MemRefType)}
    found = {
        arguments[base]
        for inner in function.body.blocks
        for op in inner.ops
        for value in _touched(op, functions)
        if (base := root(value)) in arguments
    }
    return tuple(sorted(found))


def _touched(op: Operation, functions: Mapping[str, func.FuncOp]) -> Sequence[SSAValue]:
    """The operands that an op may write to."""
    if isinstance(op, memref.CopyOp):
        return [op.destination]
    if isinstance(op, memref.StoreOp):
        return [op.memref]
    if isinstance(op, vector.StoreOp | vector.MaskedStoreOp):
        return [op.base]
    if isinstance(op, CallOp):
        return list(op.outs)
    if isinstance(op, func.ReturnOp):
        return []
    if isinstance(op, func.CallOp) and op.callee.string_value() in functions:
        callee = functions[op.callee.string_value()]
        return [op.arguments[n] for n in written_arguments(callee, functions)]
    if op.name.endswith(_READS):
        return []
    return list(op.operands)
