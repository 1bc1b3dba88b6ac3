"""`function`: a Python function compiled just in time, one trace for each kind of arguments."""

from __future__ import annotations

import functools
import inspect
import types
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload

import numpy as np
import optree

from ...compiler.frontend.autograph import convert
from ...compiler.frontend.tracing import modes
from ...compiler.frontend.tracing.explain import Explanation
from ...compiler.frontend.tracing.modes import IN_FORCE
from ...compiler.frontend.tracing.signature import CallKey, Parameters, leaf_names
from ...compiler.frontend.tracing.source import definition_location
from ...compiler.frontend.tracing.tracebacks import trim
from ...compiler.frontend.tracing.tracer import current_tracer
from ...compiler.frontend.values import recording
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.dtypes import is_tensor_dtype
from ...dialects.public import public
from ..engines import check_engine
from .concrete import ConcreteFunction
from .executed import EXECUTED
from .input_signature import InputSignature, Specs, refuse_specs, with_parts
from .trace_cache import RecursionRefusedError, TraceCache

if TYPE_CHECKING:
    from ..observe.profile import Profile

P = ParamSpec("P")
R = TypeVar("R")
Rest = ParamSpec("Rest")
Object = TypeVar("Object")

_eagerly = False
_NO_TENSORS = (None,)


def _not_yet(*args: object) -> object:
    """What is tried first by a function that has not been called."""
    return NotImplemented


def _is_plain() -> bool:
    """Whether a call in this thread just runs compiled code."""
    no_mode = not (_eagerly or recording.is_recording() or EXECUTED.traces is not None)
    no_mode = no_mode and recording.state.guard is None
    return no_mode and current_tracer() is None


@public("config")
def run_functions_eagerly(run_eagerly: bool) -> None:
    """Run every `function` as plain Python, to debug it; `False` compiles again."""
    global _eagerly
    modes.switch("eager", _eagerly, bool(run_eagerly))
    _eagerly = bool(run_eagerly)


@public("config")
def functions_run_eagerly() -> bool:
    """Whether functions run as plain Python."""
    return _eagerly


