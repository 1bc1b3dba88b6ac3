"""Variables that may have no value yet, and how values of two paths become one type."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn, Protocol

import numpy as np
import optree
from xdsl.dialects import tensor
from xdsl.dialects.builtin import LocationAttr, TensorType
from xdsl.ir import Attribute, Operation, SSAValue

from ....dialects import debug
from ....dialects.diagnostics import StepwellError
from ....dialects.dtypes import BOOL, FLOAT32, INT32, STRING, DType, as_dtype, dtype_of, is_tensor_dtype
from ....dialects.locations import Place, place_of
from ....dialects.public import public
from ....dialects.types import DYNAMIC, shape_of, tensor_type, zeros
from ..tracing.source import user_location
from ..tracing.tracer import Holder, Tracer, current_tracer
from ..values import recording
from ..values.dispatch import from_ssa, to_ssa, value_to_ssa
from ..values.tensor import Tensor, is_tensor, represented, traced_value
from .containers import CarriedObject, flatten


@public("errors")
class ControlFlowError(StepwellError, TypeError, ValueError):
    """Paths of a branch or loop on a tensor that do not fit together."""

    code = "control-flow"

    def __init__(self, message: str, *, remedy: str | None = None):
        location: LocationAttr = user_location()
        super().__init__(message, location=location, remedy=remedy)


def unbound(name: str) -> str:
    """Python's words for the use of a variable without a value."""
    return f"cannot access local variable '{name}' where it is not associated with a value"


CONTROL = re.compile(r"(do_return|break_|continue_)(_\d+)?")
"""Names of the variables that represent `return`, `break` and `continue` having happened."""


class UnassignedError(UnboundLocalError):
    """A variable was read that has no value on this path."""


class BeingTraced(Protocol):
    """The state of a loop while its body is being traced.

    Attributes:
        unreachable: the error of a path that is none of the first iteration, where there was one.
    """

    unreachable: NotYetAssignedError | None


class NotYetAssignedError(UnboundLocalError):
    """A loop's variable was read before its type is known: this path is not one of the first iteration.

    Attributes:
        owner: the state of the loop.
    """

    def __init__(self, text: str, owner: BeingTraced):
        super().__init__(text)
        self.owner = owner


class Undefined:
    """A variable without a value.

    Attributes:
        name: the variable.
        loop: the state of a loop that is being traced and may assign it in an earlier iteration.
    """

    __slots__ = ("loop", "name")

    name: str
    loop: BeingTraced | None

    def __init__(self, name: str, loop: BeingTraced | None = None):
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "loop", loop)

    def __setattr__(self, name: str, value: object) -> None:
        """Nothing: the state of a block is handed on whether or not the variable has a value."""

    def __getitem__(self, key: object) -> NoReturn:
        raise KeyError(key)

    def __setitem__(self, key: object, value: object) -> None:
        """Nothing, as for attributes."""

    def read(self) -> NoReturn:
        """The error of reading it."""
        if self.loop is not None:
            raise NotYetAssignedError(unbound(self.name), self.loop)
        raise UnassignedError(unbound(self.name))

    def __repr__(self) -> str:
        return f"<undefined {self.name}>"


class Maybe:
    """The value of a variable that has one on some paths only.

    Converted code that hands on the state of a block reads and writes attributes and elements of variables, whether or
    not they have a value; those are the value's own, and unchecked.

    Attributes:
        name_: the variable.
        value_: its value, or zeros where it has none.
        flag_: a boolean tensor, whether it has one.
        refusal_: why it cannot be read; `None`: reading it is checked when the program runs.
    """

    __slots__ = ("flag_", "name_", "refusal_", "value_")

    name_: str
    value_: Any
    flag_: object
    refusal_: str | None

    def __init__(self, name: str, value: object, flag: object, refusal: str | None):
        for attribute, given in (("name_", name), ("value_", value), ("flag_", flag), ("refusal_", refusal)):
            object.__setattr__(self, attribute, given)

    def read(self) -> object:
        """The value, with a check in the program that there is one."""
        if self.refusal_ is not None:
            raise ControlFlowError(self.refusal_, remedy=f"assign '{self.name_}' before, or in both branches")
        tracer = current_tracer()
        assert tracer is not None
        add_check(tracer, value_to_ssa(self.flag_), unbound(self.name_), kind=debug.UNBOUND_VARIABLE)
        return self.value_

    def __getattr__(self, name: str) -> object:
        return getattr(self.value_, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self.value_, name, value)

    def __getitem__(self, key: object) -> object:
        return self.value_[key]

    def __setitem__(self, key: object, value: object) -> None:
        self.value_[key] = value


