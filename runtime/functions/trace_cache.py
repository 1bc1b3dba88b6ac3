"""Which trace of a function serves which arguments: found, or made, and why it was made."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import optree
from xdsl.dialects.builtin import LocationAttr

from ...compiler.frontend.tracing.explain import TraceEvent, changes_between, nearest, too_many_traces
from ...compiler.frontend.tracing.signature import CallKey, LeafKey, ObjectKey, TensorSpec, ValueKey, VariableKey
from ...compiler.frontend.tracing.source import user_place
from ...compiler.frontend.tracing.tensor_shape import TensorShape
from ...compiler.frontend.values.tensor import Tensor
from ...compiler.frontend.values.variable import Variable
from ...dialects.diagnostics import InvalidArgumentError
from ...dialects.dtypes import DType
from ...dialects.locations import Place
from .concrete import ConcreteFunction
from .trace import trace

_log = logging.getLogger("stepwell")

_MANY_RETRACES = 5
"""After so many traces beside the first one a warning tells why, as TensorFlow's does."""

_BY_VALUE = (type(None), bool, int, float, complex, str, bytes, type, range, DType, TensorShape)


class RecursionRefusedError(RecursionError):
    """A function that is being traced called itself with the same kind of arguments."""


Body = Callable[[CallKey, Sequence[object]], object]
"""Runs the Python function, given what it is traced for and its flat arguments."""