@public("types")
class Function(Generic[P, R]):
    """A Python function that is traced and compiled when called; made by `sw.function`.

    Attributes:
        engine: which engine runs it.
        input_signature: the specs of its arguments, if they were given.
    """

    engine: str
    input_signature: Specs | None

    def __init__(
        self,
        python_function: Callable[P, R],
        *,
        input_signature: Specs | None = None,
        autograph: bool = True,
        engine: str = "native",
        name: str | None = None,
        reduce_retracing: bool = True,
        instance: weakref.ref[object] | None = None,
    ):
        check_engine(engine)
        if not callable(python_function):
            raise TypeError(f"function: func: expected a function, got {python_function!r}")
        self.engine = engine
        self.input_signature = tuple(input_signature) if isinstance(input_signature, list) else input_signature
        self._python_function = python_function
        self._instance = instance
        self._autograph = autograph
        self._generalise = reduce_retracing
        self._name = name or getattr(python_function, "__name__", type(python_function).__name__)
        generalise = reduce_retracing and input_signature is None
        place = definition_location(python_function)
        self._traces = TraceCache(self._name, engine, generalise, self._body, place)
        self._direct: Callable[..., Any] = _not_yet
        self._bound: dict[int, tuple[weakref.ref[object], Function[..., R]]] = {}
        functools.update_wrapper(self, python_function)
        if instance is not None:
            self.__signature__ = _without_first(python_function)

    @property
    def python_function(self) -> Callable[P, R]:
        """The function as written; for a method, bound to its object."""
        if self._instance is None:
            return self._python_function
        instance = self._instance()
        if instance is None:
            raise ReferenceError(
                f"{self._name}: the object of this method no longer exists: a compiled method does not keep it alive"
            )
        return types.MethodType(self._python_function, instance)

    @functools.cached_property
    def _parameters(self) -> Parameters:
        return Parameters.of(self.python_function, self._name)

    @functools.cached_property
    def _signature(self) -> InputSignature | None:
        if self.input_signature is None:
            return None
        return InputSignature(self._name, self._parameters, self.input_signature)

    @overload
    def __get__(self, instance: None, owner: type) -> Function[P, R]: ...

    @overload
    def __get__(self: Function[Concatenate[Object, Rest], R], instance: Object, owner: type) -> Function[Rest, R]: ...

    def __get__(self, instance: object, owner: type) -> object:
        """The function as a method of `instance`, with traces of its own that go when the instance does."""
        if instance is None:
            return self
        found = self._bound.get(id(instance))
        return found[1] if found is not None else self._bind(instance)

    def _bind(self, instance: object) -> Function[..., R]:
        key, bound_methods = id(instance), self._bound
        try:
            reference = weakref.ref(instance, lambda _: bound_methods.pop(key, None))
        except TypeError:
            raise TypeError(
                f"{self._name}: a compiled method needs weak references to its object; give {type(instance).__name__} "
                "a '__weakref__' slot"
            ) from None
        bound = Function(
            self._python_function,
            input_signature=self.input_signature,
            autograph=self._autograph,
            engine=self.engine,
            name=self._name,
            reduce_retracing=self._generalise,
            instance=reference,
        )
        self._bound[key] = (reference, bound)
        return bound

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the compiled function, tracing it first when no trace fits the arguments."""
        try:
            if not kwargs and (not IN_FORCE or _is_plain()):
                results = self._direct(*args)
                if results is not NotImplemented:
                    return results
            return self._call(args, kwargs)
        except Exception as error:
            trim(error)
            raise

    def _call(self, args: Sequence[object], kwargs: dict[str, object]) -> Any:
        if _eagerly:
            python_function: Callable[..., R] = self.python_function
            return python_function(*args, **kwargs)
        concrete, tensors = self._for_call(args, kwargs)
        if not kwargs and _is_plain() and concrete.is_closed and not concrete.key.has_equal_sizes:
            self._remember(concrete, args, tensors)
        return concrete.output_plan.build(concrete.call(tensors))

    def _remember(self, concrete: ConcreteFunction, args: Sequence[object], tensors: Sequence[Tensor]) -> None:
        """Let the next call try this trace first, where the arguments are nothing but its tensors, in its order."""
        leaves, structure = _flattened(tuple(args))
        if len(leaves) != len(tensors) or any(leaf is not tensor for leaf, tensor in zip(leaves, tensors)):
            return
        direct = concrete.direct
        if direct is None:
            return
        are_leaves = len(args) == len(leaves) and all(arg is leaf for arg, leaf in zip(args, leaves))
        self._direct = direct if are_leaves else lambda *args: direct(*_leaves(args, structure))

    def get_concrete_function(self, *args: object, **kwargs: object) -> ConcreteFunction:
        """The trace for arguments like these; `TensorSpec`s represent tensors of any value."""
        try:
            if not args and not kwargs and self._signature is not None:
                args = self._signature.args
            concrete = self._concrete_for(with_parts(args), with_parts(kwargs))[0]
            concrete.parameters = self._parameters
            return concrete
        except Exception as error:
            trim(error)
            raise

    def pretty_printed_concrete_signatures(self, verbose: bool = True) -> str:
        """The types of the parameters, results and captures of each trace, as text."""
        del verbose
        texts = []
        for concrete in self._traces.concretes():
            concrete.parameters = self._parameters
            texts.append(concrete.pretty_printed_signature())
        return "\n\n".join(texts)

    def experimental_get_tracing_count(self) -> int:
        """How many traces were made."""
        return len(self._traces.events)

    @property
    def name(self) -> str:
        """The name of the function in the IR."""
        return self._name

    def explain(self) -> Explanation:
        """Why each trace was made: the argument that differed, where the call was, and what avoids it."""
        return Explanation(self._name, tuple(self._traces.events))

    def profile(self, *args: object, repeat: int | None = None, **kwargs: object) -> Profile:
        """How long each part of a call with these arguments takes, and which lines of the program it is.

        The function is compiled once more, with timers around what is left of its operations after fusion: loops, each
        of which may do what several operations say, calls and copies. Their times leave no gaps: they add up to that
        of the call. It runs several times, on copies of its Variables; prints, breakpoints and summaries are
        part of it.

        Args:
            args: the arguments, as of a call.
            repeat: how many calls to measure; by default as many as take a twentieth of a second.
            kwargs: arguments by name.

        Raises `UnsupportedError` on other engines than the native one, and on other CPUs than x86-64.
        """
        from ..observe.profile import profile  # loads the interpreter

        return profile(*self._for_call(args, kwargs), repeat)

    def _for_call(self, args: Sequence[object], kwargs: dict[str, object]) -> tuple[ConcreteFunction, list[Tensor]]:
        """The trace for a call, and the call's tensors; TypeError for a TensorSpec, which has no value to run on."""
        concrete, tensors = self._concrete_for(args, kwargs)
        if len(tensors) < len(concrete.specs):
            bound = optree.tree_leaves(self._parameters.bind(args, kwargs), none_is_leaf=True)  # pyright: ignore
            refuse_specs(self._name, leaf_names(concrete.key.structure), bound)
        return concrete, tensors

    def _concrete_for(self, args: Sequence[object], kwargs: dict[str, object]) -> tuple[ConcreteFunction, list[Tensor]]:
        given = self._parameters.bind(args, kwargs)
        wanted: Any = given
        if self._signature is not None:
            given, wanted = self._signature.convert(given)
        leaves, structure = optree.tree_flatten(given, none_is_leaf=True)  # pyright: ignore[reportArgumentType]
        leaves = [_leaf(self._name, leaf) for leaf in leaves]
        in_key = leaves if wanted is given else optree.tree_leaves(wanted, none_is_leaf=True)
        concrete = self._traces.find(self._traces.key(structure, in_key), leaves)
        return concrete, [leaf for leaf in leaves if isinstance(leaf, Tensor)]

    def _body(self, key: CallKey, values: Sequence[object]) -> object:
        arguments = cast("dict[str, object]", optree.tree_unflatten(key.structure, values))
        return self._parameters.call(_converted(self.python_function, self._autograph), arguments)

    def __repr__(self) -> str:
        return f"<function {self._name} for the {self.engine} engine, {len(self._traces.events)} traces>"


