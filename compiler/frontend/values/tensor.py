"""The tensor: a concrete array, or the stand-in for a value of a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Protocol, TypeAlias, TypeGuard, TypeVar

import numpy as np
from xdsl.dialects.builtin import UnrankedTensorType
from xdsl.ir import SSAValue

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import DType, DTypeLike, dtype_of
from ....dialects.hl.rules.functions import Value
from ....dialects.public import public, public_values
from ....dialects.types import DYNAMIC, shape_of
from ..tracing.tensor_shape import TensorShape, known_shape
from ..tracing.tracer import Tracer, leak_text
from ..tracing.unconverted import why_not_converted
from .text import CPU_NAME, symbolic_name, tensor_repr, tensor_text


@public("errors")
class SymbolicTensorError(TypeError):
    """A value that is known only when the function runs was needed while it was traced.

    Inside a `function`, tensors are symbolic: `if`, `while`, `for` and `and/or/not` on them are compiled, but
    `bool(t)`, `int(t)`, `t.numpy()` have no answer yet.
    """


@public("errors")
class OperatorNotAllowedInGraphError(SymbolicTensorError):
    """A symbolic tensor was used as a Python bool, or iterated over, in code that is not compiled."""


class _NoElementsError(SymbolicTensorError, AttributeError):
    """`numpy()` of a symbolic tensor, which is an attribute that such tensors do not have in TensorFlow."""


class _NoArrayError(SymbolicTensorError, NotImplementedError):
    """The conversion of a symbolic tensor to an array."""


_NUMPY, _ARRAY, _BOOL = "numpy()", "conversion to a numpy array", "its use as a Python bool"
_SYMBOLIC_ERRORS = {_NUMPY: _NoElementsError, _ARRAY: _NoArrayError, _BOOL: OperatorNotAllowedInGraphError}


class Operators:
    """Python's operators on tensors and Variables; the module `operators` assigns them to the classes."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __add__(self, other: TensorLike) -> Tensor: ...
        def __radd__(self, other: TensorLike) -> Tensor: ...
        def __sub__(self, other: TensorLike) -> Tensor: ...
        def __rsub__(self, other: TensorLike) -> Tensor: ...
        def __mul__(self, other: TensorLike) -> Tensor: ...
        def __rmul__(self, other: TensorLike) -> Tensor: ...
        def __truediv__(self, other: TensorLike) -> Tensor: ...
        def __rtruediv__(self, other: TensorLike) -> Tensor: ...
        def __floordiv__(self, other: TensorLike) -> Tensor: ...
        def __rfloordiv__(self, other: TensorLike) -> Tensor: ...
        def __mod__(self, other: TensorLike) -> Tensor: ...
        def __rmod__(self, other: TensorLike) -> Tensor: ...
        def __pow__(self, other: TensorLike) -> Tensor: ...
        def __rpow__(self, other: TensorLike) -> Tensor: ...
        def __matmul__(self, other: TensorLike) -> Tensor: ...
        def __rmatmul__(self, other: TensorLike) -> Tensor: ...
        def __and__(self, other: TensorLike) -> Tensor: ...
        def __rand__(self, other: TensorLike) -> Tensor: ...
        def __or__(self, other: TensorLike) -> Tensor: ...
        def __ror__(self, other: TensorLike) -> Tensor: ...
        def __xor__(self, other: TensorLike) -> Tensor: ...
        def __rxor__(self, other: TensorLike) -> Tensor: ...
        def __lt__(self, other: TensorLike) -> Tensor: ...
        def __le__(self, other: TensorLike) -> Tensor: ...
        def __gt__(self, other: TensorLike) -> Tensor: ...
        def __ge__(self, other: TensorLike) -> Tensor: ...
        def __eq__(self, other: object) -> Tensor: ...  # pyright: ignore[reportIncompatibleMethodOverride]
        def __ne__(self, other: object) -> Tensor: ...  # pyright: ignore[reportIncompatibleMethodOverride]
        def __neg__(self) -> Tensor: ...
        def __pos__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...
        def __getitem__(self, key: Index) -> Tensor: ...

        def set_shape(self, shape: object) -> None:
            """State what is known of the shape."""
            ...


