"""Variables: Python objects that hold a tensor's worth of memory, changed only by assignment."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ....dialects import state
from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.public import public
from ....dialects.types import DTypeLike, dtype_named, tensor_type
from ..tracing.source import user_place
from ..tracing.tensor_shape import TensorShape, known_shape
from ..tracing.tracer import Tracer, current_tracer, tracing
from . import recording
from .dispatch import as_tensor, to_ssa
from .tensor import Operators, Tensor, TensorLike, TensorReference
from .text import variable_repr
from .writers import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xdsl.ir import Operation, SSAValue

    Compute: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]
    """The new value, given the old one and the one assigned."""


@public(top=True)
class Variable(Operators):
    """Memory that a program reads and assigns; garbage when the last reference to it goes.

    Args:
        initial_value: a tensor, array, number or list; or a function without arguments that returns one.
        trainable: whether tapes watch it and modules list it among their trainable variables.
        name: for people; need not be unique.
        dtype: the dtype to convert the initial value to.

    Inside a `function` it is updated in place. Its shape and dtype never change.

    Example:
        >>> import stepwell as sw
        >>> v = sw.Variable([1.0, 2.0])
        >>> v.assign_add([1.0, 1.0]).numpy().tolist()
        [2.0, 3.0]
    """

    __slots__ = ("__weakref__", "_memory", "_name", "_writer", "trainable")
    __array_priority__ = 100

    _name: str
    trainable: bool

    def __init__(
        self,
        initial_value: TensorLike | Callable[[], TensorLike],
        trainable: bool = True,
        name: str = "Variable",
        dtype: DTypeLike | None = None,
    ):
        tracer = current_tracer()
        with tracing(None):
            value = initial_value() if callable(initial_value) else initial_value
            tensor = as_tensor(value, dtype if not isinstance(value, Tensor) else None, "Variable: initial_value")
        if dtype is not None and tensor.dtype != (wanted := dtype_named(dtype, "Variable: dtype")):
            raise InvalidTypeError(f"Variable: initial_value has dtype {tensor.dtype.name}, expected {wanted.name}")
        if tensor.is_symbolic and tensor._deferred is None:
            tensor.require_trace("Variable")
            raise InvalidArgumentError(
                "Variable: initial_value is a symbolic tensor of a function's trace; "
                "pass a function that makes it (Variable(lambda: …)) or create the Variable outside of the function"
            )
        self._memory = np.array(tensor._concrete("Variable"))
        self._writer = Writer()
        self._name = name
        self.trainable = trainable
        if tracer is not None:
            tracer.created.append((self, user_place()))

    @classmethod
    def stand_in(cls, other: Variable) -> Variable:
        """A Variable like `other`, without memory, that represents all of its kind while a function is traced."""
        variable = object.__new__(cls)
        variable._memory = np.broadcast_to(np.zeros((), other.dtype), other._memory.shape)
        variable._writer = Writer()
        variable._name, variable.trainable = other._name, other.trainable
        return variable

    @property
    def name(self) -> str:
        """The name that it was made with, and `:0`, as TensorFlow has it."""
        return f"{self._name}:0"

    @property
    def dtype(self) -> np.dtype:
        """The numpy dtype of the elements."""
        return self._memory.dtype

    @property
    def shape(self) -> TensorShape:
        """The sizes."""
        return known_shape(self._memory.shape)

    def get_shape(self) -> TensorShape:
        """The sizes."""
        return known_shape(self._memory.shape)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._memory.ndim

    def read_value(self) -> Tensor:
        """The value now; later assignments do not change the tensor."""
        tracer = current_tracer()
        if tracer is None:
            value = Tensor(self._value_now())
        else:
            value = Tensor.symbolic(tracer.add(state.ReadOp(self._captured(tracer))).value, tracer)
        if recording.is_recording():
            recording.record_read(self, value)
        return value

    def value(self) -> Tensor:
        """The value now."""
        return self.read_value()

    __stepwell_tensor__ = read_value

    def numpy(self) -> np.ndarray[Any, np.dtype[Any]]:
        """The elements as a numpy array of the caller's own."""
        return self.read_value().numpy()

    def assign(self, value: TensorLike) -> Variable:
        """Replace the value. Returns the Variable. ValueError or TypeError for another shape or dtype."""
        return self._update("assign", value, state.AssignOp, lambda old, new: new)

    def assign_add(self, delta: TensorLike) -> Variable:
        """Add `delta` to the value."""
        return self._update("assign_add", delta, state.AssignAddOp, np.add)

    def assign_sub(self, delta: TensorLike) -> Variable:
        """Subtract `delta` from the value."""
        return self._update("assign_sub", delta, state.AssignSubOp, np.subtract)

    def _update(
        self, method: str, value: TensorLike, op: Callable[[SSAValue, SSAValue], Operation], compute: Compute
    ) -> Variable:
        what = f"Variable.{method}: value for {self._name!r}"
        tensor = as_tensor(value, self.dtype, what)
        if not _fits(tensor._sizes, self._memory.shape):
            raise InvalidArgumentError(f"{what}: expected shape {self.shape}, got {tensor.shape}")
        tracer = current_tracer()
        if tracer is None:
            self._replace(compute, tensor._concrete(what))
        else:
            tracer.add(op(self._captured(tracer), _as_type(tracer, to_ssa(tensor), self)))
        return self

    def _captured(self, tracer: Tracer) -> SSAValue:
        type_ = state.VariableType(tensor_type(self._memory.shape, self.dtype))
        return tracer.capture(self, type_, self._name)

    def _replace(self, compute: Compute, value: np.ndarray) -> None:
        """Compute the new value from the old one and `value`, while nobody else writes."""
        while True:
            writer = self._writer
            inside = writer.in_place and writer.is_held_here()
            with writer.lock:
                if self._writer is not writer:
                    continue
                with np.errstate(all="ignore"):
                    new = compute(self._memory, value)
                if inside:  # in a call that goes on with this memory
                    self._memory[...] = new
                else:
                    self._memory = np.array(new, dtype=self.dtype)
                return

    def _exchange(self, compute: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Compute the new value from the old one, while nobody else writes. Returns the old one."""
        before = self._memory

        def exchanged(old: np.ndarray, _: np.ndarray) -> np.ndarray:
            nonlocal before
            before = old.copy()
            return compute(old)

        self._replace(exchanged, before)
        return before

    def _value_now(self) -> np.ndarray:
        """The value between two writes, in memory that will not change."""
        while True:
            array, writer = self._memory, self._writer
            if not writer.in_place:
                return array
            if writer.is_held_here():
                return array.copy()
            if not writer.is_held_elsewhere():
                return array
            writer.wait()

    def ref(self) -> TensorReference[Variable]:
        """A hashable reference to this very Variable."""
        return TensorReference(self)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        return self.read_value().__array__(dtype, copy)

    def __bool__(self) -> bool:
        return bool(self.read_value())

    def __int__(self) -> int:
        return int(self.read_value())

    def __float__(self) -> float:
        return float(self.read_value())

    def __len__(self) -> int:
        return len(self.read_value())

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self.read_value())

    def __hash__(self) -> int:
        raise TypeError("a Variable is not hashable; use v.ref() as a key, or id(v)")

    def __repr__(self) -> str:
        return variable_repr(self)


class TraceVariable(Variable):
    """Memory of one trace, made while that is traced, which lives as long; a trace that inlines it has its own.

    Args:
        begin: returns the first value.
        name: for people.
    """

    __slots__ = ("_begin",)

    def __init__(self, begin: Callable[[], np.ndarray], name: str):
        with tracing(None):
            super().__init__(begin(), trainable=False, name=name)
        self._begin = begin
        key = id(self)
        _in_traces[key] = weakref.ref(self, lambda _: _in_traces.pop(key, None))

    def copy(self) -> TraceVariable:
        """Another one, with the first value."""
        return TraceVariable(self._begin, self.name)

    @staticmethod
    def begin_again() -> None:
        """Give all of them their first values."""
        with tracing(None):
            for reference in list(_in_traces.values()):
                variable = reference()
                if variable is not None:
                    variable.assign(variable._begin())


_in_traces: dict[int, weakref.ref[TraceVariable]] = {}


def _fits(given: tuple[int | None, ...], wanted: tuple[int, ...]) -> bool:
    return len(given) == len(wanted) and all(g is None or g == w for g, w in zip(given, wanted))


def _as_type(tracer: Tracer, value: SSAValue, variable: Variable) -> SSAValue:
    """`value` with the variable's static type; a dynamic size is checked when the program runs."""
    from xdsl.dialects import tensor

    type_ = tensor_type(variable.shape, variable.dtype)
    return value if value.type == type_ else tracer.add(tensor.CastOp(value, type_)).dest
