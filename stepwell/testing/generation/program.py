"""What drawn programs of all levels share: a module under construction, and what is at hand in its blocks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
from xdsl.dialects import func
from xdsl.dialects.builtin import FileLineColLoc, IntAttr, ModuleOp, StringAttr
from xdsl.ir import SSAValue

from stepwell.compiler.interchange.mlir.text import print_module

from .draws import NOTHING, Draws, Kinds


@dataclass(frozen=True)
class Case:
    """A generated module, and what to run it on.

    Attributes:
        module: at the level asked for; verified.
        inputs: arrays for its parameters; those of Variables are updated in place by a run.
        ops: how often each `hl` op is in it (before lowering).
    """

    module: ModuleOp
    inputs: tuple[np.ndarray, ...]
    ops: Counter[str]

    def fresh_inputs(self) -> list[np.ndarray]:
        """The inputs for one more run."""
        return [np.array(array) for array in self.inputs]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """For hypothesis' falsifying examples: the text of the program, and its inputs."""
        inputs = ", ".join(np.array2string(array, separator=", ", threshold=40) for array in self.inputs)
        printer.text(f"{self!r}:\n{print_module(self.module)}inputs: {inputs or 'none'}")

    def to_json(self) -> str:
        """For hypothesis' observers, such as HypoFuzz, which would write down every object of the IR."""
        return repr(self)

    def __repr__(self) -> str:
        return f"<module with {sum(self.ops.values())} hl ops and {len(self.inputs)} inputs>"


class Program(Draws):
    """A module that is drawn op by op.

    Attributes:
        inputs: arrays for the parameters of `main` so far.
        functions: the private functions so far.
        line: the last line that an op was given.
    """

    FILE: ClassVar = "program.mlir", 1
    """The file that ops are said to be in, and their column."""

    def __init__(self, draw: Any):
        super().__init__(draw)
        self.inputs: list[np.ndarray] = []
        self.functions: list[func.FuncOp] = []
        self.line = self._names = 0

    def place(self) -> FileLineColLoc:
        """A line that no other op has, so that a lost one shows."""
        self.line += 1
        name, column = self.FILE
        return FileLineColLoc(StringAttr(name), IntAttr(self.line), IntAttr(column))

    def name(self, stem: str) -> str:
        """A new name for a function or a global."""
        self._names += 1
        return f"{stem}{self._names}"

    def case(self, module: ModuleOp, ops: Counter[str]) -> Case:
        """The module, verified, with its inputs."""
        module.verify()
        return Case(module, tuple(self.inputs), ops)


class HasValue(Protocol):
    """A value of a program, with what is known of it."""

    @property
    def ssa(self) -> SSAValue:
        """The value in the IR."""
        ...


ProgramT = TypeVar("ProgramT", bound=Program)
FunctionT = TypeVar("FunctionT")
ValueT = TypeVar("ValueT", bound=HasValue)


class Body(ABC, Generic[ProgramT, FunctionT, ValueT]):
    """What is at hand at the end of a block.

    Attributes:
        program: the module.
        function: the function in which the block is.
        values: the latest last.
        depth: how deep control flow may still nest.
    """

    def __init__(self, program: ProgramT, function: FunctionT, values: Sequence[ValueT] = (), depth: int = 0):
        self.program, self.function, self.depth = program, function, depth
        self.values = list(values)

    @abstractmethod
    def kinds(self) -> Kinds:
        """The statements that are possible here, the simplest first."""

    def weighted_kinds(self) -> Kinds:
        """The statements that are possible here, as often as they are drawn; the simplest is none at all."""
        return [NOTHING, *self.kinds()]

    def statements(self, count: int) -> None:
        """So many statements at most, each of which may be left out by itself."""
        for _ in range(count):
            made = self.program.statement(self.weighted_kinds)
            self.values += made or ()

    def add(self, value: ValueT) -> ValueT:
        """Note what is at hand from now on."""
        self.values.append(value)
        return value

    def unused(self) -> list[ValueT]:
        """The values that nothing uses yet."""
        return [value for value in self.values if value.ssa.first_use is None]
