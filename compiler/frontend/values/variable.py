"""Variables: Python objects that hold a tensor's worth of memory, changed only by assignment."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ....dialects import debug, state
from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import INT64, DType, DTypeLike, dtype_named, dtype_of
from ....dialects.hl.comparison import EqualOp
from ....dialects.hl.shape import DimOp
from ....dialects.public import public
from ....dialects.types import tensor_type, zeros
from ..tracing.name_scopes import scope_prefix
from ..tracing.source import user_place
from ..tracing.tensor_shape import TensorShape, known_shape
from ..tracing.tracer import Tracer, current_tracer, tracing
from . import recording
from .dispatch import apply, as_tensor, to_ssa
from .tensor import Operators, Tensor, TensorLike, TensorReference, is_tensor
from .text import CPU_NAME, variable_repr
from .variable_options import Updates, VariableAggregation, VariableOptions, VariableSynchronization
from .writers import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from xdsl.ir import Operation, SSAValue

    Compute: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]
    """The new value, given the old one and the one assigned."""


@public(top=True)
class Variable(Operators, Updates):
    """Memory that a program reads and assigns; garbage when the last reference to it goes.

    Args:
        initial_value: a tensor, array, number or list; or a function without arguments that returns one.
        trainable: whether tapes watch it and modules list it among their trainable variables; None is True.
        validate_shape: accepted as in TensorFlow; the shape of the initial value is always known.
        caching_device: accepted as in TensorFlow; unused.
        name: for people; need not be unique. Name scopes precede it.
        variable_def: accepted as in TensorFlow; unused.
        dtype: the dtype to convert the initial value to.
        import_scope: accepted as in TensorFlow; unused.
        constraint: a function that optimizers call on the value; kept as an attribute.
        synchronization: kept as an attribute.
        aggregation: kept as an attribute.
        shape: a shape that the initial value must fit. Sizes that it does not have, and its rank, may be changed by
            assignments, but not by those of a compiled function.
        experimental_enable_variable_lifting: accepted as in TensorFlow; unused.

    Inside a `function` it is updated in place. Its dtype never changes.

    Raises ValueError for an initial value that is none or does not fit, TypeError for one of another dtype.

    Example:
        >>> import stepwell as sw
        >>> v = sw.Variable([1.0, 2.0])
        >>> v.assign_add([1.0, 1.0]).numpy().tolist()
        [2.0, 3.0]
    """

    __slots__ = ("__weakref__", "_memory", "_name", "_options", "_varying", "_writer", "trainable")
    __array_priority__ = 100

    _name: str
    _varying: TensorShape | None
    """The shape, if sizes of it may change."""
    trainable: bool

    def __init__(
        self,
        initial_value: TensorLike | Callable[[], TensorLike] | None = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: object = None,
        name: str | None = None,
        variable_def: object = None,
        dtype: DTypeLike | None = None,
        import_scope: object = None,
        constraint: Callable[[Tensor], Tensor] | None = None,
        synchronization: VariableSynchronization = VariableSynchronization.AUTO,
        aggregation: VariableAggregation = VariableAggregation.NONE,
        shape: object = None,
        experimental_enable_variable_lifting: bool = True,
    ):
        del validate_shape, caching_device, variable_def, import_scope, experimental_enable_variable_lifting
        if initial_value is None:
            raise InvalidTypeError("Variable: initial_value: expected a value or a function that returns one, got None")
        tracer = current_tracer()
        with tracing(None):
            value = initial_value() if callable(initial_value) else initial_value
            tensor = as_tensor(value, dtype if not isinstance(value, Tensor) else None, "Variable: initial_value")
        if dtype is not None and tensor.dtype != (wanted := dtype_named(dtype, "Variable: dtype")):
            raise InvalidTypeError(f"Variable: initial_value has dtype {tensor.dtype.name}, expected {wanted.name}")
        tensor = _known(tensor)
        if shape is not None and not tensor.shape.is_compatible_with(shape):
            raise InvalidArgumentError(f"Variable: initial_value: expected shape {shape}, got {tensor.shape}")
        self._memory = np.array(tensor._concrete("Variable"))
        self._writer = Writer()
        self._name = scope_prefix() + ("Variable" if name is None else name)
        varying = TensorShape(tensor.shape if shape is None else shape)
        self._varying = None if varying.is_fully_defined() else varying
        self._options = VariableOptions(constraint, synchronization, aggregation)
        self.trainable = trainable is None or bool(trainable)
        if tracer is not None:
            tracer.created.append((self, user_place()))

    @classmethod
    def stand_in(cls, other: Variable) -> Variable:
        """A Variable like `other`, without memory, that represents all of its kind while a function is traced."""
        variable = object.__new__(cls)
        variable._memory = np.broadcast_to(zeros((), other.dtype), other._memory.shape)
        variable._writer = Writer()
        variable._name, variable.trainable, variable._options = other._name, other.trainable, other._options
        variable._varying = other._varying
        return variable

    @property
    def name(self) -> str:
        """The name that it was made with, and `:0`, as TensorFlow has it."""
        return f"{self._name}:0"

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return dtype_of(self._memory)

    @property
    def shape(self) -> TensorShape:
        """The sizes; None for those that may change."""
        return known_shape(self._memory.shape) if self._varying is None else self._varying

    def get_shape(self) -> TensorShape:
        """The sizes; None for those that may change."""
        return self.shape

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._memory.ndim

    @property
    def constraint(self) -> Callable[[Tensor], Tensor] | None:
        """The function that was given for optimizers to call on the value."""
        return self._options.constraint

    @property
    def synchronization(self) -> VariableSynchronization:
        """How copies of the Variable would be kept equal; there is one."""
        return self._options.synchronization

    @property
    def aggregation(self) -> VariableAggregation:
        """How values of copies of the Variable would be combined; there is one."""
        return self._options.aggregation

    @property
    def device(self) -> str:
        """The name of the CPU."""
        return CPU_NAME

    @property
    def initializer(self) -> None:
        """None: it has its value since it was made."""

    def is_initialized(self, name: str | None = None) -> Tensor:
        """True: it has its value since it was made."""
        del name
        return as_tensor(True)

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

    def assign(
        self, value: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Replace the value. ValueError or TypeError for another shape or dtype.

        Args:
            value: the new value.
            use_locking: accepted as in TensorFlow; assignments are always locked.
            name: accepted as in TensorFlow; unused.
            read_value: whether the Variable is returned, rather than None.
        """
        del use_locking, name
        self._update("assign", value, state.AssignOp, lambda old, new: new)
        return self if read_value else None  # pyright: ignore[reportReturnType]

    def assign_add(
        self, delta: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Add `delta` to the value; see `assign`."""
        del use_locking, name
        self._update("assign_add", delta, state.AssignAddOp, np.add)
        return self if read_value else None  # pyright: ignore[reportReturnType]

    def assign_sub(
        self, delta: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Subtract `delta` from the value; see `assign`."""
        del use_locking, name
        self._update("assign_sub", delta, state.AssignSubOp, np.subtract)
        return self if read_value else None  # pyright: ignore[reportReturnType]

    def _update(
        self, method: str, value: TensorLike, op: Callable[[SSAValue, SSAValue], Operation], compute: Compute
    ) -> None:
        what = f"Variable.{method}: value for {self._name!r}"
        tensor = as_tensor(value, self.dtype, what)
        if self.dtype.is_string and op is not state.AssignOp:
            raise InvalidTypeError(f"{what}: expected a number, got strings")
        fixed = self._varying is None or op is not state.AssignOp
        fits = _fits(tensor._sizes, self._memory.shape) if fixed else tensor.shape.is_compatible_with(self.shape)
        if not fits:
            raise InvalidArgumentError(f"{what}: expected shape {self.shape}, got {tensor.shape}")
        tracer = current_tracer()
        if tracer is None:
            self._replace(compute, tensor._concrete(what))
        else:
            if self._varying is not None:
                self._check_sizes(what, tracer, tensor)
            tracer.add(op(self._captured(tracer), _as_type(tracer, to_ssa(tensor), self)))

    def _check_sizes(self, what: str, tracer: Tracer, value: Tensor) -> None:
        """Check, when the function runs, that the sizes stay what they are."""
        if value.ndim != self._memory.ndim:
            raise InvalidArgumentError(f"{what}: a function cannot change the rank, from {self._memory.ndim}")
        now = self.read_value()
        for axis in range(value.ndim):
            sizes = [apply(DimOp, each, axis=axis, dtype=INT64) for each in (now, value)]
            text = f"{what}: a function cannot change the size of axis {axis}, from {{0}} to {{1}}"
            same = to_ssa(apply(EqualOp, *sizes))
            tracer.add(debug.AssertOp(same, text, [to_ssa(size) for size in sizes]))

    def set_shape(self, shape: object) -> None:
        """Raise ValueError unless the shape is, or can be, that of the Variable."""
        self.shape.merge_with(shape)

    def _captured(self, tracer: Tracer) -> SSAValue:
        type_ = state.VariableType(tensor_type(traced_sizes(self), self.dtype))
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


def represented_by(value: object) -> object:
    """The tensor or Variable that an object of another library represents; anything else as it is."""
    while is_tensor(value) and not isinstance(value, Tensor | Variable):
        value = value.__stepwell_tensor__()
    return value


def _known(tensor: Tensor) -> Tensor:
    """An initial value; of a value of a trace what it is in the call that is traced."""
    if tensor._ssa is None or tensor._deferred is not None:
        return tensor
    tensor.require_trace("Variable")
    evaluator = tensor._tracer.evaluate if tensor._tracer is not None else None
    array = None if evaluator is None else evaluator(tensor._ssa)
    if array is None:
        raise InvalidArgumentError(
            "Variable: initial_value is a symbolic tensor of a function's trace; "
            "pass a function that makes it (Variable(lambda: …)) or create the Variable outside of the function"
        )
    return Tensor(array)


def _fits(given: tuple[int | None, ...], wanted: tuple[int, ...]) -> bool:
    return len(given) == len(wanted) and all(g is None or g == w for g, w in zip(given, wanted))


def traced_sizes(variable: Variable) -> Sequence[int | None]:
    """The sizes that a trace may rely on."""
    memory, varying = variable._memory.shape, variable._varying
    if varying is None:
        return memory
    return varying if varying.rank is not None else (None,) * len(memory)


def _as_type(tracer: Tracer, value: SSAValue, variable: Variable) -> SSAValue:
    """`value` with the variable's static type; a dynamic size is checked when the program runs."""
    from xdsl.dialects import tensor

    type_ = tensor_type(traced_sizes(variable), variable.dtype)
    return value if value.type == type_ else tracer.add(tensor.CastOp(value, type_)).dest
