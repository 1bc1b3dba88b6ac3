"""`custom_gradient`, `recompute_grad`: functions that come with a gradient of their own."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.gradient import CustomOp, YieldOp
from ....dialects.hl.rules.functions import Value
from ....dialects.public import public
from ..ops import namespace
from ..tracing.conversion import convert_inside
from ..tracing.tracer import Tracer, current_tracer
from ..values import nest
from ..values.dispatch import as_tensor, from_ssa, to_ssa
from ..values.recording import record, record_on, state, stop_recording
from ..values.tensor import Tensor, is_tensor
from ..values.variable import Variable, represented_by
from .tape import GradientTape

P = ParamSpec("P")
R = TypeVar("R")


class _Watcher:
    """A tape that only notes which Variables are read."""

    watch_accessed_variables = True

    def __init__(self) -> None:
        self.variables: list[Variable] = []

    def follows(self, thing: Value) -> bool:
        """No: it records no operations."""
        return False

    def follow(self, thing: Value) -> None:
        """Note a Variable."""
        if isinstance(thing, Variable) and not any(thing is known for known in self.variables):
            self.variables.append(thing)

    def record(self, inputs: Sequence[Value], outputs: Sequence[Value], backward: object, name: str) -> None:
        """Nothing."""


@contextmanager
def _watching() -> Iterator[_Watcher]:
    watcher = _Watcher()
    record_on([*state.tapes, watcher])
    try:
        yield watcher
    finally:
        record_on([tape for tape in state.tapes if tape is not watcher])


@dataclass(frozen=True)
class _Rule:
    """The gradient that a call of a function came with.

    Attributes:
        name: of the function.
        function: the user's, given the gradients of the results.
        arguments: how many values the arguments hold.
        positions: which of these are tensors.
        variables: Variables that the function read.
    """

    name: str
    function: Callable[..., object]
    arguments: int
    positions: Sequence[int]
    variables: Sequence[Variable]

    def __call__(self, _: object, *grads: Tensor) -> list[Any]:
        """The gradients of the tensors among the arguments, then of the Variables."""
        if self.variables:
            given = self.function(*grads, variables=list(self.variables))
            if not isinstance(given, tuple | list) or len(given) != 2:
                raise InvalidArgumentError(
                    f"{self._what}: expected (gradients of arguments, of variables), got {given!r}"
                )
            of_arguments, of_variables = given
            of_variables = list(of_variables) if isinstance(of_variables, list | tuple) else [of_variables]
            if len(of_variables) != len(self.variables):
                raise InvalidArgumentError(
                    f"{self._what}: expected a gradient for each of {len(self.variables)} variables, "
                    f"got {len(of_variables)}"
                )
        else:
            of_arguments, of_variables = self.function(*grads), []
        found = nest.flatten(of_arguments)
        if len(found) != self.arguments:
            raise InvalidArgumentError(f"{self._what}: expected {self.arguments} gradients, got {len(found)}")
        return [
            None if grad is None else as_tensor(grad, name=self._what)
            for grad in [*(found[position] for position in self.positions), *of_variables]
        ]

    @property
    def _what(self) -> str:
        return f"custom_gradient: the gradient function of {self.name}"


@public(top=True)
def custom_gradient(f: Callable[P, tuple[R, Callable[..., object]]]) -> Callable[P, R]:
    """Make a function's gradient what it says itself: a decorator.

    Args:
        f: returns a pair: its result, a tensor or a structure of them, and a function that is given the gradient of
            each tensor of the result and returns that of each tensor among the arguments, None for no gradient. If `f`
            reads trainable Variables which are no arguments, that function also gets `variables=`, a list of them, and
            returns two lists, the second with their gradients.

    What the gradient function computes is differentiated for second derivatives. In a compiled function it is traced
    together with `f`.

    Example:
        >>> import stepwell as sw
        >>> @sw.custom_gradient
        ... def log1pexp(x):
        ...     e = sw.exp(x)
        ...     return sw.math.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))
        >>> x = sw.constant(100.0)
        >>> with sw.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = log1pexp(x)
        >>> float(tape.gradient(y, x))
        1.0
    """
    name = getattr(f, "__name__", type(f).__name__)

    @functools.wraps(f)
    def decorated(*args: P.args, **kwargs: P.kwargs) -> R:
        with _watching() as watcher:
            given = convert_inside(f)(*args, **kwargs)
        if not isinstance(given, tuple | list) or len(given) != 2 or not callable(given[1]):
            raise InvalidTypeError(f"custom_gradient: {name}: expected (result, gradient function), got {given!r}")
        result, function = given
        flat = nest.flatten(args)
        own = [represented_by(value) for value in [*flat, *nest.flatten(kwargs)]]
        variables = [v for v in watcher.variables if not any(v is each for each in own)]
        if variables and not _takes_variables(function):
            raise InvalidTypeError(
                f"custom_gradient: the gradient function of {name}: expected a parameter 'variables', "
                f"since {name} reads {', '.join(v.name for v in variables)}"
            )
        positions = [position for position, value in enumerate(flat) if _may_have_gradient(value)]
        inputs = [as_tensor(value) for value in [*(flat[position] for position in positions), *variables]]
        rule = _Rule(name, function, len(flat), positions, variables)
        return nest.pack_sequence_as(result, _recorded(rule, inputs, nest.flatten(result)))

    return decorated


def _may_have_gradient(value: object) -> bool:
    return is_tensor(value) or hasattr(value, "__array__")


def _takes_variables(function: Callable[..., object]) -> bool:
    parameters = inspect.signature(function).parameters
    return "variables" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _recorded(rule: _Rule, inputs: Sequence[Tensor], results: Sequence[object]) -> list[Tensor]:
    """The results as tensors of their own, which tapes know to be computed from `inputs` by this rule."""
    values = [as_tensor(result, name=f"custom_gradient: the result of {rule.name}") for result in results]
    tracer = current_tracer()
    if tracer is not None and any(tensor.is_symbolic for tensor in [*inputs, *values]):
        outputs = _staged(tracer, rule, inputs, values)
    else:
        outputs = [Tensor(value._concrete("custom_gradient")) for value in values]
        if tracer is not None:
            tracer.lineage.append((inputs, outputs, rule, rule.name))
    record(inputs, outputs, rule, rule.name)
    return outputs


def _staged(tracer: Tracer, rule: _Rule, inputs: Sequence[Tensor], values: Sequence[Tensor]) -> list[Tensor]:
    """The results of an op that has the traced gradient function as its region."""
    refusal = None
    connected: list[int] = []
    types = [to_ssa(value).type for value in values]
    with tracer.region(types) as block, stop_recording():
        try:
            grads = rule(namespace(), *[from_ssa(argument) for argument in block.args])
            connected = [i for i, grad in enumerate(grads) if grad is not None and inputs[i].dtype.is_floating]
            yielded = [to_ssa(grads[i]) for i in connected]
            tracer.add(YieldOp(*yielded))
        except Exception as error:
            refusal = f"the gradient function of {rule.name} raised {type(error).__name__}: {error}"
    if refusal is not None:
        connected = []
        with tracer.region(types) as block:
            tracer.add(YieldOp())
    ssa = [to_ssa(value) for value in values]
    op = tracer.add(CustomOp(rule.name, ssa, [to_ssa(tensor) for tensor in inputs], block, connected, refusal))
    return [from_ssa(result) for result in op.res]


@public(top=True)
def recompute_grad(f: Callable[P, R]) -> Callable[P, R]:
    """Make a function compute what its gradient needs again, instead of keeping it: a decorator.

    It takes less memory, and the time of one more call. Arguments by name are constants.

    Example:
        >>> import stepwell as sw
        >>> x = sw.constant(3.0)
        >>> with sw.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = sw.recompute_grad(lambda x: x * x * x)(x)
        >>> float(tape.gradient(y, x))
        27.0
    """

    @functools.wraps(f)
    def inner(*args: Any, **kwargs: Any) -> tuple[R, Callable[..., object]]:
        with _kept_out():
            result = f(*args, **kwargs)

        def grad(*dresult: Tensor, variables: Sequence[Variable] = ()) -> Any:
            with GradientTape() as tape:
                again = nest.map_structure(_identity, args)
                tape.watch([each for each in nest.flatten(again) if isinstance(each, Tensor)])
                tape.watch(list(variables))
                results = nest.flatten(f(*again, **kwargs))
            sources = [each if isinstance(each, Tensor) else None for each in nest.flatten(again)]
            wanted = [*(each for each in sources if each is not None), *variables]
            found = iter(tape.gradient(results, wanted, list(dresult), "zero"))
            of_arguments = [None if each is None else next(found) for each in sources]
            return (of_arguments, list(found)) if variables else of_arguments

        return result, grad

    return custom_gradient(inner)  # pyright: ignore[reportArgumentType, reportReturnType]


@contextmanager
def _kept_out() -> Iterator[None]:
    """Tapes do not record; which Variables are read is still noted."""
    saved = state.tapes
    record_on([tape for tape in saved if isinstance(tape, _Watcher)])
    try:
        yield
    finally:
        record_on(saved)


def _identity(value: object) -> object:
    """A tensor of its own with the same elements; what is no tensor as it is."""
    if not _may_have_gradient(value):
        return value
    tensor = as_tensor(value)
    rule = _Rule("identity", lambda grad: grad, 1, (0,), ())
    return _recorded(rule, [tensor], [tensor])[0]
