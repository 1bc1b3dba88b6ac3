"""Which memory the functions of a module use: what a memref may be, what is written, which arguments may overlap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from xdsl.dialects import cf, func, memref, vector
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import BlockArgument, Operation, SSAValue

from ....dialects.host import CallOp
from .memref_views import VIEWS, is_memref

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
            if is_memref(argument):
                self._found[argument] = {argument}
        blocks = function.body.blocks
        made = [(op, r) for block in blocks for op in block.ops for r in op.results if is_memref(r)]
        passed = [
            (argument, value)
            for block in blocks
            for argument, value in _passed_on(block.last_op)
            if is_memref(argument)
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
    return [op for op in ops if any(map(is_memref, op.operands))]


_WRITES: Mapping[type[Operation], Callable[[Any], Sequence[SSAValue]]] = {
    memref.CopyOp: lambda op: [op.destination],
    memref.StoreOp: lambda op: [op.memref],
    vector.StoreOp: lambda op: [op.base],
    vector.MaskedStoreOp: lambda op: [op.base],
    CallOp: lambda op: list(op.outs),
    func.ReturnOp: lambda op: [],
    cf.BranchOp: lambda op: [],
    cf.ConditionalBranchOp: lambda op: [],
    cf.SwitchOp: lambda op: [],
}
"""The operands that ops write to, for those whose name does not say that they only read."""


def _written_by(op: Operation) -> Sequence[SSAValue]:
    """The operands that an op other than a call of a known function may write to."""
    known = _WRITES.get(type(op))
    if known is not None:
        return known(op)
    return [] if op.name.endswith(_READS) else list(op.operands)


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
        users = {name: _users(f) for name, f in self._functions.items()}
        self._calls = {
            name: [op for op in ops if isinstance(op, func.CallOp) and op.callee.string_value() in functions]
            for name, ops in users.items()
        }
        self.written: dict[str, set[int]] = {name: set() for name in functions}
        self.separate: dict[str, set[int]] = {
            name: {n for n, type_ in enumerate(f.function_type.inputs) if isinstance(type_, MemRefType)}
            for name, f in functions.items()
        }
        for name, ops in users.items():
            calls = set(self._calls[name])
            self._note_written(name, (value for op in ops if op not in calls for value in _written_by(op)))
        while any(self._note_written(name, self._written_by_calls(name)) for name in self._functions):
            pass
        while any(self._find_overlaps(name) for name in self._functions):
            pass

    def _note_written(self, name: str, values: Iterable[SSAValue]) -> bool:
        """Note that a function writes to values; whether that is more than before."""
        function, found = self._functions[name], self.written[name]
        before = len(found)
        numbers: dict[Origin, int] = {argument: n for n, argument in enumerate(function.body.blocks[0].args)}
        for value in values:
            found.update(numbers[origin] for origin in self._origins[name].of(value) if origin in numbers)
        return len(found) > before

    def _written_by_calls(self, name: str) -> Iterator[SSAValue]:
        """What the calls in a function write to, given what is known of the functions they call."""
        for op in self._calls[name]:
            written = self.written[op.callee.string_value()]
            yield from (op.arguments[n] for n in sorted(written))

    def _find_overlaps(self, name: str) -> bool:
        """Note which arguments the calls in a function let overlap; whether that is more than before."""
        changed = False
        for op in self._calls[name]:
            changed = self._look_at_call(name, op) or changed
        return changed

    def _look_at_call(self, name: str, op: func.CallOp) -> bool:
        callee = op.callee.string_value()
        numbers = [n for n, value in enumerate(op.arguments) if is_memref(value)]
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