def _flattened(args: tuple[object, ...]) -> tuple[list[object], optree.PyTreeSpec]:
    return optree.tree_flatten(args, none_is_leaf=True)  # pyright: ignore[reportArgumentType]


def _leaves(args: tuple[object, ...], structure: optree.PyTreeSpec) -> Sequence[object]:
    """The leaves of arguments of that structure; of any others, what no trace takes."""
    leaves, found = _flattened(args)
    return leaves if found == structure else _NO_TENSORS


def _without_first(method: Callable[..., object]) -> inspect.Signature:
    """The signature of a method for those who call it on an object."""
    signature = inspect.signature(method)
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def _leaf(name: str, leaf: object) -> object:
    """Arrays become tensors; everything else stays."""
    if isinstance(leaf, np.ndarray) or (isinstance(leaf, np.generic) and is_tensor_dtype(leaf.dtype)):
        return as_tensor(leaf, name=f"{name}: argument")
    return leaf


def _converted(python_function: Callable[..., object], autograph: bool) -> Callable[..., object]:
    """The function with its control flow on tensors turned into ops."""
    if not autograph:
        return python_function
    return convert(python_function)


@overload
def function(
    func: Callable[P, R],
    input_signature: Specs | None = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = True,
    experimental_implements: str | None = None,
    experimental_autograph_options: object = None,
    experimental_attributes: object = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
    *,
    engine: str = "native",
    name: str | None = None,
) -> Function[P, R]: ...


@overload
def function(
    func: None = None,
    input_signature: Specs | None = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = True,
    experimental_implements: str | None = None,
    experimental_autograph_options: object = None,
    experimental_attributes: object = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
    *,
    engine: str = "native",
    name: str | None = None,
) -> Callable[[Callable[P, R]], Function[P, R]]: ...


@public(top=True)
def function(
    func: Callable[P, R] | None = None,
    input_signature: Specs | None = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = True,
    experimental_implements: str | None = None,
    experimental_autograph_options: object = None,
    experimental_attributes: object = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
    *,
    engine: str = "native",
    name: str | None = None,
) -> object:
    """Compile a Python function: a decorator, with or without arguments.

    Args:
        func: the function.
        input_signature: `TensorSpec`s for its arguments; it is then traced once, and other arguments are errors.
        autograph: whether `if`, `while`, `for`, `and`, `or`, `not` on tensors are compiled.
        jit_compile: accepted as in TensorFlow; functions are always compiled.
        reduce_retracing: whether a size that changes between calls is traced as a size of any value.
        experimental_implements: accepted as in TensorFlow; unused, as the next ones.
        experimental_autograph_options: unused.
        experimental_attributes: unused.
        experimental_relax_shapes: unused; see `reduce_retracing`.
        experimental_compile: unused.
        experimental_follow_type_hints: unused.
        engine: `"native"`, `"interpreter"` or `"onnx"`.
        name: its name in the IR; the Python name by default.

    Example:
        >>> import stepwell as sw
        >>> @sw.function
        ... def double(x):
        ...     return x + x
        >>> double(sw.constant(2.0)).numpy().item()
        4.0
    """
    del jit_compile, experimental_implements, experimental_autograph_options, experimental_attributes
    del experimental_relax_shapes, experimental_compile, experimental_follow_type_hints
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


__all__ = ["Function", "RecursionRefusedError", "function", "run_functions_eagerly"]
