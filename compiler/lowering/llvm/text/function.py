"""The text of one function: the names of its values, its lines, and what its blocks are entered with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xdsl.ir import Attribute, Block, Operation, SSAValue

from .....dialects.diagnostics import UnsupportedError
from .constants import CONSTANTS, Symbols
from .signatures import Signatures
from .types import TypeTexts


class _Names(dict[SSAValue, str]):
    """How values are written as operands: `%3`, or a constant.

    Numbers have to ascend in the text. Blocks may stand in any order, so a value may be used before its definition is
    written; it has a name with a letter then.
    """

    def __init__(self, types: TypeTexts, symbols: Symbols) -> None:
        super().__init__()
        self._types, self._symbols = types, symbols

    def __missing__(self, value: SSAValue) -> str:
        owner = value.owner
        write = CONSTANTS.get(type(owner)) if isinstance(owner, Operation) else None
        name = self[value] = f"%early{len(self)}" if write is None else write(owner, self._types, self._symbols)
        return name


class _Typed(dict[SSAValue, str]):
    """How values are written with their types: `i64 %3`."""

    def __init__(self, function: FunctionText) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, value: SSAValue) -> str:
        text = self[value] = f"{self._function.type(value.type)} {self._function.names[value]}"
        return text


@dataclass
class _Entered:
    """A block with arguments.

    Attributes:
        line: where its phis are in the text.
        sources: for each branch to it the label of the block that branches, and the values it carries.
    """

    line: int = 0
    sources: list[tuple[str, Sequence[str]]] = field(default_factory=list)


class FunctionText:
    """A function on its way to text.

    Attributes:
        names: its values as operands.
        typed: the same with their types in front.
        lines: the instructions so far.
        signatures: the functions that can be called.
        op: the op that is being written.
        label: the label of its block.
    """

    def __init__(self, types: TypeTexts, symbols: Symbols, signatures: Signatures) -> None:
        self.names = _Names(types, symbols)
        self.typed = _Typed(self)
        self.lines: list[str] = []
        self.signatures = signatures
        self.op: Operation
        self.label = ""
        self._types = types
        self._count = 0
        self._labels: dict[Block, str] = {}
        self._entered: dict[Block, _Entered] = {}

    def type(self, type_: Attribute) -> str:
        """The text of a type."""
        return self._types.of(type_, self.op.location)

    def fresh(self) -> str:
        """The name of the next instruction, if it has a result."""
        self._count += 1
        return f"%{self._count - 1}"

    def define(self, value: SSAValue) -> str:
        """The name of a value that is defined here."""
        name = self.names.get(value)
        if name is None:
            name = self.names[value] = f"%{self._count}"
            self._count += 1
        return name

    def let(self, value: SSAValue, text: str) -> None:
        """Add the instruction that computes a value."""
        self.lines.append(f"{self.define(value)} = {text}")

    def goto(self, block: Block, values: Sequence[str]) -> str:
        """Note that the current block branches to `block` with these values; returns its label."""
        if block not in self._labels:
            raise self.refused("a branch to the first block of a function")
        if values:
            self._entered[block].sources.append((self.label, values))
        return self._labels[block]

    def refused(self, what: str) -> UnsupportedError:
        """The error that says what about the current op cannot be compiled."""
        return UnsupportedError(f"{what} has no native form", location=self.op.location)

    def write(self, op: Operation, blocks: Sequence[Block], handlers: Mapping[type[Operation], Handler]) -> None:
        """Write the blocks of the function `op`."""
        self.op = op
        self._labels = {block: f"b{number}" for number, block in enumerate(blocks) if number}
        self._entered = {block: _Entered() for block in self._labels if block.args}
        for block in blocks:
            self._open(block)
            for inner in block.ops:
                self.op = inner
                handler = handlers.get(type(inner))
                if handler is None:
                    raise self.refused(f"'{inner.name}'")
                handler(self, inner)
        for block, entered in self._entered.items():
            self.lines[entered.line] = self._phis(block, entered.sources)

    def _open(self, block: Block) -> None:
        self.label = self._labels.get(block, "b")
        self.lines.append(f"{self.label}:")
        for value in block.args if block in self._entered else ():
            self.define(value)
        if block in self._entered:
            self._entered[block].line = len(self.lines)
            self.lines.append("")  # for the phis, which are known at the end

    def _phis(self, block: Block, sources: Sequence[tuple[str, Sequence[str]]]) -> str:
        """The arguments of a block, each with its value for each branch there; anything if there is none."""
        lines: list[str] = []
        for number, value in enumerate(block.args):
            type_ = self.type(value.type)
            found = ", ".join(f"[{values[number]}, %{label}]" for label, values in sources)
            lines.append(f"{self.names[value]} = " + (f"phi {type_} {found}" if found else f"freeze {type_} poison"))
        return "\n".join(lines)


Handler = Callable[[FunctionText, Any], None]
"""Writes one op."""
