"""What generated programs do besides computing: Variables, prints, and failing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from xdsl.ir import SSAValue

from stepwell.dialects import debug, state
from stepwell.dialects.dtypes import FLOAT32, dtype_of
from stepwell.dialects.hl.arithmetic import AddOp
from stepwell.dialects.hl.movement import ReverseOp, TransposeOp
from stepwell.dialects.hl.rules.base import HLOp, InferenceError
from stepwell.dialects.hl.rules.facets import Attrs
from stepwell.dialects.state import VariableType
from stepwell.dialects.types import tensor_type

from .body import OpBody
from .values import Value, evaluated, is_data

_TRIES = 12
"""How many ops are tried to find one that has no result."""

UPDATES = (state.AssignOp, state.AssignAddOp, state.AssignSubOp)
"""The ops that write Variables."""


class EffectBody(OpBody):
    """A body that has effects, and may fail."""

    def stateful(self) -> list[Value]:
        """One to three reads and writes of a Variable, mostly of a known one; the first time, of a new one.

        What was written counts as a value of today, like what was read: it may be needed after the next write.
        """
        found: list[Value] = []
        variable = self._variable()
        for _ in range(self.program.integer(1, 3)):
            if self.program.boolean():
                found.append(self._write(variable, [*self.values, *found]))
            else:
                found.append(self._read(variable))
        return found

    def updated(self) -> list[Value]:
        """A Variable becomes what is computed from it, as in a training step, if it fits."""
        variable = self._variable()
        found = [self._read(variable)]
        for _ in range(self.program.integer(1, 2)):
            found += self.applied(found[-1:])
        if found[-1].kind == variable.kind:
            self._write(variable, found[-1:], [state.AssignOp])
        return found

    def reordered(self) -> list[Value]:
        """A square Variable becomes what it held in another order, perhaps beside another use of what it held.

        The old elements are needed after the first new ones are known, wherever these are to be.
        """
        program = self.program
        square = [each for each in self.function.variables if each.array.ndim == 2 and len({*each.array.shape}) == 1]
        side = program.integer(2, 3)
        variable = program.choice(square) if square else self._new_variable((side, side))
        old = self._read(variable)
        if program.boolean():
            found = self.emitted(TransposeOp, [old], {"perm": (1, 0)}, [old.array.T])
        else:
            axis = program.integer(0, 1)
            found = self.emitted(ReverseOp, [old], {"axes": (axis,)}, [np.flip(old.array, axis)])
        if program.boolean():
            with np.errstate(all="ignore"):
                total = found[0].array + old.array
            found += self.emitted(AddOp, [found[0], old], {}, [total])
        others = self.applied([old]) if program.boolean() else []
        self._write(variable, found[-1:], [state.AssignOp])
        return [old, *others, *found]

    def _variable(self) -> Value:
        """A Variable there is, or a new one."""
        if self.function.variables and self.program.integer(0, 3):
            return self.program.choice(self.function.variables)
        return self._new_variable(self.program.sampler(None).shape())

    def _new_variable(self, shape: Sequence[int]) -> Value:
        """One more parameter that is a Variable."""
        start = self.program.sampler(None).array(shape, FLOAT32)
        type_ = tensor_type(start.shape, start.dtype)
        variable = Value(self.tracer.argument(VariableType(type_), "v"), start)
        self.function.variables.append(variable)
        self.program.inputs.append(start)
        return variable

    def _read(self, variable: Value) -> Value:
        """What a Variable holds."""
        with self.here():
            return Value(self.tracer.add(state.ReadOp(variable.ssa)).value, variable.array)

    def _write(self, variable: Value, values: Sequence[Value], updates: Sequence[Any] = UPDATES) -> Value:
        """An assignment of a value that fits; that value."""
        options = [value for value in values if value.kind == variable.kind]
        dtype, shape = variable.kind
        new = self.program.recent(options) if options else self.leaf(self.program.sampler(None).array(shape, dtype))
        update = self.program.choice(updates)
        assert isinstance(variable.ssa.type, VariableType)
        with self.here():
            self.tracer.add(update(variable.ssa, self.cast(new.ssa, variable.ssa.type.value_type)))
        return new

    def failing(self) -> None:
        """An op with an operand that does not fit, as shows when the program runs; mostly that stops the program."""
        emit = self.unfit()
        if emit is not None:
            emit()

    def unfit(self) -> Callable[[], None] | None:
        """What adds an op that fails, with a print of its result, so that no pass may remove it.

        All operands are there already, so that it may be in a branch or loop, and be moved out.
        """
        drawn = self._unfit_operands()
        return None if drawn is None else partial(self._apply_and_print, *drawn)

    def unfit_cast(self) -> Callable[[], None]:
        """What adds a cast of what has unknown sizes to others than it has: for places that are not reached.

        Whatever checks that when the program runs, its meaning is not defined there.
        """
        shape = [self.program.integer(1, 3) for _ in range(self.program.integer(1, 2))]
        known = self.blurred(self.leaf(np.zeros(shape, self.program.choice([np.float32, np.int32]))))
        axis = self.program.integer(0, len(shape) - 1)
        wanted = [size + (number == axis) for number, size in enumerate(shape)]

        def emit() -> None:
            with self.here():
                other = self.cast(known.ssa, tensor_type(wanted, known.array.dtype))
            with self.here():
                self.tracer.add(debug.PrintOp("sizes {0}", [other]))

        return emit

    def _unfit_operands(self) -> tuple[type[HLOp], list[SSAValue], Attrs] | None:
        """An op, with operands and attributes, of which one does not fit: as sizes are unknown, nobody sees it yet.

        Not every op minds, so a few are tried until one has no result; an index that is wrong is tried as often as a
        size.
        """
        program = self.program
        by_index = program.boolean()
        for _ in range(_TRIES):
            op = program.choice(list(program.ops))
            sample = program.sample(op, None)
            arrays = list(sample.operands)
            if not arrays:
                continue
            indices = [number for number, array in enumerate(arrays) if array.size and not is_data(op, number, arrays)]
            if by_index and not indices:
                continue
            number = program.choice(indices) if by_index else program.integer(0, len(arrays) - 1)
            arrays[number] = self._unfit(arrays[number])
            if evaluated(op, arrays, sample.attrs) is None:
                return op, [self.blurred(self.leaf(array)).ssa for array in arrays], sample.attrs
        return None

    def _apply_and_print(self, op: type[HLOp], operands: Sequence[SSAValue], attrs: Attrs) -> None:
        """Add an op and a print of its first result; nothing where what is wrong shows in the types already."""
        try:
            with self.here():
                made = self.tracer.emit(op, operands, attrs)
        except InferenceError:
            return
        self.program.used[op.name] += 1
        with self.here():
            self.tracer.add(debug.PrintOp("after" + " {0}" * len(made.results[:1]), list(made.results[:1])))

    def _unfit(self, array: np.ndarray) -> np.ndarray:
        """Another size along an axis; for integers perhaps a number that is no place."""
        if dtype_of(array).is_integer and array.size and (not array.ndim or self.program.boolean()):
            changed = array.copy()
            other = np.array(self.program.choice([-1, 7, -7])).astype(array.dtype)
            changed.flat[self.program.integer(0, array.size - 1)] = other
            return changed
        if not array.ndim:
            return array
        axis = self.program.integer(0, array.ndim - 1)
        return np.concatenate([array, np.zeros((*array.shape[:axis], 2, *array.shape[axis + 1 :]), array.dtype)], axis)

    def printed(self) -> None:
        """A print of a value, or of none."""
        self.shown(self.program.some(self.values)[:1])

    def shown(self, values: Sequence[Value]) -> None:
        """A print of values."""
        with self.here():
            text = f"at {self.program.line}:" + "".join(f" {{{number}}}" for number in range(len(values)))
            self.tracer.add(debug.PrintOp(text, [value.ssa for value in values]))
