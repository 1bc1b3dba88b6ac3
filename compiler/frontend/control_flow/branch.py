"""Branches on a tensor: both branches are traced, and what they leave behind is merged into an `scf.if`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import optree
from optree import PyTreeSpec
from xdsl.dialects import scf
from xdsl.ir import Block, Region, SSAValue

from ....dialects.debug import UNBOUND_VARIABLE
from ....dialects.dtypes import BOOL
from ....dialects.locations import Place
from ..tracing.tracer import Tracer
from ..values.dispatch import from_ssa
from ..values.tensor import Tensor
from .containers import CapturedObjects, describe_container, fitted, flatten, replace_contents
from .recorded import record_staged
from .values import (
    ABSENT,
    CONTROL,
    ControlFlowError,
    LeafType,
    Maybe,
    NotYetAssignedError,
    UnassignedError,
    Undefined,
    add_check,
    describe,
    extract,
    is_traced,
    join,
    leaf_type,
    rebuilt,
    same,
    to_type,
)


@dataclass(frozen=True)
class Branch:
    """One branch of a condition.

    Attributes:
        label: what to call it in an error.
        run: returns the values of the variables at its end.
        place: the user's line where it gives a variable its value, where known.
        code: the user's function that it runs, if there is one.
        guarded: whether it runs only if no `break`, `continue` or `return` has happened: then it may be out of reach.
    """

    label: str
    run: Callable[[], Sequence[object]]
    place: Callable[[str], Place | None]
    code: Callable[..., object] | None = None
    guarded: bool = False

    def at(self, name: str) -> str:
        """The branch, and the line where it assigns `name`."""
        place = self.place(name)
        return f"{self.label} ({place})" if place else self.label


@dataclass
class Outcome:
    """The end of a traced branch: a value per variable; not reachable when an unknown variable was read on it."""

    block: Block
    values: Sequence[object] | None
    unreachable: NotYetAssignedError | None = None


@contextmanager
def reopened(tracer: Tracer, block: Block) -> Iterator[None]:
    """Ops go to the end of a detached `block` again."""
    tracer._open.append(block)
    try:
        yield
    finally:
        tracer._open.pop()


def trace_branch(tracer: Tracer, branch: Branch) -> Outcome:
    """Run a branch in a block of its own."""
    with tracer.region() as block:
        try:
            return Outcome(block, list(branch.run()))
        except (NotYetAssignedError, UnassignedError) as error:
            if branch.guarded:
                never = to_type(tracer, False, LeafType(BOOL, ()))
                add_check(tracer, never, str(error), kind=UNBOUND_VARIABLE)
                return Outcome(block, None)
            if isinstance(error, UnassignedError):
                raise
            error.owner.unreachable = error
            return Outcome(block, None, error)


class Changes:
    """What functions change of the containers that their closures hold, while they are traced for a branch."""

    def __init__(self, functions: Iterable[Callable[..., object]]):
        functions = list(functions)
        self._captured = CapturedObjects(functions)
        cells = [cell for f in functions for cell in zip(*_variables(f), strict=True)]
        self._containers = [(name, value, value.copy()) for name, value in cells]

    def undo(self, what: str) -> bool:
        """Give the objects their contents back; whether any was changed. A list, dict or set must not have been."""
        for name, container, before in self._containers:
            if not _holds_the_same(container, before):
                replace_contents(container, before)
                raise ControlFlowError(
                    f"'{name}' is changed in an operand of {what} that is evaluated only if a tensor says so when the "
                    "program runs",
                    remedy="write an if statement, and a sw.TensorArray or a tensor for what it changes",
                )
        return self._captured.invalidate_changed()


def _variables(function: Callable[..., object]) -> tuple[list[str], list[list | dict | set | deque]]:
    """The closure's variables that hold lists, dicts or sets."""
    names: list[str] = []
    values: list[list | dict | set | deque] = []
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    for name, cell in zip(code.co_freevars if code else (), cells or ()):
        try:
            value = cell.cell_contents
        except ValueError:
            continue
        if isinstance(value, list | dict | set | deque):
            names.append(name)
            values.append(value)
    return names, values


def _holds_the_same(container: list | dict | set | deque, before: Any) -> bool:
    if isinstance(container, set):
        return container == before
    if isinstance(container, dict):
        return list(container) == list(before) and all(container[key] is value for key, value in before.items())
    return len(container) == len(before) and all(a is b for a, b in zip(container, before))


def conditional(tracer: Tracer, condition: SSAValue, branches: Sequence[Branch], names: Sequence[str]) -> list[Any]:
    """Trace both branches of `condition`, a boolean tensor; the merged value of each variable."""
    captured = CapturedObjects(branch.code for branch in branches if branch.code is not None)
    outcomes = []
    for branch in branches:
        outcome = trace_branch(tracer, branch)
        if outcome.values is not None:
            outcome.values = [rebuilt(value) for value in outcome.values]
        outcomes.append(outcome)
        captured.restore()
    captured.invalidate_changed()
    if all(outcome.unreachable is not None for outcome in outcomes):
        raise outcomes[0].unreachable  # pyright: ignore
    return merge(tracer, condition, branches, outcomes, names)


def merge(
    tracer: Tracer, condition: SSAValue, branches: Sequence[Branch], outcomes: Sequence[Outcome], names: Sequence[str]
) -> list[Any]:
    """Make the `scf.if` of two traced branches; the merged values."""
    merger = _Merger(tracer, branches, outcomes, names)
    rebuild = [merger.variable(number, name) for number, name in enumerate(names)]
    tensors: Sequence[Tensor] = ()
    if merger.types or any(outcome.block.first_op is not None for outcome in outcomes):
        for outcome, operands in zip(outcomes, zip(*merger.operands) if merger.operands else ((), ()), strict=True):
            with reopened(tracer, outcome.block):
                tracer.add(scf.YieldOp(*(to_type(tracer, v, t) for v, t in zip(operands, merger.types, strict=True))))
        bit = extract(tracer, condition)
        then, other = (Region(outcome.block) for outcome in outcomes)
        op = tracer.add(scf.IfOp(bit, [type_.ir for type_ in merger.types], then, other))
        tensors = [from_ssa(result) for result in op.results]
        record_staged(tracer, op, tensors)
    return [build(tensors) for build in rebuild]


