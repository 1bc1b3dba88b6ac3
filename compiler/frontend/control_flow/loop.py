"""Loops in the IR: the body is traced until the types of what it carries are stable.

The types are the least fixed point of an iteration, as in abstract interpretation: each attempt traces the body, joins
the types at its end with those at its start, and traces again if that widened one. The ops of all attempts but the last
are discarded. An example, with `n` an int32 tensor, and at the start of the body:

    i, x, k = 0, 1, 3                   attempt 1    attempt 2      attempt 3
    while i < n:                    i   0            int32[]        int32[]
        x = x * 0.5                 x   1            float32[]      float32[]
        last = i                    k   3            3              3              never changes: not carried
        i += 1                      last  unset      0, or unset    int32[], or unset
        k = 3

Attempt 1 starts with the Python values before the loop, and changes `i` and `x`: they are carried, as tensors. `last`
has no value before the loop: it is carried as zeros and a flag, which says whether it is set (`maybe_unset`). At the
end of attempt 2 it is `i`, now a tensor. Attempt 3 ends with the types that it started with, and is kept. A type can be
widened a few times only: from a Python value to a tensor, to the dtype of one that it meets, to an unknown size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

import optree
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import IndexType
from xdsl.ir import Block, Operation, Region, SSAValue

from ....dialects.dtypes import BOOL, DType, element_type
from ....dialects.locations import Place
from ....dialects.types import tensor_type
from ..tracing.tracer import Tracer, current_tracer
from ..values.dispatch import from_ssa, value_to_ssa
from ..values.tensor import Tensor
from .branch import describe_tree, reopened
from .containers import CapturedObjects, Snapshot, fitted, flatten
from .recorded import record_staged
from .values import (
    ABSENT,
    ControlFlowError,
    LeafType,
    Maybe,
    NotYetAssignedError,
    Undefined,
    describe,
    extract,
    is_traced,
    join,
    leaf_type,
    predicate,
    rebuilt,
    same,
    to_type,
)

Result = TypeVar("Result")

_ATTEMPTS = 12
"""Attempts before giving up. Each but the last widens a type, and a leaf's type widens 3 times at most: to a tensor, to
another dtype, to unknown sizes. Chains of assignments, as `last = i` above, take one more attempt for each link."""

DEEPEST = 12
"""The deepest nesting of loops: a body is traced twice or more per trace of the loop around it, 2**12 times here."""

_FLAG = LeafType(BOOL, ())


@dataclass
class Slot:
    """One leaf of a loop's variable.

    Attributes:
        initial: its value before the loop; `ABSENT` where it has none.
        value: its value in every iteration, while `type` is None.
        type: how it is carried.
    """

    initial: object
    value: object
    type: LeafType | None = None

    @staticmethod
    def of(value: object, carried: bool) -> Slot:
        """The slot of a value before the loop."""
        return Slot(value, value, leaf_type(value) if carried or is_traced(value) else None)


@dataclass
class LoopVariable:
    """A variable that a loop's body assigns.

    Attributes:
        name: the variable.
        spec: the structure of its value, None while that is unknown.
        slots: its leaves.
        maybe_unset: whether it may be without a value at the start of an iteration; then a flag is carried with it.
        initial_flag: the flag before the loop.
    """

    name: str
    spec: optree.PyTreeSpec | None = None
    slots: list[Slot] = field(default_factory=list)
    maybe_unset: bool = False
    initial_flag: object = True

    @property
    def types(self) -> list[LeafType]:
        """The types of the values that are carried for it."""
        types = [slot.type for slot in self.slots if slot.type is not None]
        return [*types, _FLAG] if self.maybe_unset and self.spec is not None else types


@dataclass(frozen=True)
class Program:
    """What a loop does, as Python.

    Attributes:
        what: what to call it in errors.
        names: its variables.
        enter: assigns values to the variables.
        test: whether there is another iteration; None: as often as the counter says.
        body: an iteration, given the counter.
        leave: the values of the variables.
        place: the user's line where the body assigns a variable.
        facts: for the variables' values and the condition on them, those known if it is true, and if it is false.
        code: the user's functions that it calls.
    """

    what: str
    names: Sequence[str]
    enter: Callable[[Sequence[object]], None]
    test: Callable[[], object] | None
    body: Callable[[object], None]
    leave: Callable[[], Sequence[object]]
    place: Callable[[str], Place | None]
    facts: Callable[[Sequence[object], object], tuple[Mapping[int, bool], Mapping[int, bool]]] = lambda *_: ({}, {})
    code: Sequence[Callable[..., object]] = ()


class LoopState:
    """The variables of a loop while its types are being found."""

    def __init__(self, program: Program, initial: Sequence[object], carried: bool = False):
        self.program = program
        self.initial = list(initial)
        self.carried = carried
        self.variables = [self._variable(n, v, carried) for n, v in zip(program.names, initial, strict=True)]
        self.unreachable: NotYetAssignedError | None = None

    def attempts(self) -> Iterator[int]:
        """Indices of attempts; the changes of lists and dicts by a discarded attempt are undone."""
        saved = Snapshot(self.initial)
        captured = CapturedObjects(self.program.code)
        tracer = current_tracer()
        assert tracer is not None
        if tracer.loops == DEEPEST:
            raise ControlFlowError(
                f"{self.program.what} on a tensor is nested in {DEEPEST} others",
                remedy="join loops into one over the product of their ranges, or put the inner ones into a sw.function",
            )
        tracer.loops += 1
        try:
            for index in range(_ATTEMPTS):
                self.unreachable = None
                yield index
                saved.restore()
                captured.restore()
        finally:
            tracer.loops -= 1
            captured.invalidate_changed()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Raise Python's error where the body reads a variable that no path of an iteration has assigned before."""
        try:
            yield
        except NotYetAssignedError as error:
            if error.owner is self:
                self._raise_unbound(error)
            raise

    def _raise_unbound(self, error: NotYetAssignedError) -> NoReturn:
        outer = next((v.loop for v in self.initial if isinstance(v, Undefined) and v.loop is not None), None)
        if outer is not None:
            raise NotYetAssignedError(str(error), outer) from None
        raise UnboundLocalError(str(error)) from None

    def end(self) -> list[object]:
        """The variables' values at the end of an iteration, safe from what is undone later."""
        ends = [rebuilt(value) for value in self.program.leave()]
        return [_like(variable, end) for variable, end in zip(self.variables, ends, strict=True)]

    @staticmethod
    def _variable(name: str, value: object, carried: bool) -> LoopVariable:
        if isinstance(value, Undefined):
            return LoopVariable(name, maybe_unset=True, initial_flag=False)
        flag = True
        if isinstance(value, Maybe):
            value, flag = value.value_, value.flag_
        leaves, spec = flatten(value)
        slots = [Slot.of(leaf, carried) for leaf in leaves]
        return LoopVariable(name, spec, slots, maybe_unset=flag is not True, initial_flag=flag)

    @property
    def types(self) -> list[LeafType]:
        """The types of all that is carried, in order."""
        return [type_ for variable in self.variables for type_ in variable.types]

    def operands(self, tracer: Tracer) -> list[SSAValue]:
        """The carried values before the loop."""
        found = []
        for variable in self.variables:
            values = [slot.initial for slot in variable.slots if slot.type is not None]
            if len(variable.types) > len(values):
                values.append(variable.initial_flag)
            found += [to_type(tracer, value, type_) for value, type_ in zip(values, variable.types, strict=True)]
        return found

    def values(self, carried: Sequence[SSAValue]) -> list[object]:
        """The variables' values at the start of an iteration, given the carried ones."""
        remaining = iter([from_ssa(ssa) for ssa in carried])
        return [self._value(variable, remaining, Undefined(variable.name, loop=self)) for variable in self.variables]

    def after(self, op: Operation, ends: Sequence[object], at_least_once: bool) -> list[object]:
        """The variables' values after the loop.

        Args:
            op: the loop.
            ends: the values at the end of an iteration.
            at_least_once: whether there is an iteration for certain: then what it always assigns is set.
        """
        if self.unreachable is not None:
            self._raise_unbound(self.unreachable)
        tracer = current_tracer()
        assert tracer is not None
        tensors = [from_ssa(result) for result in op.results]
        record_staged(tracer, op, tensors)
        remaining = iter(tensors)
        found = [self._value(v, remaining, before) for v, before in zip(self.variables, self.initial)]
        for index, end in enumerate(ends if at_least_once else ()):
            value = found[index]
            if isinstance(value, Maybe) and not isinstance(end, Maybe | Undefined):
                found[index] = value.value_
        return found

    @staticmethod
    def _value(variable: LoopVariable, carried: Iterator[Tensor], undefined: object) -> object:
        if variable.spec is None:
            return undefined
        leaves = [slot.value if slot.type is None else next(carried) for slot in variable.slots]
        value = optree.tree_unflatten(variable.spec, leaves)
        return Maybe(variable.name, value, next(carried), None) if variable.maybe_unset else value

    def widen(self, ends: Sequence[object]) -> bool:
        """Join the types with those of the values at the end of an iteration; whether one was widened."""
        widened = [self._widen_variable(index, end) for index, end in enumerate(ends)]
        return any(widened)

    def _widen_variable(self, index: int, end: object) -> bool:
        """Join one variable's structure, flag and types with those of its value at the end of an iteration."""
        variable = self.variables[index]
        # 1. Unset on all paths of the iteration: one that has a value before the loop may lose it.
        if isinstance(end, Undefined):
            changed = variable.spec is not None and not variable.maybe_unset
            variable.maybe_unset = True
            return changed
        # 2. Set on some paths only: it is carried with a flag from now on.
        changed = False
        if isinstance(end, Maybe):
            changed, variable.maybe_unset = not variable.maybe_unset, True
            end = end.value_
        # 3. First assigned by this iteration: its structure is that of the value; before the loop it is zeros.
        leaves, spec = flatten(end)
        if variable.spec is None:
            variable.spec = spec
            variable.slots = [Slot(ABSENT, leaf, leaf_type(leaf) if is_traced(leaf) else None) for leaf in leaves]
            return True
        # 4. Known before: the structures must agree, and each leaf's types are joined.
        if spec != variable.spec:
            self._fit_initial(index, end, spec)
            changed = True
        widened = [self._widen_leaf(variable, slot, leaf) for slot, leaf in zip(variable.slots, leaves)]
        return changed or any(widened)

    def _fit_initial(self, index: int, end: object, spec: optree.PyTreeSpec) -> None:
        """Convert an object to the structure that the body changes it to, before the loop; otherwise an error."""
        variable, initial = self.variables[index], self.initial[index]
        assert variable.spec is not None
        new = None if isinstance(initial, Undefined) else fitted(_plain(initial), end)
        if new is None or flatten(new)[1] != spec:
            before = optree.tree_unflatten(variable.spec, [slot.value for slot in variable.slots])
            self._refuse(variable, "structure", describe_tree(before), describe_tree(end))
        leaves, variable.spec = flatten(new)
        variable.slots = [Slot.of(leaf, self.carried) for leaf in leaves]
        self.initial[index] = (
            Maybe(initial.name_, new, initial.flag_, initial.refusal_) if isinstance(initial, Maybe) else new
        )

    def _widen_leaf(self, variable: LoopVariable, slot: Slot, leaf: object) -> bool:
        """Join the type of a leaf with that of its value at the end of an iteration; whether it was widened."""
        # A Python value that every iteration leaves unchanged is not carried.
        if slot.type is None and same(slot.value, leaf):
            return False
        old = slot.type or leaf_type(slot.value)
        new = leaf_type(leaf)
        if old is None or new is None:
            self._refuse(variable, "value", describe(slot.value), describe(leaf))
        joined = join(old, new)
        if isinstance(joined, str):
            before = describe(slot.value) if slot.type is None or slot.initial is not ABSENT else str(slot.type)
            self._refuse(variable, joined, before, describe(leaf))
        changed = slot.type is None or (joined.dtype, joined.shape) != (slot.type.dtype, slot.type.shape)
        slot.type = joined
        return changed

    def _refuse(self, variable: LoopVariable, what: str, before: str, after: str) -> NoReturn:
        place = self.program.place(variable.name)
        remedy = {
            "structure": "a list cannot grow in a loop on tensors: write to a sw.TensorArray",
            "dtype": f"start with '{variable.name}' of the dtype that it has after an iteration, or sw.cast",
            "shape": f"start with '{variable.name}' of the shape that it has after an iteration",
        }
        raise ControlFlowError(
            f"'{variable.name}' changes its {what} in {self.program.what}: it is {before} before an iteration and "
            f"{after} after it" + (f" ({place})" if place else ""),
            remedy=remedy.get(what, "carry a tensor"),
        )

    def yielded(self, tracer: Tracer, ends: Sequence[object]) -> list[SSAValue]:
        """The carried values at the end of an iteration, in the current block."""
        found = []
        for variable, end in zip(self.variables, ends, strict=True):
            flag: object = True
            if isinstance(end, Maybe):
                end, flag = end.value_, end.flag_
            if variable.spec is None:
                continue
            gone = isinstance(end, Undefined)
            leaves = [ABSENT] * len(variable.slots) if gone else flatten(end)[0]
            values: list[object] = [
                leaf for slot, leaf in zip(variable.slots, leaves, strict=True) if slot.type is not None
            ]
            if variable.maybe_unset:
                values.append(False if gone else flag)
            found += [to_type(tracer, value, type_) for value, type_ in zip(values, variable.types, strict=True)]
        return found