@public(top=True)
class Tensor(Operators):
    """An immutable multi-dimensional array of one dtype.

    Outside of a `function` it holds its elements; inside it represents a value that will exist when the compiled
    function runs. Operators, subscripts and functions such as `sw.add` work on both alike.

    Attributes:
        dtype: the dtype of the elements.
        shape: a TensorShape, the tuple of the sizes; `None` where one is known only at run time.

    Example:
        >>> import stepwell as sw
        >>> (sw.constant([1.0, 2.0]) + 1.0).numpy().tolist()
        [2.0, 3.0]
    """

    # Quick ones for its own attributes, and a `__dict__` for those that programs give it, as `_keras_mask`.
    __slots__ = ("__dict__", "__weakref__", "_array", "_assign", "_deferred", "_literal", "_ssa", "_tracer")
    __array_priority__ = 100

    _array: np.ndarray
    _assign: Callable[..., object]
    """What assigns to the part of a Variable that it was read from; set for these only."""
    _literal: bool
    """Whether it is a number or array of the program's text; set for these only, while a function is traced."""
    _ssa: SSAValue | None
    _tracer: Tracer | None
    _deferred: Callable[[], np.ndarray] | None

    def __init__(self, array: np.ndarray):
        self._array = array
        self._ssa = None
        self._tracer = None

    @staticmethod
    def symbolic(value: SSAValue, tracer: Tracer, deferred: Callable[[], np.ndarray] | None = None) -> Tensor:
        """The tensor that represents `value` in `tracer`'s function.

        `deferred` computes the elements of one that depends on no argument, and was too large to be computed at once.
        """
        tensor = Tensor.__new__(Tensor)
        tensor._ssa = value
        tensor._tracer = tracer
        tensor._deferred = deferred
        return tensor

    @property
    def is_symbolic(self) -> bool:
        """Whether the elements are known only when the traced function runs."""
        return self._tracer is not None

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return dtype_of(self._array if self._ssa is None else self._ssa.type)

    @property
    def _sizes(self) -> tuple[int | None, ...]:
        if self._ssa is None:
            return self._array.shape
        if isinstance(self._ssa.type, UnrankedTensorType):
            raise unknown_rank(self)
        return tuple(None if size == DYNAMIC else size for size in shape_of(self._ssa.type))  # pyright: ignore

    @property
    def shape(self) -> TensorShape:
        """The sizes; `None` where known only at run time."""
        return TensorShape(None) if has_unknown_rank(self) else known_shape(self._sizes)

    def get_shape(self) -> TensorShape:
        """The sizes; `None` where known only at run time."""
        return TensorShape(None) if has_unknown_rank(self) else known_shape(self._sizes)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self._sizes)

    def numpy(self) -> np.ndarray[Any, np.dtype[Any]]:
        """The elements as a numpy array of the caller's own; a numpy scalar for a tensor without dimensions."""
        array = self._concrete(_NUMPY)
        return array.copy() if array.ndim else array[()]

    def _concrete(self, what: str) -> np.ndarray:
        if self._ssa is not None:
            if self._deferred is None:
                self._refuse(what)
            return self._deferred()
        return self._array

    def require_trace(self, what: str) -> None:
        """Raise SymbolicTensorError if the tensor belongs to a trace that has ended; `what` needs its elements."""
        if self._tracer is None or self._ssa is None or self._deferred is not None or self._tracer.is_tracing():
            return
        ended = f"belongs to the trace of '{self._tracer.name}', which has ended"
        raise SymbolicTensorError(
            f"{leak_text(self._ssa, self._tracer, ended)}; {what} needs its elements: return it from the function, or "
            "assign it to a Variable"
        )

    def _refuse(self, what: str) -> NoReturn:
        self.require_trace(what)
        reason = why_not_converted()
        raise _SYMBOLIC_ERRORS.get(what, SymbolicTensorError)(
            f"{what} needs the elements of {self!r}, which are known only when the function runs; "
            "use stepwell operations on it, or compute it outside of the function"
            + (f" (this code runs as plain Python, since it cannot be converted: {reason})" if reason else "")
        )

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        array = self._concrete(_ARRAY)
        if copy or (dtype is not None and np.dtype(dtype) != array.dtype):
            return np.array(array, dtype=dtype)
        view = array.view()
        view.flags.writeable = False
        return view

    def __bool__(self) -> bool:
        return bool(self._one_element(_BOOL))

    def __int__(self) -> int:
        return int(self._one_element("int()"))

    def __complex__(self) -> complex:
        return complex(self._one_element("complex()"))

    def __float__(self) -> float:
        return float(self._one_element("float()"))

    def _one_element(self, what: str) -> Any:
        array = self._concrete(what)
        if array.size != 1:
            raise InvalidTypeError(f"{what} needs a tensor of one element, got one of shape {array.shape}")
        return array.reshape(())[()]

    def __index__(self) -> int:
        array = self._concrete("its use as a Python index")
        if array.ndim or not dtype_of(array).is_integer:
            raise TypeError(f"only an integer scalar is an index, got {self!r}")
        return int(array)

    def __len__(self) -> int:
        if not self._sizes:
            raise TypeError("len() of a tensor without dimensions")
        size = self._sizes[0]
        if size is None:
            self._refuse("len()")
        return size

    def __iter__(self) -> Iterator[Tensor]:
        return map(self.__getitem__, range(len(self)))

    def __hash__(self) -> int:
        raise TypeError("a Tensor is not hashable; use t.ref() as a key, or id(t)")

    def ref(self) -> TensorReference[Tensor]:
        """A hashable reference to this very tensor, for sets and dictionaries."""
        return TensorReference(self)

    @property
    def assign(self) -> Callable[..., object]:
        """The function that replaces the part of a Variable that this is: `v[1:].assign(…)`.

        It takes `value`, `use_locking`, `name` and `read_value`, and returns the Variable. Any other tensor has no
        such attribute.
        """
        try:
            return self._assign
        except AttributeError:
            raise AttributeError(
                "a tensor cannot be assigned to, but a Variable can, and a part of one: v[1:].assign(value)"
            ) from None

    @property
    def device(self) -> str:
        """The name of the CPU; empty for a value of a trace."""
        return "" if self._ssa is not None else CPU_NAME

    @property
    def name(self) -> str:
        """The name of a value of a trace; an AttributeError for a tensor that holds its elements."""
        if self._ssa is None:
            raise AttributeError("Tensor.name is undefined for a tensor outside of a function")
        return symbolic_name(self)

    def __format__(self, spec: str) -> str:
        if self._ssa is not None:
            return format(str(self), spec)
        return format(self._array if self._array.ndim else self._array[()], spec)

    def __str__(self) -> str:
        return tensor_text(self)

    def __repr__(self) -> str:
        return tensor_repr(self)


