"""Builds the `hl` function of a trace: what runs while a tracer is current becomes ops."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from xdsl.dialects import arith, func
from xdsl.dialects.builtin import LocationAttr, ModuleOp
from xdsl.ir import Attribute, Block, BlockArgument, Operation, Region, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from ....dialects.diagnostics import StepwellError
from ....dialects.dtypes import STRING, dtype_of
from ....dialects.emitter import Emitter
from ....dialects.hl.rules.base import HLOp
from ....dialects.hl.rules.facets import Attrs
from ....dialects.hl.strings import StringConstantOp
from ....dialects.locations import Place, place_of
from ....dialects.public import public
from ....dialects.recursion import deep_recursion
from ....dialects.types import dense
from . import modes
from .source import user_location, user_place

OpT = TypeVar("OpT", bound=Operation)


@public("errors")
class ScopeError(StepwellError):
    """A tensor made inside a branch, a loop or another function is used where it does not exist."""

    code = "scope"


@dataclass(frozen=True)
class Holder:
    """What a program has put a tensor into: an attribute, an element, a variable of the module or of a function around.

    Attributes:
        name: as it is written.
        find_place: returns the user's line of the assignment, where known.
    """

    name: str
    find_place: Callable[[], Place | None]


class Kept(Protocol):
    """The values of a block that has ended, for what is traced now and is to run after it."""

    def find(self, value: SSAValue) -> SSAValue | None:
        """What represents `value` where ops go now; None for one that is not of the block."""
        ...


class Tracer:
    """Collects the ops of one function.

    Attributes:
        name: the function's name in the IR.
        entry: the function's block; its arguments are the function's parameters.
        captures: objects of the outside that the function uses, with the parameters that represent them, in order.
        location: the function's own, and that of ops for which there is no line of the user.
        inlined: tensors of the outside that are constants of the function, with these.
        lineage: what was computed at once from tensors of the outside, as tapes are notified of it.
        foreign: objects of other libraries that became constants: what they are and where, for people.
        created: Variables made while tracing, and the user's lines that made them.
        captures_symbols: whether values of any other trace are captured too (otherwise that is a `ScopeError`).
        parent: the trace of the function around this one, whose values are captured.
        loops: the depth of the loops around the current trace.
        evaluate: returns the array that a value is in the call that is traced, or None.
        holders: what values were assigned to that may live longer than they do.
        kept: blocks that have ended whose values can be used, the innermost last.
        staged: what tapes have recorded of branches and loops.
    """

    def __init__(self, name: str, captures_symbols: bool = False, parent: Tracer | None = None):
        self.name = name
        self.captures_symbols = captures_symbols
        self.parent = parent
        self.created: list[tuple[Any, Place | None]] = []
        self.captures: dict[int, tuple[Any, BlockArgument]] = {}
        self.inlined: dict[int, tuple[Any, SSAValue]] = {}
        self.lineage: list[tuple[Any, ...]] = []
        self.foreign: list[str] = []
        self.evaluate: Callable[[SSAValue], np.ndarray | None] | None = None
        self._outside: dict[SSAValue, object] = {}
        self.entry = Block()
        self.location = user_location()
        self._forced: LocationAttr | None = None
        self._open: list[Block] = [self.entry]
        self.holders: dict[SSAValue, Holder] = {}
        self.kept: list[Kept] = []
        self.staged: dict[Operation, object] = {}
        self.loops = 0
        self._running = 0
        self._constants: dict[tuple[Block, str, tuple[int, ...], object], SSAValue] = {}

    def adopt(self, block: Block, outside: Mapping[SSAValue, object]) -> None:
        """Go on with a block of ops, whose arguments become the function's parameters.

        `outside` are those of its arguments that represent objects of the outside.
        """
        self.entry, self._open = block, [block]
        self._outside.update(outside)
        for value, thing in outside.items():
            assert isinstance(value, BlockArgument)
            self.captures[id(thing)] = thing, value

    @property
    def block(self) -> Block:
        """The innermost open block: where ops go."""
        return self._open[-1]

    @property
    def open_blocks(self) -> Sequence[Block]:
        """The blocks whose values can be used where ops go now, the function's first."""
        return self._open

    @property
    def depth(self) -> int:
        """How many regions are open inside the function."""
        return len(self._open) - 1

    def is_tracing(self) -> bool:
        """Whether the function is still being traced."""
        return self._running > 0

    def argument(self, type_: Attribute, name: str = "") -> BlockArgument:
        """Add a parameter to the function."""
        value = self.entry.insert_arg(type_, len(self.entry.args))
        value.name_hint = _value_name(name)
        return value

    def capture(self, thing: object, type_: Attribute, name: str, value: SSAValue | None = None) -> BlockArgument:
        """The parameter that represents `thing`, an object of the outside; the same one each time.

        Where `value` is given, `thing` is one of many that represent it, all with the same parameter.
        """
        key = id(thing if value is None else value)
        known = self.captures.get(key)
        if known is None:
            known = self.captures[key] = (thing, self.argument(type_, name))
            self._outside[known[1]] = thing
        return known[1]

    def inline(self, thing: object, array: np.ndarray) -> SSAValue:
        """The constant that represents `thing`, a tensor of the outside; the same one each time, and for no other."""
        known = self.inlined.get(id(thing))
        if known is None:
            emitter = Emitter(InsertPoint.at_start(self.entry), self._here())
            known = self.inlined[id(thing)] = (thing, emitter.add(_constant(array)).results[0])
            self._outside[known[1]] = thing
        return known[1]

    def outside(self, value: SSAValue) -> object:
        """The object of the outside that `value` represents; None for any other value."""
        return self._outside.get(value)

    def may_capture(self, other: Tracer | None) -> bool:
        """Whether values of `other`, a different trace, can be captured here."""
        around = self.parent
        while around is not None and around is not other:
            around = around.parent
        return self.captures_symbols or around is not None

    def owns(self, value: SSAValue) -> bool:
        """Whether `value` was made by this tracer, in a region that may since have been closed."""
        block = value.owner if isinstance(value.owner, Block) else value.owner.parent
        while block is not None:
            if block is self.entry:
                return True
            if any(block is open_ for open_ in self._open):
                return True
            parent = block.parent_op()
            block = parent.parent if parent is not None else None
        return False

    def visible(self, value: SSAValue) -> bool:
        """Whether `value` can be used where ops go now."""
        block = value.owner if isinstance(value.owner, Block) else value.owner.parent
        return any(block is open_ for open_ in self._open)

    def find_kept(self, value: SSAValue) -> SSAValue | None:
        """What represents a value of a block that has ended; None where nothing does."""
        found = (kept.find(value) for kept in reversed(self.kept))
        return next((each for each in found if each is not None), None)

    def emitter(self) -> Emitter:
        """An emitter at the end of the current block, at the user's current line."""
        return Emitter(InsertPoint.at_end(self.block), self._here())

    @contextmanager
    def at(self, location: LocationAttr) -> Iterator[None]:
        """Ops added inside the `with` have `location` instead of the user's current line."""
        saved, self._forced = self._forced, location
        try:
            yield
        finally:
            self._forced = saved

    def _here(self) -> LocationAttr:
        if self._forced is not None:
            return self._forced
        location = user_location()
        return self.location if location.name == "unknown_loc" else location

    def add(self, op: OpT) -> OpT:
        """Append an op to the current block, at the user's current line."""
        return self.emitter().add(op)

    def emit(self, op_class: type[HLOp], operands: Sequence[SSAValue], attrs: Attrs) -> HLOp:
        """Append an `hl` op; its result types are inferred (`InferenceError`)."""
        return self.add(op_class.build(operands, attrs))

    def constant(self, array: np.ndarray) -> SSAValue:
        """A constant tensor; equal ones in one block are one op."""
        array = np.ascontiguousarray(array).reshape(np.shape(array))
        data = tuple(array.flat) if dtype_of(array) is STRING else array.tobytes()
        key = (self.block, array.dtype.str, array.shape, data)
        value = self._constants.get(key)
        if value is None:
            value = self._constants[key] = self.add(_constant(array)).results[0]
        return value

    @contextmanager
    def region(self, argument_types: Sequence[Attribute] = ()) -> Iterator[Block]:
        """Open a new block: ops go into it inside the `with`. The caller makes it part of an op afterwards."""
        block = Block(arg_types=argument_types)
        self._open.append(block)
        try:
            yield block
        finally:
            popped = self._open.pop()
            assert popped is block

    @contextmanager
    def before(self, op: Operation) -> Iterator[None]:
        """Ops added inside the `with` go right before `op`, wherever in the trace it is, at its line."""
        saved, block = self._open, Block()
        self._open = [*self._blocks_around(op), block]
        try:
            with self.at(op.location):
                yield
        finally:
            self._open = saved
        for new in list(block.ops):
            new.detach()
            Rewriter.insert_op(new, InsertPoint.before(op))

    def _blocks_around(self, op: Operation) -> list[Block]:
        """The blocks whose values can be used right before `op`, the function's first."""
        chain: list[Block] = []
        block = op.parent
        while block is not None:
            chain.insert(0, block)
            depth = next((i for i, each in enumerate(self._open) if each is block), None)
            if depth is not None:
                return [*self._open[:depth], *chain]
            parent = block.parent_op()
            block = None if parent is None else parent.parent
        return chain

    def finish(self, results: Sequence[SSAValue]) -> ModuleOp:
        """End the function with `results` and give the module that holds it."""
        assert self.depth == 0, "finish inside a region"
        with self.at(self.location):
            self.add(func.ReturnOp(*results))
        types = ([argument.type for argument in self.entry.args], [result.type for result in results])
        function = func.FuncOp(self.name, types, Region(self.entry))
        function.location = self.location
        module = ModuleOp([function])
        module.location = self.location
        return module