def while_loop(tracer: Tracer, program: Program, state: LoopState, at_least_once: bool = False) -> list[object]:
    """Stage a `while`; the values of its variables after it. `at_least_once`: it has a first iteration for certain."""
    assert program.test is not None
    for _ in state.attempts():
        # 1. Trace the condition and the body in blocks whose arguments have the types found so far.
        types = [type_.ir for type_ in state.types]
        with tracer.region(types) as before, state.reading():
            entry = state.values(before.args)
            program.enter(entry)
            condition = program.test()
            bit = predicate(tracer, condition, program.what)
        inside, outside = program.facts(entry, condition)
        with tracer.region(types) as after, state.reading():
            program.enter(_given(state.values(after.args), inside))
            program.body(None)
            ends = state.end()
        # 2. A type was widened: discard the blocks, and trace again.
        if state.widen(ends):
            continue
        # 3. The types are stable: terminate the blocks, and make the op of them.
        if condition is True:
            raise ControlFlowError(f"{program.what} never ends: its condition does not depend on a tensor")
        with reopened(tracer, before):
            tracer.add(scf.ConditionOp(extract(tracer, bit), *before.args))
        with reopened(tracer, after):
            tracer.add(scf.YieldOp(*state.yielded(tracer, ends)))
        op = tracer.add(scf.WhileOp(state.operands(tracer), types, Region(before), Region(after)))
        return _given(state.after(op, ends, at_least_once), outside)
    raise ControlFlowError(f"the types of the variables of {program.what} do not settle")


