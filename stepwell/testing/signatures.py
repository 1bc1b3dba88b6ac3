"""Passes that change how a function is called: parameters that they add, Variables that they make results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.ir import Attribute

from stepwell.compiler.interchange.mlir.entries import Entry, argument_types, find_entry
from stepwell.dialects import state
from stepwell.dialects.state import VariableType
from stepwell.runtime.outcomes import Outcome, observe, packed_for

from .inputs import generate_inputs


@dataclass(frozen=True)
class Signature:
    """How a function is called.

    Attributes:
        types: of its parameters.
        assigned: the numbers of the parameters that are Variables which it changes.
    """

    types: tuple[Attribute, ...]
    assigned: tuple[int, ...]

    @classmethod
    def of(cls, entry: Entry) -> Signature:
        """That of a function of any level."""
        changed = {op.operands[0] for op in entry.walk() if isinstance(op, state.UpdateOp)}
        block = entry.body.blocks.first
        arguments = block.args if block is not None else ()
        assigned = tuple(number for number, argument in enumerate(arguments) if argument in changed)
        return cls(tuple(argument_types(entry)), assigned)


def observe_after(module: ModuleOp, name: str | None, inputs: Sequence[np.ndarray], max_ops: int) -> Outcome:
    """The outcome of a function; parameters that a pass has added, as for measurements, are zeros and not compared.

    Args:
        module: the program after the pass.
        name: the function; None for the one that is run by default.
        inputs: arrays for the parameters it had.
        max_ops: after how many ops the run is stopped.
    """
    types = argument_types(find_entry(module, "the module", name))
    added = [np.zeros_like(array) for array in generate_inputs(types[len(inputs) :], 0)]
    got = observe(module, [*packed_for(module, inputs, name), *added], name, max_ops, any_failure=True)
    return replace(got, variables=got.variables[: len(inputs)])


def expected_after(outcome: Outcome, before: Signature, after: Signature, inputs: Sequence[np.ndarray]) -> Outcome:
    """What is expected after a pass: where Variables have become tensors, those that are assigned are results."""
    pairs = zip(before.types, after.types)
    if not any(isinstance(old, VariableType) and isinstance(new, TensorType) for old, new in pairs):
        return outcome
    results = (*outcome.results, *(outcome.variables[number] for number in before.assigned))
    return replace(outcome, results=() if outcome.failure else results, variables=tuple(inputs))