def rebuilt(value: object) -> object:
    """A copy of the containers of `value`."""
    if isinstance(value, Undefined):
        return value
    if isinstance(value, Maybe):
        return Maybe(value.name_, rebuilt(value.value_), value.flag_, value.refusal_)
    leaves, spec = flatten(value)
    return optree.tree_unflatten(spec, leaves)


class Absent:
    """In a merge: this side has no value, and may give any."""


ABSENT = Absent()


@dataclass(frozen=True)
class LeafType:
    """The type of a value that is carried through control flow.

    Attributes:
        dtype: of its elements.
        shape: sizes, `None` where they differ or are unknown.
        weak: whether it comes from Python numbers or strings only, and so takes the dtype of a tensor that it meets.
    """

    dtype: DType
    shape: tuple[int | None, ...]
    weak: bool = False

    @property
    def ir(self) -> TensorType[Attribute]:
        """The IR type."""
        return tensor_type(self.shape, self.dtype)

    def __str__(self) -> str:
        shape = "x".join("?" if size is None else str(size) for size in self.shape)
        return f"{self.dtype.name}[{shape}]" if len(self.shape) else self.dtype.name


_NATURAL = {bool: BOOL, int: INT32, float: FLOAT32, str: STRING, bytes: STRING}


def leaf_type(value: object) -> LeafType | None:
    """The type with which `value` could be carried; `None` for what is no tensor, no number and no string."""
    dtype = _NATURAL.get(type(value))
    if dtype is not None:
        return LeafType(dtype, (), weak=True)
    value = represented(value)
    if is_tensor(value) or (isinstance(value, np.ndarray | np.generic) and is_tensor_dtype(value.dtype)):
        return LeafType(as_dtype(value.dtype), tuple(value.shape))
    return None


def describe(value: object) -> str:
    """What `value` is, for an error."""
    type_ = leaf_type(value)
    if type_ is None:
        return "None" if value is None else f"{type(value).__name__} {value!r}"
    if type_.weak:
        return f"the Python {type(value).__name__} {value!r}"
    return f"a tensor of type {type_}"


_CONTAINERS = list | tuple | dict | CarriedObject


def is_traced(value: object) -> bool:
    """Whether `value` is a tensor that the current trace computes."""
    return getattr(value, "is_symbolic", False) is True


def hold(tracer: Tracer, name: str, value: object, find_place: Callable[[], Place | None]) -> None:
    """Note that the tensors in `value` were assigned to `name`, for the error of using them where they do not exist."""
    if isinstance(value, Undefined) or CONTROL.fullmatch(name):
        return
    leaves = (value,) if is_traced(value) else flatten(value)[0] if isinstance(value, _CONTAINERS) else ()
    for leaf in leaves:
        value = traced_value(leaf)
        if value is not None:
            tracer.holders[value] = Holder(name, find_place)