def _given(values: list[object], facts: Mapping[int, bool]) -> list[object]:
    """The values, with known booleans instead of the variables at their indices."""
    return [facts.get(index, value) for index, value in enumerate(values)]


def for_loop(tracer: Tracer, program: Program, state: LoopState, trips: SSAValue, at_least_once: bool) -> list[object]:
    """Stage a loop of `trips` (an index) iterations; the values of its variables after it."""
    for _ in state.attempts():
        types = [type_.ir for type_ in state.types]
        with tracer.region([IndexType(), *types]) as block, state.reading():
            program.enter(state.values(block.args[1:]))
            program.body(block.args[0])
            ends = state.end()
        if state.widen(ends):
            continue
        with reopened(tracer, block):
            tracer.add(scf.YieldOp(*state.yielded(tracer, ends)))
        emitter = tracer.emitter()
        zero, one = emitter.index(0), emitter.index(1)
        op = tracer.add(scf.ForOp(zero, trips, one, state.operands(tracer), Region(block)))
        return state.after(op, ends, at_least_once)
    raise ControlFlowError(f"the types of the variables of {program.what} do not settle")


def _plain(value: object) -> object:
    return value.value_ if isinstance(value, Maybe) else value


def _like(variable: LoopVariable, end: object) -> object:
    """The value at the end of an iteration, its objects in the structure in which they are carried."""
    value = _plain(end)
    if variable.spec is None or isinstance(value, Undefined) or flatten(value)[1] == variable.spec:
        return end
    types = [slot.type if slot.type is not None else slot.value for slot in variable.slots]
    new = fitted(value, optree.tree_unflatten(variable.spec, types))
    if new is None:
        return end
    return Maybe(end.name_, new, end.flag_, end.refusal_) if isinstance(end, Maybe) else new


def counter_tensor(tracer: Tracer, index: SSAValue, dtype: DType) -> Tensor:
    """A loop's counter as a tensor."""
    cast: Operation = tracer.add(arith.IndexCastOp(index, element_type(dtype)))
    scalar = tensor.FromElementsOp(cast.results[0], result_type=tensor_type((), dtype))
    return from_ssa(tracer.add(scalar).result)


def index_of(tracer: Tracer, value: object) -> SSAValue:
    """An integer scalar as an index."""
    ssa = value_to_ssa(value)
    return tracer.add(arith.IndexCastOp(extract(tracer, ssa), IndexType())).result


def detached(tracer: Tracer, run: Callable[[], Result]) -> tuple[Block, Result]:
    """The ops that `run` emits, in a detached block, and its result."""
    with tracer.region() as block:
        return block, run()


def splice(tracer: Tracer, block: Block) -> None:
    """Move the ops of a detached block to the current insertion point."""
    for op in list(block.ops):
        op.detach()
        tracer.block.add_op(op)
