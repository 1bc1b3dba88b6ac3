"""One restoration of a checkpoint: which object has which values, and what waits for objects that are not there yet.

Objects are matched from the root on, by the names under which they hold one another. Names for which the program has no
object yet wait: the object is restored when it is assigned to the attribute, or added to the list or dict.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...compiler.frontend.tracing.tracer import tracing
from ...compiler.frontend.values.awaited import VALUE
from ...dialects.diagnostics import InvalidArgumentError
from ...dialects.errors import DataLossError
from . import restored
from .awaiting import await_under, can_change, can_wait, put, waiting_container
from .graph import ObjectGraph
from .objects import children_of, count_of, is_without_value
from .reader import CheckpointFile
from .values import Value, values_of


@dataclass
class _Plan:
    """What is to be done, before anything is.

    Attributes:
        bound: the objects, by their numbers in the checkpoint.
        values: what is set to which key's array.
        objects: whose values these are, by `id`.
        unused: names of values of an object that it does not have here.
        waiting: for each object that names wait for: these, and their numbers.
        owners: which objects hold an object, and by which names.
    """

    bound: dict[int, object] = field(default_factory=dict)
    values: list[tuple[Value, str]] = field(default_factory=list)
    objects: dict[int, object] = field(default_factory=dict)
    unused: dict[int, list[str]] = field(default_factory=dict)
    waiting: list[tuple[object, dict[str, int]]] = field(default_factory=list)
    owners: dict[int, list[tuple[object, str]]] = field(default_factory=dict)


class Restoration:
    """Matches the objects of a program with those of a checkpoint.

    Attributes:
        file: the checkpoint.
        bound: the objects that were matched, by their numbers in the checkpoint.
        unused: names of values that objects here do not have, by the objects' numbers.
        expect_partial: whether nothing is said about what was not restored.
    """

    def __init__(self, file: CheckpointFile, graph: ObjectGraph):
        self.file, self.graph = file, graph
        self.number = restored.new_number()
        self.bound: dict[int, object] = {}
        self.unused: dict[int, list[str]] = {}
        self.expect_partial = False

    def restore(
        self, number: int, thing: object, children: Callable[[object], Mapping[str, object]] = children_of
    ) -> object:
        """Restore an object of the checkpoint and those that it holds into those of the program.

        Args:
            number: of the object in the checkpoint.
            thing: the one of the program.
            children: what an object holds.

        Returns `thing`, or a list or dict like it that restores what is added to it.

        Raises InvalidArgumentError for a value of another dtype or shape, DataLossError where the file is damaged; then
        no object has changed.
        """
        with tracing(None):  # also where a function that is traced makes the object
            plan = self._plan(number, thing, children)
            arrays = [self._checked(value, key) for value, key in plan.values]
            for (value, _), array in zip(plan.values, arrays, strict=True):
                value.set(array)
        for each in plan.objects.values():
            restored.note(each, self.number)
        self.unused |= plan.unused
        return self._await(plan, thing)

    def _plan(self, number: int, thing: object, children: Callable[[object], Mapping[str, object]]) -> _Plan:
        plan = _Plan()
        if not self._bind(plan, number, thing):
            return plan
        queue = deque([(number, thing)])
        while queue:
            number, thing = queue.popleft()
            self._plan_values(plan, number, thing)
            held, missing = children(thing), {}
            for name, child in self.graph.nodes[number].children.items():
                other = held.get(name)
                if other is not None and is_without_value(other):
                    plan.waiting.append((other, {VALUE: child}))
                elif other is not None:
                    is_new = self._bind(plan, child, other)
                    plan.owners.setdefault(id(other), []).append((thing, name))
                    if is_new:
                        queue.append((child, other))
                elif child in self.graph.with_values and child not in plan.bound and child not in self.bound:
                    missing[name] = child
            if missing:
                plan.waiting.append((thing, missing))
        return plan

    def _bind(self, plan: _Plan, number: int, thing: object) -> bool:
        """Match an object with one of the checkpoint, unless that was matched before."""
        found = plan.bound.get(number, self.bound.get(number))
        if found is None:
            plan.bound[number] = thing
            return True
        if found is not thing and values_of(thing):
            _log().warning(
                "%s: one object of the checkpoint, %s, is two here, of which the second one is not restored",
                self.file.path,
                self.graph.names[number],
            )
        return False

    def _plan_values(self, plan: _Plan, number: int, thing: object) -> None:
        saved = self.graph.nodes[number].values
        if not saved:
            return
        own = values_of(thing)
        if unused := [name for name in saved if name not in own]:
            plan.unused[number] = unused
        if own and restored.is_older(thing, self.number) and id(thing) not in plan.objects:
            plan.objects[id(thing)] = thing
            plan.values += [(own[name], key) for name, key in saved.items() if name in own]

    def _checked(self, value: Value, key: str) -> Any:
        if key not in self.file.shapes():
            raise DataLossError(f"{self.file.path}: the checkpoint is damaged: there is no {key}")
        array = self.file.read(key)
        try:
            value.check(array)
        except InvalidArgumentError as error:
            raise InvalidArgumentError(f"train.Checkpoint.restore: {self.file.path}: {key}: {error.message}") from None
        return array

    def _await(self, plan: _Plan, root: object) -> object:
        """Let objects wait for what is missing; returns the root, or what replaces it.

        A list or dict is replaced by one that notices what is added, where what holds it can be changed.
        """
        replaced: dict[int, object] = {}
        for thing, missing in plan.waiting:
            owners = plan.owners.get(id(thing), [])
            waits = thing
            if not can_wait(thing):
                waits = waiting_container(thing) if all(can_change(owner) for owner, _ in owners) else None
                replaced[id(thing)] = thing if waits is None else waits
            if waits is not None:
                await_under(waits, {name: Position(self, number) for name, number in missing.items()})
        for number, thing in plan.bound.items():
            self.bound[number] = replaced.get(id(thing), thing)
        for old, new in replaced.items():
            for owner, name in plan.owners.get(old, ()):
                put(replaced.get(id(owner), owner), name, new)
        return replaced.get(id(root), root)

    def __del__(self) -> None:
        if self.expect_partial or not hasattr(self, "unused"):
            return
        missing = [
            self.graph.names[number]
            for number, node in enumerate(self.graph.nodes)
            if node.values and (number not in self.bound or number in self.unused)
        ]
        if missing:
            _log().warning(
                "%s: there was no object for %s of the checkpoint: %s; `expect_partial()` of what `restore` returns "
                "silences this",
                self.file.path,
                count_of(missing, "value"),
                ", ".join(missing[:10]) + (", …" if len(missing) > 10 else ""),
            )


@dataclass(frozen=True)
class Position:
    """An object of a checkpoint that waits for one of the program."""

    restoration: Restoration
    number: int

    def restore(self, thing: object) -> object:
        """Restore it into an object; returns that, or a list or dict that replaces it."""
        return self.restoration.restore(self.number, thing)


def _log() -> logging.Logger:
    return logging.getLogger("stepwell")