@dataclass
class TraceCache:
    """The traces of one function.

    Attributes:
        name: the function's name in the IR.
        engine: which engine runs the traces.
        generalise: whether a size that changes is traced as a size of any value.
        body: the Python function.
        location: where that is defined.
        events: why each trace was made.
    """

    name: str
    engine: str
    generalise: bool
    body: Body
    location: LocationAttr
    events: list[TraceEvent] = field(default_factory=list)
    _concretes: dict[CallKey, ConcreteFunction] = field(default_factory=dict)
    _objects: dict[int, object] = field(default_factory=dict)
    _tracing: list[CallKey] = field(default_factory=list)
    _only_exact: set[CallKey] = field(default_factory=set)
    _lock: AbstractContextManager[object] = field(default_factory=threading.RLock)

    def key(self, structure: optree.PyTreeSpec, leaves: Sequence[object]) -> CallKey:
        """What a trace for these arguments depends on."""
        keys = [self._leaf_key(leaf) for leaf in leaves]
        first: dict[int, int] = {}
        for position, leaf in enumerate(leaves):
            if isinstance(leaf, Variable):
                here = first.setdefault(id(leaf), position)
                keys[position] = VariableKey(leaf._memory.shape, leaf.dtype, leaf.trainable, here)
        return CallKey(structure, tuple(keys))

    def _leaf_key(self, leaf: object) -> LeafKey:
        if isinstance(leaf, Tensor):
            return TensorSpec(leaf._sizes, leaf.dtype)
        if isinstance(leaf, TensorSpec):
            return leaf
        if isinstance(leaf, Variable):
            return VariableKey(leaf._memory.shape, leaf.dtype, leaf.trainable, 0)
        if isinstance(leaf, _BY_VALUE):
            return ValueKey(type(leaf), leaf)
        return self._object_key(leaf)

    def _object_key(self, leaf: object) -> ObjectKey:
        """A key by identity; when the object goes, so do the traces made for it."""
        number = id(leaf)
        if number not in self._objects:
            try:
                self._objects[number] = weakref.ref(leaf, lambda _: self._forget(number))
            except TypeError:
                self._objects[number] = leaf
        return ObjectKey(number, type(leaf).__name__)

    def _forget(self, number: int) -> None:
        self._objects.pop(number, None)
        for key in list(self._concretes):
            if any(isinstance(leaf, ObjectKey) and leaf.id == number for leaf in key.leaves):
                del self._concretes[key]

    def concretes(self) -> list[ConcreteFunction]:
        """The traces, each once, in the order in which they were made."""
        with self._lock:
            return list({id(concrete): concrete for concrete in self._concretes.values()}.values())

    def find(self, key: CallKey, leaves: Sequence[object]) -> ConcreteFunction:
        """The trace that serves `key`, made now if there is none, for the Variables among `leaves`."""
        variables = [leaf for leaf in leaves if isinstance(leaf, Variable)]
        with self._lock:
            concrete = self._find(key, leaves)
            if not variables or not any(isinstance(leaf, VariableKey) for leaf in key.leaves):
                return concrete
            if any(concrete.takes(variable) for variable in variables):
                return self._find(self._by_identity(key, leaves), leaves)
            return concrete.bound(variables)

    def _find(self, key: CallKey, leaves: Sequence[object]) -> ConcreteFunction:
        concrete = self._concretes.get(key)
        if concrete is None:
            concrete = self._find_or_trace(key, leaves)
            if concrete.is_closed:
                self._concretes[key] = concrete
        return concrete

    def _by_identity(self, key: CallKey, leaves: Sequence[object]) -> CallKey:
        """The key for just these Variables, of which the function takes one from around it as well."""
        keys = [
            self._object_key(leaf) if isinstance(leaf, Variable) else known
            for known, leaf in zip(key.leaves, leaves, strict=True)
        ]
        return CallKey(key.structure, tuple(keys))

    def _find_or_trace(self, key: CallKey, leaves: Sequence[object]) -> ConcreteFunction:
        for known, concrete in self._concretes.items():
            if known.covers(key):
                return concrete
        general = self._general_key(key)
        reason = "first call" if not self.events else "no earlier trace fits"
        if general is not None:
            try:
                return self._trace_general(general, key, leaves)
            except RecursionRefusedError:
                raise
            except Exception as error:
                self._only_exact.add(general)
                reason = f"a size changed, but the program does not work for any size: {_first_line(error)}"
        return self._trace(key, leaves, reason)

    def _trace_general(self, general: CallKey, key: CallKey, leaves: Sequence[object]) -> ConcreteFunction:
        concrete = self._trace(general, leaves, "a size changed: traced once more, for any size", asked=key)
        if concrete.is_closed:
            self._concretes[general] = concrete
        return concrete

    def _general_key(self, key: CallKey) -> CallKey | None:
        """The key for any size, when an earlier trace differs in sizes only."""
        if not self.generalise:
            return None
        for known in self._concretes:
            general = known.generalised(key)
            if general is not None and general not in self._only_exact:
                return general
        return None

    def _trace(
        self, key: CallKey, leaves: Sequence[object], reason: str, asked: CallKey | None = None
    ) -> ConcreteFunction:
        if any(isinstance(leaf, TensorSpec) and leaf.sizes is None for leaf in key.leaves):
            raise InvalidArgumentError(
                f"{self.name}: a TensorSpec of unknown rank is traced once for each rank, when it is called; "
                "give a tensor, or a TensorSpec of known rank"
            )
        if key in self._tracing:
            raise RecursionRefusedError(
                f"{self.name} calls itself while it is traced, at {user_place()}: a compiled function cannot recurse; "
                "use a loop, or give the recursion a Python value that ends it"
            )
        asked = asked or key
        before = nearest(self.events, asked)
        changes = changes_between(before.key, asked) if before else ()
        event = TraceEvent(reason, changes, key, user_place())
        self._tracing.append(key)
        try:
            concrete = self._traced(key, leaves)
        finally:
            self._tracing.pop()
        self.events.append(event)
        if len(self.events) == 1 + _MANY_RETRACES:
            _log.warning(too_many_traces(self.name, event, len(self.events)))
        return concrete

    def _traced(self, key: CallKey, leaves: Sequence[object]) -> ConcreteFunction:
        """The trace. Variables may be made in the first one only, which is then made again and must use them."""
        concrete, created = self._run(key, leaves)
        if created and not self.events:
            concrete, created = self._run(key, leaves)
        if created:
            variable, place = created[0]
            raise ValueError(
                f"{self.name}: the Variable {variable._name!r} is created at {place} each time that the function is "
                "traced; create it once, outside of the function or guarded by `if self.v is None`"
            )
        return concrete

    def _run(
        self, key: CallKey, leaves: Sequence[object]
    ) -> tuple[ConcreteFunction, Sequence[tuple[Variable, Place | None]]]:
        return trace(self.name, key, lambda values: self.body(key, values), leaves, self.engine, self.location)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
