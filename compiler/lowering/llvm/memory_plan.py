"""Where each allocation of a function lives: on the stack, in the arena, in a result, or on the heap.

Small allocations of known size are on the stack, where LLVM turns them into registers. Larger ones share one arena: two
that are never alive together may lie at the same place. What is returned is allocated as the result. The rest (dynamic
sizes, and what travels through branches) is heap memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import prod

from xdsl.dialects import func, memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType
from xdsl.ir import Block, Operation, SSAValue

from ..loops.memref_views import VIEWS, is_memref, root
from .abi import ALIGNMENT
from .builder import byte_size

STACK, ARENA, RESULT, HEAP = "stack", "arena", "result", "heap"
STACK_EACH, STACK_ALL = 1024, 16 * 1024
ARENA_EACH = 2**32
"""Bytes of what is never kept for the next call; on the heap, its own line is named when there is no memory for it."""


@dataclass(frozen=True)
class Place:
    """Where an allocation lives; `at` is its offset in the arena or the number of its result."""

    kind: str
    at: int = 0


@dataclass
class MemoryPlan:
    """The offsets of a function's allocations, and the size of the arena."""

    places: dict[Operation, Place] = field(default_factory=dict)
    arena: int = 0


def plan(function: func.FuncOp, with_arena: bool = True) -> MemoryPlan:
    """Place every allocation of a function at the cfg level.

    A function without an arena has no results of its own either: it keeps what is large, and what it gives to its
    caller, on the heap.
    """
    result = MemoryPlan()
    allocs = [op for block in function.body.blocks for op in block.ops if isinstance(op, memref.AllocOp)]
    travelling = _travelling(function)
    returns = _returned(function, travelling) if with_arena else {}
    if not with_arena:
        travelling |= _given_back(function)
    on_stack = 0
    shared: list[tuple[Operation, int]] = []
    for op in allocs:
        value, size = op.memref, _static_bytes(op)
        if value in returns:
            result.places[op] = Place(RESULT, returns[value])
        elif size is None or size > ARENA_EACH or value in travelling:
            result.places[op] = Place(HEAP)
        elif size <= (STACK_EACH if with_arena else STACK_ALL) and on_stack + size <= STACK_ALL:
            on_stack += size
            result.places[op] = Place(STACK)
        elif with_arena:
            shared.append((op, size))
        else:
            result.places[op] = Place(HEAP)
    result.arena = _share(function, shared, result)
    return result


def _static_bytes(op: memref.AllocOp) -> int | None:
    type_ = op.memref.type
    assert isinstance(type_, MemRefType)
    shape = type_.get_shape()
    return None if DYNAMIC_INDEX in shape else prod(shape) * byte_size(type_.element_type)


def _returned(function: func.FuncOp, travelling: set[SSAValue]) -> dict[SSAValue, int]:
    """Which allocations can be made as results right away: the only return gives them, whole, once."""
    found = [op for block in function.body.blocks if isinstance(op := block.last_op, func.ReturnOp)]
    if len(found) != 1:
        return {}
    numbers: dict[SSAValue, int] = {}
    for number, operand in enumerate(found[0].operands):
        value = operand
        while isinstance(value.owner, memref.CastOp):
            value = value.owner.operands[0]
        if isinstance(value.owner, memref.AllocOp):
            numbers.setdefault(value, number)
    return {value: number for value, number in numbers.items() if value not in travelling}


def _travelling(function: func.FuncOp) -> set[SSAValue]:
    """The memrefs that later have other names: handed to other blocks, or chosen from."""
    found: set[SSAValue] = set()
    for block in function.body.blocks:
        for op in block.ops:
            if isinstance(op, func.ReturnOp):
                continue
            if op is block.last_op or (any(map(is_memref, op.results)) and not isinstance(op, VIEWS)):
                found.update(root(operand) for operand in op.operands if is_memref(operand))
    return found


def _given_back(function: func.FuncOp) -> set[SSAValue]:
    """The memory that the function's returns give, or parts of which they give."""
    returns = [op for block in function.body.blocks if isinstance(op := block.last_op, func.ReturnOp)]
    return {root(value) for op in returns for value in op.operands if is_memref(value)}


def _share(function: func.FuncOp, shared: list[tuple[Operation, int]], result: MemoryPlan) -> int:
    """Lay the allocations in `shared` out in the arena; gives its size."""
    clashes = _clashes(function, [op for op, _ in shared])
    ends: dict[int, tuple[int, int]] = {}
    total = 0
    for number in sorted(range(len(shared)), key=lambda n: -shared[n][1]):
        op, size = shared[number]
        size = -(-size // ALIGNMENT) * ALIGNMENT
        taken = sorted(ends[other] for other in ends if clashes[number] >> other & 1)
        at = 0
        for start, end in taken:
            if at + size <= start:
                break
            at = max(at, end)
        ends[number] = (at, at + size)
        total = max(total, at + size)
        result.places[op] = Place(ARENA, at)
    return total


def _clashes(function: func.FuncOp, allocs: list[Operation]) -> list[int]:
    """For each allocation a bit mask of those that are alive when it is made, or the other way round."""
    numbers: dict[SSAValue, int] = {op.results[0]: n for n, op in enumerate(allocs)}
    if not numbers:
        return []
    blocks = list(function.body.blocks)
    events = {block: _events(block, numbers) for block in blocks}
    live_in = dict.fromkeys(blocks, 0)
    clashes = [0] * len(allocs)
    changed = True
    while changed:
        changed = False
        for block in reversed(blocks):
            live = _scan(events[block], _after(block, live_in), clashes)
            if live != live_in[block]:
                live_in[block], changed = live, True
    return clashes


def _after(block: Block, live_in: dict[Block, int]) -> int:
    last = block.last_op
    live = 0
    for successor in last.successors if last is not None else ():
        live |= live_in[successor]
    return live


def _events(block: Block, numbers: dict[SSAValue, int]) -> list[tuple[int, bool]]:
    """The uses of allocations in a block, from its end to its start: the number of each, and whether it is made."""
    found: list[tuple[int, bool]] = []
    for op in reversed(list(block.ops)):
        if isinstance(op, memref.AllocOp):
            found += [(numbers[op.memref], True)] if op.memref in numbers else []
        elif not isinstance(op, memref.DeallocOp):
            used = (numbers.get(root(value)) for value in op.operands if is_memref(value))
            found += [(number, False) for number in used if number is not None]
    return found


def _scan(events: list[tuple[int, bool]], live: int, clashes: list[int]) -> int:
    """Go through the events of a block; gives what is alive at its start, and notes clashes."""
    for number, is_made in events:
        if not is_made:
            live |= 1 << number
            continue
        live &= ~(1 << number)
        clashes[number] |= live
        for other in _bits(live):
            clashes[other] |= 1 << number
    return live


def _bits(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
