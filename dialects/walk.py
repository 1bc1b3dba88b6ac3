"""Lists of the ops in an op: xDSL's `walk` goes through as many generators for each op as it is nested deep."""

from __future__ import annotations

from typing import TypeVar, cast

from xdsl.ir import Operation

OpT = TypeVar("OpT", bound=Operation)


def ops_in(op: Operation) -> list[Operation]:
    """`op` and all ops in its regions, each before those in its own.

    It is a list: the ops may be changed while one goes through it.

    Example:
        >>> from xdsl.dialects.builtin import ModuleOp
        >>> [inner.name for inner in ops_in(ModuleOp([ModuleOp([])]))]
        ['builtin.module', 'builtin.module']
    """
    found, waiting = [], [op]
    while waiting:
        op = waiting.pop()
        found.append(op)
        for region in reversed(op.regions):
            block = region.last_block
            while block is not None:
                inner = block.last_op
                while inner is not None:
                    waiting.append(inner)
                    inner = inner.prev_op
                block = block.prev_block
    return found


def ops_of(op: Operation, *kinds: type[OpT]) -> list[OpT]:
    """Those of `ops_in(op)` that are of classes `kinds`, or of classes derived from them.

    Example:
        >>> from xdsl.dialects.builtin import ModuleOp, UnrealizedConversionCastOp
        >>> len(ops_of(ModuleOp([ModuleOp([])]), ModuleOp)), ops_of(ModuleOp([]), UnrealizedConversionCastOp)
        (2, [])
    """
    wanted: dict[type[Operation], bool] = {}  # `isinstance` is slow: the classes are abstract
    found: list[OpT] = []
    for inner in ops_in(op):
        is_wanted = wanted.get(type(inner))
        if is_wanted is None:
            is_wanted = wanted[type(inner)] = issubclass(type(inner), kinds)
        if is_wanted:
            found.append(cast(OpT, inner))
    return found
