"""`function`: a Python function compiled just in time, one trace for each kind of arguments."""

from __future__ import annotations

import functools
import inspect
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import optree

from ..compiler.frontend.explain import Explanation, TraceEvent, changes_between, nearest
from ..compiler.frontend.signature import CallKey, LeafKey, ObjectKey, Parameters, TensorSpec, ValueKey
from ..compiler.frontend.source import user_place
from ..compiler.frontend.tracer import current_tracer
from . import tape
from .concrete import ConcreteFunction, check_spec, trace
from .engines import check_engine
from .tensor import Tensor
from .variable import Variable

_eagerly = False


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Run every `function` as plain Python, to debug it; `False` compiles again."""
    global _eagerly
    _eagerly = run_eagerly


class RecursionRefusedError(RecursionError):
    """A function that is being traced called itself with the same kind of arguments."""


class Function:
    """A Python function that is traced and compiled when called; made by `sw.function`.

    Attributes:
        python_function: the function as written.
        engine: which engine runs it.
        input_signature: the specs of its arguments, if they were given.
    """

    def __init__(
        self,
        python_function: Callable[..., Any],
        *,
        input_signature: Any = None,
        autograph: bool = True,
        engine: str = "native",
        name: str | None = None,
        reduce_retracing: bool = True,
    ):
        check_engine(engine)
        self.python_function = python_function
        self.engine = engine
        self.input_signature = input_signature
        self._autograph = autograph
        self._generalise = reduce_retracing
        self._name = name or getattr(python_function, "__name__", "function")
        self._lock = threading.RLock()
        self._concretes: dict[CallKey, ConcreteFunction] = {}
        self._last: ConcreteFunction | None = None
        self._events: list[TraceEvent] = []
        self._tracing: list[CallKey] = []
        self._bound: weakref.WeakKeyDictionary[Any, Function] = weakref.WeakKeyDictionary()
        self._objects: dict[int, Any] = {}
        functools.update_wrapper(self, python_function)

    @functools.cached_property
    def _parameters(self) -> Parameters:
        return Parameters.of(self.python_function, self._name)

    def __get__(self, instance: Any, owner: type) -> Any:
        """The function as a method of `instance`, with traces of its own that go when the instance does."""
        if instance is None:
            return self
        try:
            bound = self._bound.get(instance)
        except TypeError:
            bound = instance.__dict__.get(("function", id(self)))
        if bound is None:
            bound = self._bind(instance)
        return bound

    def _bind(self, instance: Any) -> Function:
        reference = weakref.ref(instance)
        python_function = self.python_function

        @functools.wraps(python_function)
        def method(*args: Any, **kwargs: Any) -> Any:
            return _converted(python_function, self._autograph)(reference(), *args, **kwargs)

        signature = inspect.signature(python_function)
        method.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])  # pyright: ignore
        bound = Function(
            method,
            input_signature=self.input_signature,
            autograph=False,
            engine=self.engine,
            name=self._name,
            reduce_retracing=self._generalise,
        )
        try:
            self._bound[instance] = bound
        except TypeError:
            instance.__dict__["function", id(self)] = bound
        return bound

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the compiled function, tracing it first when no trace fits the arguments."""
        last = self._last
        if last is not None and not (kwargs or _eagerly or tape.is_recording()) and current_tracer() is None:
            results = last.try_run(args)
            if results is not NotImplemented:
                return results
        return self._call(args, kwargs)

    def _call(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        if _eagerly:
            return self.python_function(*args, **kwargs)
        concrete, tensors = self._concrete_for(args, kwargs)
        if not kwargs and len(tensors) == len(args) and all(a is t for a, t in zip(args, tensors)):
            self._last = concrete
        return concrete.outputs.build(concrete.call(tensors))

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> ConcreteFunction:
        """The trace for arguments like these; `TensorSpec`s stand for tensors of any value."""
        if not args and not kwargs and self.input_signature is not None:
            args = tuple(self.input_signature)
        return self._concrete_for(args, kwargs)[0]

    def explain(self) -> Explanation:
        """Why each trace was made: the argument that differed, where the call was, and what avoids it."""
        return Explanation(self._name, tuple(self._events))

    def _concrete_for(self, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[ConcreteFunction, list[Tensor]]:
        arguments = self._parameters.bind(args, kwargs)
        if self.input_signature is not None:
            arguments = self._as_signature(arguments)
        leaves, structure = optree.tree_flatten(arguments, none_is_leaf=True)
        leaves = [_leaf(leaf) for leaf in leaves]
        key = CallKey(structure, tuple(self._leaf_key(leaf) for leaf in leaves))
        if self.input_signature is not None:
            key = self._signature_key(key)
        with self._lock:
            concrete = self._concretes.get(key)
            if concrete is None:
                concrete = self._concretes[key] = self._find_or_trace(key, leaves)
        return concrete, [leaf for leaf in leaves if isinstance(leaf, Tensor)]

    def _as_signature(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments converted and checked against `input_signature`."""
        names = list(arguments)
        if len(self.input_signature) != len(names):
            raise TypeError(
                f"{self._name}: input_signature has {len(self.input_signature)} entries for {len(names)} parameters"
            )

        def check(path: tuple[Any, ...], spec: Any, value: Any) -> Any:
            if not isinstance(spec, TensorSpec) or isinstance(value, TensorSpec):
                return value
            return check_spec(self._name, str(names[path[0]]), spec, value)

        wanted = tuple(self.input_signature)
        given = tuple(arguments.values())
        try:
            checked = optree.tree_map_with_path(check, wanted, given)
        except ValueError as error:
            if "argument" in str(error):
                raise
            raise TypeError(f"{self._name}: the arguments do not have the structure of input_signature") from None
        return dict(zip(names, checked))

    def _signature_key(self, key: CallKey) -> CallKey:
        """The one key that a function with an input signature has."""
        specs = [s for s in optree.tree_leaves(tuple(self.input_signature)) if isinstance(s, TensorSpec)]
        remaining = iter(specs)
        leaves = tuple(next(remaining) if isinstance(leaf, TensorSpec) else leaf for leaf in key.leaves)
        return CallKey(key.structure, leaves)

    def _leaf_key(self, leaf: Any) -> LeafKey:
        if isinstance(leaf, Tensor):
            return TensorSpec(leaf.shape, leaf.dtype)
        if isinstance(leaf, TensorSpec):
            return leaf
        if leaf is None or isinstance(leaf, bool | int | float | complex | str | bytes | type):
            return ValueKey(type(leaf), leaf)
        return self._object_key(leaf)

    def _object_key(self, leaf: Any) -> ObjectKey:
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
        gone = [
            key
            for key in self._concretes
            if any(isinstance(leaf, ObjectKey) and leaf.id == number for leaf in key.leaves)
        ]
        for key in gone:
            del self._concretes[key]
        self._last = None

    def _find_or_trace(self, key: CallKey, leaves: Sequence[Any]) -> ConcreteFunction:
        for known, concrete in self._concretes.items():
            if known.covers(key):
                return concrete
        general = self._general_key(key)
        if general is not None:
            concrete = self._trace(general, leaves, "a size changed: traced once more, for any size", asked=key)
            self._concretes[general] = concrete
            return concrete
        return self._trace(key, leaves, "first call" if not self._events else "no earlier trace fits")

    def _general_key(self, key: CallKey) -> CallKey | None:
        """The key for any size, when an earlier trace differs in sizes only."""
        if not self._generalise or self.input_signature is not None:
            return None
        for known in self._concretes:
            general = known.generalised(key)
            if general is not None:
                return general
        return None

    def _trace(
        self, key: CallKey, leaves: Sequence[Any], reason: str, asked: CallKey | None = None
    ) -> ConcreteFunction:
        if key in self._tracing:
            raise RecursionRefusedError(
                f"{self._name} calls itself while it is traced, at {user_place()}: a compiled function cannot recurse; "
                "use a loop, or give the recursion a Python value that ends it"
            )
        asked = asked or key
        before = nearest(self._events, asked)
        changes = changes_between(before.key, asked) if before else ()
        event = TraceEvent(reason, changes, key, user_place())
        self._tracing.append(key)
        try:
            first = not self._events
            concrete = trace(self._name, key, lambda values: self._body(key, values), leaves, self.engine)
        finally:
            self._tracing.pop()
        if concrete._owned and not first:
            raise ValueError(
                f"{self._name}: a Variable is created on a call after the first; create it once, outside of the "
                "function or guarded by `if self.v is None`"
            )
        self._events.append(event)
        return concrete

    def _body(self, key: CallKey, values: Sequence[Any]) -> Any:
        arguments = optree.tree_unflatten(key.structure, values)
        return self._parameters.call(_converted(self.python_function, self._autograph), arguments)

    def __repr__(self) -> str:
        return f"<function {self._name} for the {self.engine} engine, {len(self._events)} traces>"


def _leaf(leaf: Any) -> Any:
    """Arrays become tensors; everything else stays."""
    if isinstance(leaf, np.ndarray | np.generic) and leaf.dtype.kind in "biuf":
        return Tensor(np.array(leaf))
    if isinstance(leaf, Variable | Tensor | TensorSpec):
        return leaf
    return leaf


def _converted(python_function: Callable[..., Any], autograph: bool) -> Callable[..., Any]:
    """The function with its control flow on tensors turned into ops."""
    if not autograph:
        return python_function
    from ..compiler.frontend.autograph import convert

    return convert(python_function)


def function(
    func: Callable[..., Any] | None = None,
    input_signature: Any = None,
    autograph: bool = True,
    engine: str = "native",
    name: str | None = None,
    reduce_retracing: bool = True,
) -> Any:
    """Compile a Python function: a decorator, with or without arguments.

    Args:
        func: the function.
        input_signature: `TensorSpec`s for its arguments; it is then traced once, and other arguments are errors.
        autograph: whether `if`, `while`, `for`, `and`, `or`, `not` on tensors are compiled.
        engine: `"native"`, `"interpreter"` or `"onnx"`.
        name: its name in the IR; the Python name by default.
        reduce_retracing: whether a size that changes between calls is traced as a size of any value.

    Example:
        >>> import stepwell as sw
        >>> @sw.function
        ... def double(x):
        ...     return x + x
        >>> double(sw.constant(2.0)).numpy().item()
        4.0
    """
    if func is None:
        return functools.partial(
            function,
            input_signature=input_signature,
            autograph=autograph,
            engine=engine,
            name=name,
            reduce_retracing=reduce_retracing,
        )
    return Function(
        func,
        input_signature=input_signature,
        autograph=autograph,
        engine=engine,
        name=name,
        reduce_retracing=reduce_retracing,
    )