Target = TypeVar("Target")


@public("types")
class TensorReference(Generic[Target]):
    """A hashable stand-in for one tensor or Variable; equal only to references to the same object."""

    __slots__ = ("_target",)

    def __init__(self, target: Target):
        self._target = target

    def deref(self) -> Target:
        """The tensor or Variable."""
        return self._target

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._target!r}>"

    def __hash__(self) -> int:
        return id(self._target)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorReference) and self._target is other._target


def is_tensor(value: object) -> TypeGuard[Tensor | TensorObject]:
    """Whether a value is a tensor, or an object that represents one: a Variable, or what has `__stepwell_tensor__`.

    The method `__stepwell_tensor__()` of a class of any library returns the tensor that an object of it is used as, or
    the Variable: with respect to an object that returns a Variable there are gradients.
    """
    return isinstance(value, Tensor) or hasattr(type(value), "__stepwell_tensor__")


def read(value: object) -> object:
    """The tensor of what represents one: a Variable's value, or what `__stepwell_tensor__()` leads to; else `value`."""
    while not isinstance(value, Tensor) and hasattr(type(value), "__stepwell_tensor__"):
        value = value.__stepwell_tensor__()  # pyright: ignore[reportAttributeAccessIssue]
    return value


def represented(value: object) -> object:
    """The tensor of an object of another library whose dtype only that tells; anything else as it is.

    Tensors and Variables, and what has a dtype and a shape as they have them, need not be read for these.
    """
    if is_tensor(value) and not isinstance(value, Tensor) and not isinstance(getattr(value, "dtype", None), DType):
        return read(value)
    return value


