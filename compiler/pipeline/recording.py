"""What a pipeline does to a module, kept: after each pass the text, which op each line is of, and what became of ops.

An op that a pass leaves standing is the same op afterwards, and has the same number in every snapshot. So two snapshots
can be compared op by op, whatever the numbering of values in their texts.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.printer import Printer

from ...dialects.locations import Place, place_of
from .manager import level_of

Change = Literal["same", "added", "changed"]


@dataclass(frozen=True)
class Line:
    """A line of a module's text.

    Attributes:
        text: the line, without its end.
        op: the index of its op: the one that starts on it, or else the innermost one around it.
    """

    text: str
    op: int


@dataclass(frozen=True)
class OpRecord:
    """An op in a snapshot.

    Attributes:
        number: an id of the op, the same in all snapshots that it is in.
        name: `hl.add`.
        place: the user's file, line and column; None where the op does not know.
        first: the number of the first line of its text, from 0.
        last: the number of its last line.
        results: the names of its results in the text: `%3`.
        arguments: the names of the arguments of its blocks.
        change: whether the pass added it, or changed its operands, attributes or types.
    """

    number: int
    name: str
    place: Place | None
    first: int
    last: int
    results: tuple[str, ...]
    arguments: tuple[str, ...]
    change: Change


@dataclass(frozen=True)
class Snapshot:
    """A module after a pass.

    Attributes:
        number: 0 for the module as it came, then one up with each pass.
        pass_name: the pass, with its options, as in a pipeline; empty for the module as it came.
        level: the level it is at; None where it is between levels.
        seconds: how long the pass took.
        lines: the text.
        ops: the ops in program order.
        removed: the numbers of ops that the pass removed.
        module: a copy of the module, whose ops in the order of `walk` are those of `ops`; None if it was not wanted.
    """

    number: int
    pass_name: str
    level: str | None
    seconds: float
    lines: tuple[Line, ...]
    ops: tuple[OpRecord, ...]
    removed: tuple[int, ...]
    module: ModuleOp | None = field(default=None, repr=False)

    @cached_property
    def changed(self) -> bool:
        """Whether the pass did anything; true for the module as it came."""
        return bool(self.removed) or any(op.change != "same" for op in self.ops) or not self.pass_name

    @property
    def text(self) -> str:
        """The text of the module."""
        return "\n".join(line.text for line in self.lines) + "\n"

    def at(self, place: Place) -> tuple[OpRecord, ...]:
        """The ops that come from a line of the user's, whatever the column."""
        return tuple(op for op in self.ops if op.place and (op.place.file, op.place.line) == (place.file, place.line))


class _CountingStream(io.StringIO):
    """Knows how many lines have been written."""

    line = 0

    def write(self, text: str, /) -> int:
        self.line += text.count("\n")
        return super().write(text)


class _RecordingPrinter(Printer):
    """xDSL's printer, which tells the lines of each op and the names of values."""

    def __init__(self) -> None:
        self.counter = _CountingStream()
        self.spans: dict[Operation, tuple[int, int]] = {}
        self.names: dict[SSAValue, str] = {}
        super().__init__(self.counter)

    def print_op(self, op: Operation) -> None:
        first = self.counter.line
        super().print_op(op)
        self.spans[op] = (first, self.counter.line)

    def print_ssa_value(self, value: SSAValue) -> str:
        name = super().print_ssa_value(value)
        self.names[value] = f"%{name}"
        return name


