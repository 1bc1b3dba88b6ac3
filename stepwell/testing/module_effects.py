"""What generated programs do besides computing: Variables, prints, and failing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from xdsl.ir import SSAValue

from stepwell.dialects import debug, state
from stepwell.dialects.hl.rules.base import HLOp, InferenceError
from stepwell.dialects.hl.rules.facets import Attrs
from stepwell.dialects.state import VariableType
from stepwell.dialects.types import tensor_type

from .module_values import Value, evaluated, is_data

if TYPE_CHECKING:
    from .module_builder import Builder


def stateful(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """One to three reads and writes of a Variable, mostly of a known one; the first time, of a new one.

    What was written counts as a value of today, like what was read: it may be needed after the next write.
    """
    found: list[Value] = []
    variable = _variable(b)
    for _ in range(b.integer(1, 3)):
        if b.boolean():
            found.append(_write(b, variable, [*values, *found]))
        else:
            with b.here():
                found.append(Value(b.tracer.add(state.ReadOp(variable.ssa)).value, variable.array))
    return found


def updated(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """A Variable becomes what is computed from it, as in a training step, if it fits."""
    variable = _variable(b)
    with b.here():
        found = [Value(b.tracer.add(state.ReadOp(variable.ssa)).value, variable.array)]
    for _ in range(b.integer(1, 2)):
        found += b.applied_to(found[-1])
    if found[-1].kind == variable.kind:
        _write(b, variable, found[-1:], [state.AssignOp])
    return found


def _variable(b: Builder) -> Value:
    """A Variable there is, or a new one."""
    if b.variables and b.integer(0, 3):
        return b.choice(b.variables)
    sampler = b.sampler(None)
    start = sampler.array(sampler.shape(), np.dtype(np.float32))
    type_ = tensor_type(start.shape, start.dtype)
    variable = Value(b.tracer.argument(VariableType(type_), "v"), start)
    b.variables.append(variable)
    b.inputs.append(start)
    return variable


_TRIES = 8
"""How many ops are tried to find one that has no result."""

UPDATES = (state.AssignOp, state.AssignAddOp, state.AssignSubOp)
"""The ops that write Variables."""


def _write(b: Builder, variable: Value, values: Sequence[Value], updates: Sequence[Any] = UPDATES) -> Value:
    """An assignment of a value that fits; that value."""
    options = [value for value in values if value.kind == variable.kind]
    dtype, shape = variable.kind
    new = b.recent(options) if options else b.leaf(b.sampler(None).array(shape, dtype))
    update = b.choice(updates)
    assert isinstance(variable.ssa.type, VariableType)
    with b.here():
        b.tracer.add(update(variable.ssa, b.cast(new.ssa, variable.ssa.type.value_type)))
    return new


def failing(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """An op with an operand that does not fit, as shows when the program runs; mostly that stops the program."""
    emit = unfit(b)
    if emit is not None:
        emit()
    return []


def unfit(b: Builder) -> Callable[[], None] | None:
    """What adds an op that fails, with a print of its result, so that no pass may remove it.

    All operands are there already, so that it may be in a branch or loop, and be moved out.
    """
    drawn = _unfit_operands(b)
    return None if drawn is None else partial(_apply_and_print, b, *drawn)


def unfit_cast(b: Builder) -> Callable[[], None]:
    """What adds a cast of what has unknown sizes to others than it has: for places that are not reached.

    Whatever checks that when the program runs, its meaning is not defined there.
    """
    shape = [b.integer(1, 3) for _ in range(b.integer(1, 2))]
    known = b.blurred(b.leaf(np.zeros(shape, b.choice([np.float32, np.int32]))))
    axis = b.integer(0, len(shape) - 1)
    wanted = [size + (number == axis) for number, size in enumerate(shape)]

    def emit() -> None:
        with b.here():
            other = b.cast(known.ssa, tensor_type(wanted, known.array.dtype))
        with b.here():
            b.tracer.add(debug.PrintOp("sizes {0}", [other]))

    return emit


def _unfit_operands(b: Builder) -> tuple[type[HLOp], list[SSAValue], Attrs] | None:
    """An op, with operands and attributes, of which one does not fit: sizes are unknown, and so nobody sees it yet.

    Not every op minds, so a few are tried until one has no result; an index that is wrong is tried as often as a size.
    """
    for _ in range(_TRIES):
        op = b.choice(list(b.ops))
        sample = b.sample(op, None)
        arrays = list(sample.operands)
        if not arrays:
            continue
        indices = [number for number, array in enumerate(arrays) if array.size and not is_data(op, number, arrays)]
        number = b.choice(indices) if indices and b.boolean() else b.integer(0, len(arrays) - 1)
        arrays[number] = _unfit(b, arrays[number])
        if evaluated(op, arrays, sample.attrs) is None:
            return op, [b.blurred(b.leaf(array)).ssa for array in arrays], sample.attrs
    return None


def _apply_and_print(b: Builder, op: type[HLOp], operands: Sequence[SSAValue], attrs: Attrs) -> None:
    """Add an op and a print of its first result; nothing where what is wrong shows in the types already."""
    try:
        with b.here():
            made = b.tracer.emit(op, operands, attrs)
    except InferenceError:
        return
    b.used[op.name] += 1
    with b.here():
        b.tracer.add(debug.PrintOp("after" + " {0}" * len(made.results[:1]), list(made.results[:1])))


def _unfit(b: Builder, array: np.ndarray) -> np.ndarray:
    """Another size along an axis; for integers perhaps a number that is no place."""
    if array.dtype.kind == "i" and array.size and (not array.ndim or b.boolean()):
        changed = array.copy()
        changed.flat[b.integer(0, array.size - 1)] = b.choice([-1, 7, -7])
        return changed
    if not array.ndim:
        return array
    axis = b.integer(0, array.ndim - 1)
    return np.concatenate([array, np.zeros((*array.shape[:axis], 2, *array.shape[axis + 1 :]), array.dtype)], axis)


def printed(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """A print of a value, or of none."""
    shown = b.some(values)[:1]
    with b.here():
        b.tracer.add(debug.PrintOp(f"at {b.line}:" + " {0}" * len(shown), [value.ssa for value in shown]))
    return []