Build = Callable[[Sequence[Tensor]], object]
"""Makes the merged value of a variable from the results of the `scf.if`."""


class _Merger:
    """Decides for each variable what the `scf.if` gives."""

    def __init__(self, tracer: Tracer, branches: Sequence[Branch], outcomes: Sequence[Outcome], names: Sequence[str]):
        self.tracer = tracer
        self.names = names
        self.branches = branches
        self.outcomes = outcomes
        self.types: list[LeafType] = []
        self.operands: list[tuple[object, object]] = []

    def variable(self, number: int, name: str) -> Build:
        """How to make the merged value of a variable from the results."""
        ends = [ABSENT if o.values is None else o.values[number] for o in self.outcomes]
        missing = [isinstance(end, Undefined) for end in ends]
        if all(gone or end is ABSENT for gone, end in zip(missing, ends)):
            undefined = next(end for end in ends if end is not ABSENT)
            return lambda _: undefined
        flags = [self._flag(end) for end in ends]
        values = [ABSENT if gone else end.value_ if isinstance(end, Maybe) else end for gone, end in zip(missing, ends)]
        build = self._value(name, values)
        if all(flag is True for flag in flags):
            return build
        flag = self._leaf(name, flags)
        refusal = self._refusal(name, ends)
        return lambda results: Maybe(name, build(results), flag(results), refusal)

    @staticmethod
    def _flag(end: object) -> object:
        if isinstance(end, Undefined):
            return False
        return end.flag_ if isinstance(end, Maybe) else True

    def _refusal(self, name: str, ends: Sequence[object]) -> str | None:
        """Reading it is refused where a branch leaves it without a value, and no loop could have given it one.

        A branch that a `break`, `continue` or `return` leaves does not reach what reads it: a check at run time.
        """
        for end in ends:
            if isinstance(end, Maybe) and end.refusal_ is not None:
                return end.refusal_
        for number, (branch, end, other) in enumerate(zip(self.branches, ends, reversed(self.branches))):
            if isinstance(end, Undefined) and end.loop is None and not self._leaves(number):
                return f"'{name}' has a value after {other.at(name)} but not after {branch.at(name)}"
        return None

    def _leaves(self, number: int) -> bool:
        """Whether a branch may end in a `break`, `continue` or `return`."""
        values = self.outcomes[number].values or ()
        return any(value is not False and CONTROL.fullmatch(name) for name, value in zip(self.names, values))

    def _value(self, name: str, values: Sequence[object]) -> Build:
        trees = self._trees(values)
        specs = [tree[1] for tree in trees if tree is not None]
        if any(spec != specs[0] for spec in specs):
            self._disagree(name, "structure", [describe_tree(value) for value in values])
        count = specs[0].num_leaves
        pairs = zip(*([ABSENT] * count if tree is None else tree[0] for tree in trees))
        builds = [self._leaf(name, pair) for pair in pairs]
        return lambda results: optree.tree_unflatten(specs[0], [build(results) for build in builds])

    def _trees(self, values: Sequence[object]) -> list[tuple[list[object], PyTreeSpec] | None]:
        """The leaves and structures of both branches; an object whose structure differs from the other's is fitted."""
        trees = [None if value is ABSENT else flatten(value) for value in values]
        if None in trees or trees[0][1] == trees[1][1]:  # pyright: ignore[reportOptionalSubscript]
            return trees
        for branch, other in ((0, 1), (1, 0)):
            with reopened(self.tracer, self.outcomes[branch].block):
                new = fitted(values[branch], values[other])
            if new is not None and flatten(new)[1] == trees[other][1]:  # pyright: ignore[reportOptionalSubscript]
                trees[branch] = flatten(new)
                break
        return trees

    def _leaf(self, name: str, pair: Sequence[object]) -> Build:
        present = [value for value in pair if value is not ABSENT]
        made_here = len(present) == 1 and is_traced(present[0])
        if not made_here and all(same(value, present[0]) for value in present):
            return lambda _: present[0]
        types = [leaf_type(value) for value in present]
        merged = self._join(name, present, types)
        position = len(self.types)
        self.types.append(merged)
        self.operands.append((pair[0], pair[1]))
        return lambda results: results[position]

    def _join(self, name: str, values: Sequence[object], types: Sequence[LeafType | None]) -> LeafType:
        first, last = types[0], types[-1]
        if first is None or last is None:
            self._disagree(name, "value", [describe(value) for value in values])
        merged = join(first, last)
        if isinstance(merged, str):
            self._disagree(name, merged, [describe(value) for value in values])
        return merged

    def _disagree(self, name: str, what: str, texts: Sequence[str]) -> NoReturn:
        remedy = {"dtype": "sw.cast one of them", "shape": "reshape one of them", "structure": "return like for like"}
        parts = " but ".join(f"{text} after {branch.at(name)}" for branch, text in zip(self.branches, texts))
        raise ControlFlowError(
            f"the two branches of a condition on a tensor differ in the {what} of '{name}': it is {parts}",
            remedy=remedy.get(what, "assign it a tensor in both branches"),
        )


def describe_tree(value: object) -> str:
    """What a nested value is, for an error."""
    return describe_container(value) or describe(value)
