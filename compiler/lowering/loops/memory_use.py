"""Which memory the functions of a module use: what a memref may be, what is written, which arguments may overlap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xdsl.dialects import cf, func, memref, vector
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import BlockArgument, Operation, SSAValue

from ....dialects.host import CallOp
from .memref_views import VIEWS

Origin = SSAValue | str
"""Memory, by what it comes from: an allocation, a call or an argument, or the name of a global."""

_READS = (
    ".load",
    ".maskedload",
    ".dim",
    ".rank",
    ".cast",
    ".subview",
    ".collapse_shape",
    ".expand_shape",
    ".reinterpret_cast",
    ".memory_space_cast",
    ".select",
    ".assert",
    ".print",
    ".break",
    ".dealloc",
)
"""Ops that write to none of their operands."""


class Origins:
    """What each memref of a function at the cfg level may be: it may have gone through branches, calls and choices."""

    def __init__(self, function: func.FuncOp):
        self._found: dict[SSAValue, set[Origin]] = {}
        self._changed = True
        entry = function.body.blocks[0]
        for argument in entry.args:
            if isinstance(argument.type, MemRefType):
                self._found[argument] = {argument}
        blocks = function.body.blocks
        made = [(op, r) for block in blocks for op in block.ops for r in op.results if isinstance(r.type, MemRefType)]
        passed = [
            (argument, value)
            for block in blocks
            for argument, value in _passed_on(block.last_op)
            if isinstance(argument.type, MemRefType)
        ]
        while self._changed:
            self._changed = False
            for op, result in made:
                self._add(result, _made_by(op, result), op.operands)
            for argument, value in passed:
                self._add(argument, (), (value,))

    def of(self, value: SSAValue) -> set[Origin]:
        """The memory that `value` may be, or be a part of."""
        return self._found.get(value, set())

    def _add(self, value: SSAValue, own: Sequence[Origin], sources: Sequence[SSAValue]) -> None:
        found = self._found.setdefault(value, set())
        before = len(found)
        found.update(own)
        for source in sources:
            found.update(self.of(source))
        self._changed = self._changed or len(found) > before


def _made_by(op: Operation, result: SSAValue) -> Sequence[Origin]:
    """The memory that an op gives besides that of its operands."""
    if isinstance(op, memref.GetGlobalOp):
        return (op.name_.string_value(),)
    return () if isinstance(op, VIEWS) or op.name == "arith.select" else (result,)


def _passed_on(op: Operation | None) -> Iterator[tuple[BlockArgument, SSAValue]]:
    """The arguments of blocks that a branch leads to, and what they are given."""
    match op:
        case cf.BranchOp():
            yield from zip(op.successor.args, op.arguments, strict=True)
        case cf.ConditionalBranchOp():
            yield from zip(op.then_block.args, op.then_arguments, strict=True)
            yield from zip(op.else_block.args, op.else_arguments, strict=True)
        case cf.SwitchOp():
            yield from zip(op.default_block.args, op.default_operands, strict=True)
            for block, operands in zip(op.case_blocks, op.case_operand, strict=True):
                yield from zip(block.args, operands, strict=True)


def _users(function: func.FuncOp) -> list[Operation]:
    """The ops that are given memory; most ops at the cfg level are given none."""
    ops = (op for block in function.body.blocks for op in block.ops)
    return [op for op in ops if any(isinstance(operand.type, MemRefType) for operand in op.operands)]


class MemoryUse:
    """How the functions of a module use memory; those that call themselves, too.

    Attributes:
        written: for each function the numbers of the memref arguments that it may write to, itself or by a call. An op
            that is not known to only read writes to all its memrefs.
        separate: for each function the numbers of the memref arguments that no call of it in the module lets overlap
            with another one, unless both are only read.
    """

    def __init__(self, functions: Mapping[str, func.FuncOp]):
        self._functions = {name: f for name, f in functions.items() if not f.is_declaration}
        self._origins = {name: Origins(f) for name, f in self._functions.items()}
        self._users = {name: _users(f) for name, f in self._functions.items()}
        self.written: dict[str, set[int]] = {name: set() for name in functions}
        self.separate: dict[str, set[int]] = {
            name: {n for n, type_ in enumerate(f.function_type.inputs) if isinstance(type_, MemRefType)}
            for name, f in functions.items()
        }
        while any(self._find_written(name) for name in self._functions):
            pass
        while any(self._find_overlaps(name) for name in self._functions):
            pass

    def _find_written(self, name: str) -> bool:
        """Note what a function writes, given what others are known to; whether that is more than before."""
        function, found = self._functions[name], self.written[name]
        before = len(found)
        numbers: dict[Origin, int] = {argument: n for n, argument in enumerate(function.body.blocks[0].args)}
        for op in self._users[name]:
            for value in self._touched(op):
                origins = self._origins[name].of(value)
                found.update(numbers[origin] for origin in origins if origin in numbers)
        return len(found) > before

    def _touched(self, op: Operation) -> Sequence[SSAValue]:
        """The operands that an op may write to."""
        match op:
            case memref.CopyOp():
                return [op.destination]
            case memref.StoreOp():
                return [op.memref]
            case vector.StoreOp() | vector.MaskedStoreOp():
                return [op.base]
            case CallOp():
                return list(op.outs)
            case func.ReturnOp() | cf.BranchOp() | cf.ConditionalBranchOp() | cf.SwitchOp():
                return []
            case func.CallOp() if op.callee.string_value() in self.written:
                return [op.arguments[n] for n in sorted(self.written[op.callee.string_value()])]
        return [] if op.name.endswith(_READS) else list(op.operands)

    def _find_overlaps(self, name: str) -> bool:
        """Note which arguments the calls in a function let overlap; whether that is more than before."""
        changed = False
        for op in self._users[name]:
            if isinstance(op, func.CallOp) and op.callee.string_value() in self.separate:
                changed = self._look_at_call(name, op) or changed
        return changed

    def _look_at_call(self, name: str, op: func.CallOp) -> bool:
        callee = op.callee.string_value()
        numbers = [n for n, value in enumerate(op.arguments) if isinstance(value.type, MemRefType)]
        overlapping = {
            each
            for n in numbers
            for m in numbers
            if n < m and {n, m} & self.written[callee] and self._may_overlap(name, op.arguments[n], op.arguments[m])
            for each in (n, m)
        }
        before = len(self.separate[callee])
        self.separate[callee] -= overlapping
        return len(self.separate[callee]) < before

    def _may_overlap(self, name: str, a: SSAValue, b: SSAValue) -> bool:
        first, second = self._origins[name].of(a), self._origins[name].of(b)
        if first & second:
            return True
        entry = self._functions[name].body.blocks[0]
        together = {argument for n, argument in enumerate(entry.args) if n not in self.separate[name]}
        return bool(first & together) and bool(second & together)


__all__ = ["MemoryUse", "Origins"]