def _constant(array: np.ndarray) -> Operation:
    """The op of a constant."""
    if dtype_of(array) is STRING:
        return StringConstantOp.build((), StringConstantOp.attributes_of(array))
    return arith.ConstantOp(dense(array))


def _value_name(name: str) -> str | None:
    """A name that IR can have for what people call `name`: `tree.a` for `tree['a']`.

    Numbers at the end are left to the printer, which adds them where names meet.
    """
    words = re.sub(r"[^A-Za-z0-9_$.-]+", ".", name).strip(".")
    words = re.sub(r"(_\d+)+$", "", words)
    return words if re.match(r"[A-Za-z_$]", words) else None


class _State(threading.local):
    tracer: Tracer | None = None


_state = _State()


def current_tracer() -> Tracer | None:
    """The tracer that collects ops in this thread, if any."""
    return _state.tracer


def _switch_to(tracer: Tracer | None) -> None:
    was = _state.tracer is not None
    if tracer is None:
        _state.tracer = None
        modes.switch("trace", was, False)
    else:
        modes.switch("trace", was, True)
        _state.tracer = tracer


@contextmanager
def tracing(tracer: Tracer | None) -> Iterator[Tracer | None]:
    """Make `tracer` current inside the `with` block (`None`: run eagerly)."""
    saved = _state.tracer
    _switch_to(tracer)
    if tracer is None:
        try:
            yield None
        finally:
            _switch_to(saved)
        return
    tracer._running += 1
    try:
        with deep_recursion():
            yield tracer
    finally:
        _switch_to(saved)
        tracer._running -= 1


