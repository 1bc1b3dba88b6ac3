"""The machine: xDSL's interpreter with frames, lanes, errors that know the user's line, and allocations.

**Lanes.** The body of a `linalg` op is run once for many points of its iteration space, on arrays. Where control flow
depends on such an array, both sides run, each for its lanes: `active` says which lanes count. An op that may fail
(an access, a division) asks `check`, which looks at the active lanes only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    OpImplResult,
    PythonValues,
    ReturnedValues,
    register_impls,
)
from xdsl.interpreter import impl as xdsl_impl
from xdsl.interpreter import impl_callable as xdsl_impl_callable
from xdsl.interpreter import impl_terminator as xdsl_impl_terminator
from xdsl.ir import Block, Operation, Region, SSAValue

from ....dialects.diagnostics import ResourceExhaustedError
from ....dialects.plugins import contributions
from ....dialects.strings import as_array
from .errors import InterpreterError, refusal
from .llvm.memory import Memory
from .values import Value

Observer = Callable[[Operation | Block, Sequence[object]], None]

Change = Callable[[Operation, Sequence[object], Sequence[object]], Sequence[object]]
"""Makes of an op, its operands and its results what is used as the results."""

Implementation = TypeVar("Implementation", bound=Callable[..., object])


def impl(op: type[Operation]) -> Callable[[Implementation], Implementation]:
    """xDSL's `impl`, for implementations that take a `Machine`."""
    return xdsl_impl(op)  # pyright: ignore[reportReturnType]


def impl_terminator(op: type[Operation]) -> Callable[[Implementation], Implementation]:
    """xDSL's `impl_terminator`, for implementations that take a `Machine`."""
    return xdsl_impl_terminator(op)  # pyright: ignore[reportReturnType]


def impl_callable(op: type[Operation]) -> Callable[[Implementation], Implementation]:
    """xDSL's `impl_callable`, for implementations that take a `Machine`."""
    return xdsl_impl_callable(op)  # pyright: ignore[reportReturnType]