def has_unknown_rank(tensor: Tensor) -> bool:
    """Whether it is the result of a Python function of which nothing was said but the dtype."""
    return tensor._ssa is not None and isinstance(tensor._ssa.type, UnrankedTensorType)


def unknown_rank(tensor: Tensor) -> InvalidArgumentError:
    """The error for a use of such a tensor, for which its rank has to be known."""
    label = getattr(getattr(tensor._ssa, "op", None), "callee", None)
    what = f" of the Python function '{label.data.label}'" if label is not None else ""
    return InvalidArgumentError(
        f"the rank of a result{what} is not known while the function is traced",
        remedy="call its set_shape, pass it to sw.ensure_shape, or give Tout=sw.TensorSpec(shape, dtype)",
    )


def traced_value(value: object) -> SSAValue | None:
    """The value of a trace that a tensor represents; None for a concrete tensor, and for what is no tensor."""
    return getattr(value, "_ssa", None)


Element = TypeVar("Element", covariant=True)


@public("types")
class SupportsTensor(Protocol):
    """An object that represents a tensor, such as a Variable."""

    def __stepwell_tensor__(self) -> Tensor:
        """The tensor that it is used as."""
        ...


class TensorObject(SupportsTensor, Value, Protocol):
    """An object that represents a tensor, whose dtype and shape are known without converting it."""


@public("types")
class SupportsArray(Protocol):
    """An object that NumPy makes an array of."""

    def __array__(self) -> np.ndarray:
        """The array."""
        ...


@public("types")
class NestedSequence(Protocol[Element]):
    """Lists, tuples and ranges of elements, or of such again; a text is none, since `in` looks for texts only."""

    def __len__(self, /) -> int: ...
    def __getitem__(self, index: int, /) -> Element | NestedSequence[Element]: ...
    def __contains__(self, item: object, /) -> bool: ...
    def __iter__(self, /) -> Iterator[Element | NestedSequence[Element]]: ...
    def count(self, value: Any, /) -> int:
        """How often it has a value."""
        ...

    def index(self, value: Any, /) -> int:
        """Where it has a value first."""
        ...


Number: TypeAlias = bool | int | float | complex | np.generic
Text: TypeAlias = str | bytes
TensorLike: TypeAlias = (
    Tensor
    | SupportsTensor
    | np.ndarray
    | SupportsArray
    | Number
    | Text
    | NestedSequence[Tensor | SupportsTensor | np.ndarray | Number | Text]
)
"""What functions on tensors accept: tensors, Variables, arrays, numbers, strings, and lists of these."""
ShapeLike: TypeAlias = Tensor | SupportsTensor | np.ndarray | int | Sequence[int | Tensor | None]
"""A shape: its sizes, where one may be a tensor, or a tensor of all sizes."""
Axis: TypeAlias = int | Sequence[int] | None
"""One axis, several, or all (`None`); negative ones count from the last."""
Subscript: TypeAlias = int | slice | EllipsisType | Tensor | SupportsTensor | np.ndarray | Sequence[int | bool] | None
Index: TypeAlias = Subscript | tuple[Subscript, ...]
"""What is between the brackets of a subscript: integers, slices, `...`, `None`, tensors, and tuples of these."""
public_values("types", "TensorLike", "ShapeLike")