def scope_error(tracer: Tracer, value: SSAValue, of: Tracer | None) -> ScopeError:
    """The error for a value, of the trace `of`, that cannot be used where the program is now."""
    holder = None if of is None else of.holders.get(value)
    if tracer.owns(value):
        what = "belongs to a branch or loop body that has ended"
        remedy = "return it from the branch or make it a loop variable"
        if holder is not None:
            remedy = (
                f"give a local variable the value, before and in the branch or loop, and set '{holder.name}' after it"
            )
    else:
        what = "belongs to another function's trace"
        remedy = "pass it as an argument or return it from that function"
    return ScopeError(leak_text(value, of, what), location=_location_of(holder), remedy=remedy)


def leak_text(value: SSAValue, of: Tracer | None, what: str) -> str:
    """What is wrong with a value, which was made and assigned where the user reads it."""
    owner = value.owner
    place = place_of(owner.location) if isinstance(owner, Operation) else None
    made = f"the symbolic tensor made at {place}" if place is not None else "the symbolic tensor"
    holder = None if of is None else of.holders.get(value)
    if holder is None:
        return f"{made} {what}"
    assigned = holder.find_place()
    at = f" at {assigned}" if assigned is not None else ""
    used = user_place()
    using = f", and is used at {used}" if used is not None else ""
    return f"'{holder.name}' holds a symbolic tensor that {what}: {made} was assigned to it{at}{using}"


def _location_of(holder: Holder | None) -> LocationAttr:
    place = holder.find_place() if holder is not None else None
    return user_location() if place is None else place.location


__all__ = ["Holder", "ScopeError", "Tracer", "current_tracer", "leak_text", "scope_error", "tracing"]