@dataclass
class Recorder:
    """An instrument that keeps a snapshot of the module before the first pass and after each one.

    Attributes:
        keep_modules: whether each snapshot keeps a copy of the module.
        snapshots: what has been kept so far.

    Example:
        >>> from xdsl.dialects.builtin import ModuleOp
        >>> from ...dialects.context import make_context
        >>> from .manager import PassManager
        >>> recorder = Recorder()
        >>> PassManager(make_context(), instruments=[recorder]).run(ModuleOp([]), "canonicalize,cse")
        >>> [(snapshot.pass_name, snapshot.changed) for snapshot in recorder.snapshots]
        [('', True), ('canonicalize', False), ('cse', False)]
    """

    keep_modules: bool = False
    snapshots: list[Snapshot] = field(default_factory=list)
    _numbers: dict[Operation, int] = field(default_factory=dict)
    """Ops that are gone stay in it, so that no new op can be taken for one of them."""
    _states: dict[Operation, Any] = field(default_factory=dict)
    """For each op of the last snapshot what a pass may change about it."""
    _order: list[tuple[Operation, Block | None]] = field(default_factory=list)
    """The ops of the last snapshot, each with the block it stood in."""
    _started: float = 0.0

    def before(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Keep the module as it came, and start the clock."""
        if not self.snapshots:
            self.record(module)
        self._started = time.perf_counter()

    def after(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Stop the clock and keep the module."""
        seconds = time.perf_counter() - self._started
        level = getattr(pass_, "ensures", None) or self.snapshots[-1].level
        self.record(module, str(pass_.pipeline_pass_spec()), level, seconds)

    def record(self, module: ModuleOp, pass_name: str = "", level: str | None = None, seconds: float = 0.0) -> Snapshot:
        """Keep the module as it is now; a module without `pass_name` is at the level that its ops say."""
        old, self._states = self._states, {op: _state(op) for op in module.walk()}
        before, self._order = self._order, [(op, op.parent) for op in self._states]
        if self.snapshots and pass_name and before == self._order and old == self._states:
            lines, ops, copy = self._unchanged()
        else:
            lines, ops = self._written(module, old)
            copy = module.clone() if self.keep_modules else None
        snapshot = Snapshot(
            number=len(self.snapshots),
            pass_name=pass_name,
            level=level if pass_name else level_of(module),
            seconds=seconds,
            lines=lines,
            ops=ops,
            removed=tuple(self._numbers[op] for op in old if op not in self._states),
            module=copy,
        )
        self.snapshots.append(snapshot)
        return snapshot

    def _unchanged(self) -> tuple[tuple[Line, ...], tuple[OpRecord, ...], ModuleOp | None]:
        """What stands in the last snapshot, whose text is the module's still."""
        last = self.snapshots[-1]
        ops = tuple(op if op.change == "same" else replace(op, change="same") for op in last.ops)
        return last.lines, ops, last.module

    def _written(self, module: ModuleOp, old: dict[Operation, Any]) -> tuple[tuple[Line, ...], tuple[OpRecord, ...]]:
        printer = _RecordingPrinter()
        printer.print_op(module)
        ops = tuple(self._record_of(op, printer, old) for op in self._states)
        return _lines(printer.counter.getvalue(), ops), ops

    def _record_of(self, op: Operation, printer: _RecordingPrinter, old: dict[Operation, Any]) -> OpRecord:
        change: Change = "same"
        if op not in old:
            change = "added" if self.snapshots else "same"
        elif old[op] != self._states[op]:
            change = "changed"
        number = self._numbers.setdefault(op, len(self._numbers))
        first, last = printer.spans.get(op, (-1, -1))
        arguments = (argument for region in op.regions for block in region.blocks for argument in block.args)
        return OpRecord(
            number=number,
            name=op.name,
            place=place_of(op.location),
            first=first,
            last=last,
            results=_names(op.results, printer),
            arguments=_names(arguments, printer),
            change=change,
        )


def _names(values: Iterable[SSAValue], printer: _RecordingPrinter) -> tuple[str, ...]:
    return tuple(printer.names.get(value, "") for value in values)


def _state(op: Operation) -> tuple[object, ...]:
    """What a pass may change about an op that it leaves standing; compares quickly where nothing changed."""
    blocks = (block for region in op.regions for block in region.blocks)
    return (
        tuple(op.operands),
        tuple(result.type for result in op.results),
        dict(op.attributes),
        dict(op.properties),
        tuple(op.successors),
        tuple(tuple(argument.type for argument in block.args) for block in blocks),
    )


def _lines(text: str, ops: Sequence[OpRecord]) -> tuple[Line, ...]:
    """The lines of the text; ops come outer ones first, and inner ones take the lines that they do not share."""
    texts = text.split("\n")
    owners, starts = [ops[0].number] * len(texts), set()
    for op in ops:
        for line in range(op.first, op.last + 1):
            if line >= 0 and line not in starts:
                owners[line] = op.number
        starts.add(op.first)
    return tuple(map(Line, texts, owners))