@dataclass
class Machine(Interpreter):
    """Runs ops. Each call of a function has a frame of its own: the values of the SSA values so far."""

    frame: dict[SSAValue, Value] = field(default_factory=dict)
    active: Value = None
    """Which lanes count; None: all of them."""
    allocations: dict[int, np.ndarray] = field(default_factory=dict)
    """Memory that `memref.alloc` made and nobody has freed, by `id`."""
    freed: dict[int, np.ndarray] = field(default_factory=dict)
    """Memory that has been freed, by `id`; kept, so that its use is noticed."""
    globals: dict[str, Value] = field(default_factory=dict)
    """The memory of the module's globals, by name, as far as they have been used."""
    memory: Memory = field(default_factory=Memory)
    """The memory of the llvm level; the levels above it hold memory as arrays."""
    stack: list[np.int64] = field(default_factory=list)
    """The addresses of the stack memory of the running function, at the llvm level."""
    externals: dict[str, Callable[..., object]] = field(default_factory=dict)
    """The functions of the run-time system, by the names under which the llvm level calls them."""
    cache: dict[Any, Any] = field(default_factory=dict)
    """What an implementation has worked out about an op, and need not work out again."""
    point: Sequence[Value] = ()
    """The loop counters at which the body of a `linalg` op runs."""
    depth: int = 0
    """How many calls are open."""
    knows_plugins: bool = False
    """Whether the implementations of plug-ins are registered: only once an op has none otherwise."""
    observer: Observer | None = None
    """Told the results of each op once it has run, and the arguments of each block as it is entered."""
    change: Change | None = None
    """Replaces the results of each op that has some."""

    def get_values(self, values: Iterable[SSAValue]) -> PythonValues:
        """The values of SSA values in the current frame."""
        return tuple(self.frame[value] for value in values)

    def set_values(self, pairs: Iterable[tuple[SSAValue, Value]]) -> None:
        """Set values in the current frame."""
        self.frame.update(pairs)

    @contextmanager
    def new_frame(self) -> Iterator[None]:
        """A fresh frame inside the `with` block: a function sees nothing of its caller."""
        saved, self.frame = self.frame, {}
        try:
            yield
        finally:
            self.frame = saved

    def _run_op(self, op: Operation, inputs: PythonValues) -> OpImplResult:
        entry = self._impls._impl_dict.get(type(op)) or self._from_plugins(op)
        try:
            if entry is None:
                raise InterpreterError(f"no meaning is defined for {op.name}")
            functions, implementation = entry
            return implementation(functions, self, op, inputs)
        except InterpreterError as error:
            error.happened_at(op)
            raise
        except MemoryError as error:
            refused = refusal(ResourceExhaustedError.code, str(error) or "there is not enough memory")
            refused.happened_at(op)
            raise refused from error

    def _from_plugins(self, op: Operation) -> Any:
        """The implementation of an op that plug-ins have, if any; all that they have is known from now on."""
        if not self.knows_plugins:
            self.knows_plugins = True
            _register_plugins(self)
        return self._impls._impl_dict.get(type(op))

    def run_ssacfg_region(self, region: Region, args: PythonValues, name: str = "unknown") -> PythonValues:
        """Run a region from its first block until an op leaves it; the values it leaves with."""
        block: Block | None = region.blocks.first
        frame, observer, change = self.frame, self.observer, self.change
        while block is not None:
            frame.update(zip(block.args, args, strict=True))
            if observer is not None:
                observer(block, args)
            op = block.first_op
            block = None
            while op is not None:
                operands = tuple([frame[operand] for operand in op.operands])
                values, leave = self._run_op(op, operands)
                if change is not None and op.results:
                    values = tuple(change(op, operands, values))
                if observer is not None:
                    observer(op, values)
                if leave is not None:
                    if isinstance(leave, ReturnedValues):
                        return leave.values
                    block, args = leave
                    break
                if op.results:
                    frame.update(zip(op.results, values, strict=True))
                op = op.next_op
        return ()

    def check(self, ok: Value, message: str | Callable[[], str], kind: str | None = None) -> None:
        """Raise unless `ok` holds, in every active lane; `kind` is that of a check of the program's own."""
        if ok is True:
            return
        if self.active is not None:
            ok = ok | ~self.active
        if not np.all(ok):
            text = message if isinstance(message, str) else message()
            raise InterpreterError(text) if kind is None else refusal(kind, text)

    @contextmanager
    def lanes(self, mask: Value) -> Iterator[None]:
        """Count only the lanes of `mask`, among those that count already, inside the `with` block."""
        saved = self.active
        self.active = mask if saved is None else saved & mask
        try:
            yield
        finally:
            self.active = saved

    def any_active(self, mask: Value) -> bool:
        """Whether `mask` holds in any active lane."""
        return bool(np.any(mask if self.active is None else mask & self.active))

    def element_index(self, indices: Sequence[Value], shape: Sequence[int]) -> tuple[Value, ...]:
        """Indices that are checked against `shape`; in lanes that do not count they are made harmless."""
        for axis, (index, size) in enumerate(zip(indices, shape, strict=True)):
            ok = (index >= 0) & (index < size)
            if not isinstance(ok, np.ndarray) and ok:
                continue
            self.check(ok, lambda axis=axis: _out_of_range(indices, shape, axis))
        if self.active is None:
            return tuple(indices)
        return tuple(np.clip(index, 0, max(size - 1, 0)) for index, size in zip(indices, shape))


def _out_of_range(indices: Sequence[Value], shape: Sequence[int], axis: int) -> str:
    index = np.asarray(indices[axis])
    worst = index[(index < 0) | (index >= shape[axis])].flat[0]
    return f"index {worst} is out of range for axis {axis} of shape {list(shape)}"


def _register_plugins(machine: Machine) -> None:
    """Register the implementations of ops that plug-ins have."""
    for item in contributions(["implementation"]).values():
        found = item.load()
        if isinstance(found, type) and issubclass(found, InterpreterFunctions):
            found = found()
        if not isinstance(found, InterpreterFunctions):
            raise item.error(f"is a {type(found).__name__}, expected InterpreterFunctions of xDSL")
        try:
            machine.register_implementations(found)
        except ValueError as error:
            raise item.error(f"is of an op that has one already: {error}") from None


def is_lanes(value: Value) -> bool:
    """Whether a scalar of the program represents many lanes at this moment."""
    return isinstance(value, np.ndarray) and value.ndim > 0


def choose(condition: Value, then: Value, otherwise: Value) -> Value:
    """`then` where `condition` holds, else `otherwise`; both of one dtype."""
    return np.where(condition, as_array(then), as_array(otherwise))[()]


def pure_functions(name: str, table: Mapping[type[Operation], Callable[..., Value]]) -> InterpreterFunctions:
    """Implementations of ops whose one result is a plain function of their operands."""

    def implementation(function: Callable[..., Value]) -> Callable[..., PythonValues]:
        return lambda self, machine, op, args: (function(*args),)

    methods = {op.__name__: impl(op)(implementation(function)) for op, function in table.items()}
    return register_impls(type(name, (InterpreterFunctions,), methods))()
