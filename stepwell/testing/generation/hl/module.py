"""Whole `hl` modules: what statements they have, and what they return."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stepwell.compiler.frontend.tracing.tracer import Tracer, tracing

from ..draws import Kinds
from ..program import Case
from .body import Function, HlProgram
from .control_flow import ControlFlowBody
from .values import Value


class ModuleBody(ControlFlowBody):
    """What is at hand at the end of the block of a loop, a branch or a function."""

    def kinds(self) -> Kinds:
        """Ops, control flow and effects."""
        program, effects = self.program, self.function.effects
        kinds = [(6, self.apply)]
        if self.values:
            kinds += [(5, self.chained), (1, self.forgotten)]
        if program.applied:
            kinds += [(2, self.again)]
        if self.depth and self.values:
            nested = (self.branch, self.counted, self.repeated, self.called)
            kinds += [(program.options.control_flow, action) for action in nested]
        if self.depth and effects:
            kinds += [(1, self.unreached)]
        if effects:
            kinds += [(2, self.stateful), (2, self.updated), (1, self.reordered), (1, self.printed)]
        if program.fails and self.function.open:
            kinds += [(6, self.failing)]
        return kinds

    def main_statements(self, count: int) -> None:
        """The statements of the program."""
        self.statements(count)

    def last_values(self) -> list[Value]:
        """What the program returns: mostly all that nothing else uses, so that little of it is dead, and some more.

        What else uses, such as a Variable that it is assigned to, may so be changed behind its back.
        """
        unused = self.unused()
        if unused and self.program.integer(0, 3):
            return [*unused, *(self.program.some(self.values) if self.program.boolean() else [])]
        return self.program.some(self.values)


def run_main(program: HlProgram, kind: type[ModuleBody], size: int, depth: int) -> Case:
    """A module whose `main` has about `size` statements."""
    program.settle()
    tracer = Tracer("main")
    tracer.location = program.place()
    with tracing(tracer):
        body = kind(program, Function(tracer, True, program.options.effects), depth=depth)
        body.main_statements(size)
        results: Sequence[Value] = body.last_values() or [body.parameter(np.zeros((), np.float32))]
        with body.here():
            module = tracer.finish([value.ssa for value in results])
    for function in program.functions:
        module.body.block.add_op(function)
    return program.case(module, program.used)