def same(a: object, b: object) -> bool:
    """Whether two values known while tracing are one and the same."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, float) and isinstance(b, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    return isinstance(a, bool | int | str | bytes | slice | set | DType) and a == b


def join(a: LeafType, b: LeafType) -> LeafType | str:
    """The type that holds values of both; what they disagree in ("dtype" or "shape") where there is none."""
    dtype = _join_dtypes(a, b)
    if dtype is None:
        return "dtype"
    if len(a.shape) != len(b.shape):
        return "shape"
    shape = tuple(x if x == y else None for x, y in zip(a.shape, b.shape))
    return LeafType(dtype, shape, a.weak and b.weak)


def _join_dtypes(a: LeafType, b: LeafType) -> DType | None:
    if a.dtype == b.dtype:
        return a.dtype
    if a.weak and b.weak:
        return FLOAT32 if a.dtype.is_number and b.dtype.is_number else None
    for weak, other in ((a, b), (b, a)):
        if weak.weak and weak.dtype.is_integer and other.dtype.is_number:
            return other.dtype
        if weak.weak and weak.dtype.is_floating and other.dtype.is_floating:
            return other.dtype
    return None


def to_type(tracer: Tracer, value: object, type_: LeafType) -> SSAValue:
    """`value` as an SSA value of exactly that type, in the current block; zeros for `ABSENT`."""
    if value is ABSENT:
        ssa = tracer.constant(zeros([size or 0 for size in type_.shape], type_.dtype))
    else:
        weak = type(value) in _NATURAL and not type_.dtype.is_string
        ssa = value_to_ssa(np.asarray(value, type_.dtype) if weak and _fits(value, type_.dtype) else value, type_.dtype)
    return ssa if ssa.type == type_.ir else to_ssa(cast_sizes(tensor_of(value, ssa), type_.ir))


def tensor_of(value: object, ssa: SSAValue) -> Tensor:
    """The tensor that tapes know `value` as, which is `ssa` in the current trace."""
    value = represented(value)
    return value if isinstance(value, Tensor) else from_ssa(ssa)


def cast_sizes(value: Tensor, type_: Attribute) -> Tensor:
    """The same elements with other knowledge of their sizes; tapes see it."""
    tracer = current_tracer()
    assert tracer is not None
    source = to_ssa(value)
    if source.type == type_:
        return value
    assert isinstance(type_, TensorType)
    result = from_ssa(tracer.add(tensor.CastOp(source, type_)).dest)
    recording.record([value], [result], partial(uncast, source.type), tensor.CastOp.name)
    return result


def uncast(type_: Attribute, _: object, grad: Tensor) -> list[Tensor]:
    """The gradient of what `cast_sizes` was given, of this type."""
    return [cast_sizes(grad, type_)]


def _fits(value: object, dtype: DType) -> bool:
    return not dtype.is_integer or (isinstance(value, int) and dtype.min <= value <= dtype.max)


def predicate(tracer: Tracer, value: object, what: str) -> SSAValue:
    """`value` as a condition: a boolean without dimensions."""
    type_ = leaf_type(value)
    if type_ is None or type_.shape != () or not type_.dtype.is_bool:
        raise ControlFlowError(
            f"the condition of {what} must be a boolean scalar, got {describe(value)}",
            remedy="compare it, or reduce it with sw.reduce_any or sw.reduce_all",
        )
    return to_type(tracer, value, type_)


def extract(tracer: Tracer, ssa: SSAValue) -> SSAValue:
    """The element of a tensor without dimensions."""
    assert isinstance(ssa.type, TensorType)
    return tracer.add(tensor.ExtractOp(ssa, [], ssa.type.element_type)).result


def add_check(tracer: Tracer, condition: SSAValue, text: str, values: Sequence[SSAValue] = (), kind: str = "") -> None:
    """Stop the program, when it runs, with `text` unless `condition` holds; `{0}` … in it are the values.

    `kind` is that of `debug.assert`. Tensors without dimensions are given as the scalars that they hold: a check in a
    loop needs no memory.
    """
    scalars = [
        extract(tracer, value) if isinstance(value.type, TensorType) and shape_of(value.type) == () else value
        for value in (condition, *values)
    ]
    tracer.add(debug.AssertOp(scalars[0], text, scalars[1:], kind))


def place_text(value: object) -> str:
    """Where a symbolic tensor was made, as ` (file:line)`; empty for anything else."""
    ssa = traced_value(value)
    owner = None if ssa is None else ssa.owner
    place = place_of(owner.location) if isinstance(owner, Operation) else None
    return f" ({place})" if place else ""


def type_of_ssa(ssa: SSAValue) -> LeafType:
    """The type of an SSA value."""
    assert isinstance(ssa.type, TensorType)
    shape: Sequence[int | None] = [None if size == DYNAMIC else size for size in shape_of(ssa.type)]
    return LeafType(dtype_of(ssa.type), tuple(shape))
