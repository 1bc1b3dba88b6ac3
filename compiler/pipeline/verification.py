"""Is a module valid? The verifiers of its ops, and what xDSL does not ask: definition before use, types at borders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, Region, SSAValue

from .borders import Borders


@dataclass(frozen=True)
class Invalid:
    """What is wrong with a module, and at which op."""

    op: Operation
    message: str


def first_invalid(module: ModuleOp) -> Invalid | None:
    """The first thing that is wrong with `module`, `None` for a valid one.

    Example:
        >>> first_invalid(ModuleOp([])) is None
        True
    """
    borders = Borders()
    for op in module.walk(reverse=True):
        message = _failure(op, borders)
        if message is not None:
            return Invalid(op, message)
    return next(_undefined_uses(module), None)


def _failure(op: Operation, borders: Borders) -> str | None:
    """What the op's verifier says, then what does not fit around it; some of xDSL's verifiers raise bare exceptions."""
    try:
        op.verify(verify_nested_ops=False)
        for region in op.regions:
            _check_blocks(op, region)
        return borders.failure(op)
    except RecursionError:
        return "it is nested too deeply"
    except Exception as error:
        return " ".join(str(error).split()) or type(error).__name__


def _check_blocks(op: Operation, region: Region) -> None:
    from xdsl.traits import NoTerminator

    if not op.has_trait(NoTerminator) and any(block.last_op is None for block in region.blocks):
        raise ValueError("a block is empty: it must end with a terminator")


def _undefined_uses(module: ModuleOp) -> Iterator[Invalid]:
    order = {op: number for number, op in enumerate(module.walk())}
    dominators: dict[Region, dict[Block, Block]] = {}
    for op in order:
        for number, value in enumerate(op.operands):
            if not _is_defined(value, op, order, dominators):
                name = f"%{value.name_hint}" if value.name_hint else f"operand {number}"
                yield Invalid(op, f"{name} is used where it is not defined")


def _is_defined(
    value: SSAValue, user: Operation, order: dict[Operation, int], dominators: dict[Region, dict[Block, Block]]
) -> bool:
    """Whether the definition of `value` has run whenever `user` runs."""
    owner = value.owner
    block = owner if isinstance(owner, Block) else owner.parent
    at: Operation | None = user
    while at is not None and (at.parent is None or block is None or at.parent.parent is not block.parent):
        at = at.parent_op()
    if at is None or at.parent is None or block is None:
        return False
    if at.parent is block:
        return isinstance(owner, Block) or order[owner] < order[at]
    region = block.parent
    assert region is not None
    if region not in dominators:
        dominators[region] = immediate_dominators(region)
    return _dominates(block, at.parent, dominators[region])


def _dominates(above: Block, below: Block, dominators: dict[Block, Block]) -> bool:
    """Whether every way to `below` goes through `above`; no way leads to a block that has no dominator."""
    if below not in dominators:
        return True
    while below is not above:
        upper = dominators[below]
        if upper is below:
            return False
        below = upper
    return True


def immediate_dominators(region: Region) -> dict[Block, Block]:
    """For each block that control can reach, the closest other one that all ways to it go through.

    The entry block represents itself.
    """
    entry = region.blocks.first
    if entry is None:
        return {}
    order = _reverse_postorder(entry)
    number = {block: i for i, block in enumerate(order)}
    found = {entry: entry}
    changed = True
    while changed:
        changed = False
        for block in order[1:]:
            known = [p for p in block.predecessors() if p in found]
            common = known[0]
            for other in known[1:]:
                common = _common(common, other, found, number)
            if found.get(block) is not common:
                found[block], changed = common, True
    return found


def _common(one: Block, other: Block, found: dict[Block, Block], number: dict[Block, int]) -> Block:
    """The closest block that dominates both."""
    while one is not other:
        if number[one] > number[other]:
            one = found[one]
        else:
            other = found[other]
    return one


def _reverse_postorder(entry: Block) -> list[Block]:
    """The blocks that control can reach, each before those it branches to, loops apart."""
    done: list[Block] = []
    seen = {entry}
    stack = [(entry, iter(_successors(entry)))]
    while stack:
        block, remaining = stack[-1]
        following = next((b for b in remaining if b not in seen), None)
        if following is None:
            done.append(block)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(_successors(following))))
    return done[::-1]


def _successors(block: Block) -> tuple[Block, ...]:
    return tuple(block.last_op.successors) if block.last_op is not None else ()
