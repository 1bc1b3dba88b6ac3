"""Every operation on tensors comes through here: converted, then run or emitted, then recorded on the tapes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
from xdsl.ir import SSAValue

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import (
    COMPLEX128,
    FLOAT32,
    INT8,
    INT32,
    INT64,
    STRING,
    DType,
    DTypeLike,
    dtype_named,
    dtype_of,
    is_tensor_dtype,
    native_dtype,
    record_of,
)
from ....dialects.hl.movement import ConcatOp
from ....dialects.hl.rules.base import HLOp, InferenceError
from ....dialects.hl.rules.facets import OpCall
from ....dialects.hl.rules.functions import Functions, Gradients, Value
from ....dialects.hl.shape import ExpandDimsOp
from ....dialects.strings import as_array, first_leaf, is_text, string_array
from ....dialects.types import extent, is_too_large, shape_of, tensor_type
from ..tracing.source import user_place
from ..tracing.tensor_shape import TensorShape
from ..tracing.tracer import Tracer, current_tracer, scope_error
from . import recording
from .composite import Composite
from .evaluation import evaluated
from .refusals import refused
from .tensor import Tensor, TensorLike, has_unknown_rank, is_tensor, read, represented, unknown_rank

FOLDED_ELEMENTS = 2**20
"""Ops on known values are evaluated while tracing, if operands and results have at most as many elements: NumPy takes
about 1 ms for an elementwise op on them."""

_ONE_BYTE = INT8
_INLINE_ELEMENTS = 64
"""Concrete tensors of at most this many elements become constants of a trace; larger ones are captured."""


def apply(op_class: type[HLOp], *operands: TensorLike, **attrs: object) -> Tensor:
    """The result of `apply_all` for an op that has one."""
    [output] = apply_all(op_class, *operands, **attrs)
    return output


def apply_all(op_class: type[HLOp], *operands: TensorLike, **attrs: object) -> list[Tensor]:
    """Run `op_class` on tensors, or emit it when one of them is symbolic; return its results.

    Attributes that are `None` are absent. Raises InvalidArgumentError, or TypeError for a dtype, for operands that
    break a constraint of the op. Infinities, NaN and integers that wrap are results like others: no warning tells of
    them.
    """
    attrs = {name: value for name, value in attrs.items() if value is not None}
    tensors = [operand if type(operand) is Tensor else as_tensor(operand) for operand in operands]
    tracer = current_tracer()
    try:
        if tracer is not None and (
            any(tensor._tracer is not None for tensor in tensors) or _is_large(op_class, tensors, attrs)
        ):
            op = tracer.emit(op_class, [to_ssa(tensor) for tensor in tensors], attrs)
            deferred = _deferred(op_class, tensors, attrs)
            outputs = [
                Tensor.symbolic(result, tracer, deferred and partial(_element, deferred, index))
                for index, result in enumerate(op.results)
            ]
        else:
            arrays = [tensor._concrete(op_class.name) for tensor in tensors]
            outputs = [Tensor(array) for array in map(_array, evaluated(op_class, arrays, attrs))]
            if tracer is not None:
                _note_lineage(tracer, op_class, tensors, outputs, attrs)
            if recording.state.guard is not None:
                recording.state.guard.check(op_class.name, arrays, [tensor._array for tensor in outputs])
    except InferenceError as error:
        raise refused(op_class, error) from None
    if recording.is_recording():
        recording.record(*recorded_call(op_class, tensors, outputs, attrs))
    return outputs


def _array(result: object) -> Any:
    """A result, which NumPy's subscripts make a string where they make numbers scalars that have a shape."""
    return as_array(result) if type(result) is bytes else result


def _is_large(op_class: type[HLOp], tensors: Sequence[Tensor], attrs: dict[str, object]) -> bool:
    """Whether what can be computed while tracing is too large for that, and is left to the compiled function."""
    sizes = [tensor._array.size for tensor in tensors]
    if sum(sizes) <= FOLDED_ELEMENTS:
        types = op_class.checked_types([_type_of(tensor) for tensor in tensors], attrs)
        sizes = [extent(shape_of(type_), _ONE_BYTE) for type_ in types]
    return sum(sizes) > FOLDED_ELEMENTS


def _deferred(
    op_class: type[HLOp], tensors: Sequence[Tensor], attrs: dict[str, object]
) -> Callable[[], Sequence[np.ndarray]] | None:
    """A function that computes the results, if they depend on no argument of the function that is traced."""
    if any(tensor._tracer is not None and tensor._deferred is None for tensor in tensors):
        return None

    @cache
    def results() -> Sequence[np.ndarray]:
        with np.errstate(all="ignore"):
            return op_class.computed([tensor._concrete(op_class.name) for tensor in tensors], attrs)

    return results


def _element(results: Callable[[], Sequence[np.ndarray]], index: int) -> np.ndarray:
    return _array(results()[index])


def _type_of(tensor: Tensor) -> Any:
    return tensor._ssa.type if tensor._ssa is not None else tensor_type(tensor._array.shape, tensor._array.dtype)


def _note_lineage(
    tracer: Tracer, op_class: type[HLOp], inputs: Sequence[Tensor], outputs: Sequence[Tensor], attrs: dict[str, object]
) -> None:
    """Results of what the program says itself are part of its text; those of tensors from outside have a gradient."""
    if any(tensor.dtype.is_inexact and not hasattr(tensor, "_literal") for tensor in inputs):
        tracer.lineage.append(recorded_call(op_class, inputs, outputs, attrs))
        return
    for tensor in outputs:
        tensor._literal = True


def recorded_call(
    op_class: type[HLOp], inputs: Sequence[Tensor], outputs: Sequence[Tensor], attrs: dict[str, object]
) -> tuple[Sequence[Tensor], Sequence[Tensor], recording.Backward, str]:
    """What a tape records of an op."""
    call = OpCall(inputs, outputs, attrs, [_type_of(t) for t in inputs], [_type_of(t) for t in outputs])
    return inputs, outputs, partial(_gradient, op_class, call), op_class.name


def _gradient(op_class: type[HLOp], call: OpCall, m: Functions, *grads: Value | None) -> Gradients:
    return op_class.gradient(m, call, *grads)


def as_tensor(value: object, dtype: DTypeLike | None = None, name: str = "value") -> Tensor:
    """`value` as a tensor: tensors stay, Variables are read, numbers, arrays and (nested) lists are converted.

    What has `__stepwell_tensor__()` is read likewise. Python ints become int32 and floats float32 unless `dtype` says
    otherwise; numpy arrays keep their dtype. A tensor of another dtype than `dtype` is a TypeError, as is a value
    without tensor form.
    """
    wanted = None if dtype is None else dtype_named(dtype, f"{name.partition(':')[0]}: dtype")
    if hasattr(type(value), "__stepwell_tensor__"):
        value = read(value)
    if isinstance(value, Tensor):
        if wanted is not None and value.dtype != wanted:
            raise InvalidTypeError(
                f"{name}: expected a tensor of dtype {wanted.name}, got {value.dtype.name}; use sw.cast"
            )
        return value
    if isinstance(value, TensorShape):
        return Tensor(_sizes_array(value, wanted, name))
    if isinstance(value, list | tuple) and any(_holds_tensor(item) for item in value):
        return _stacked(value, wanted, name)
    if isinstance(value, Composite):
        raise InvalidTypeError(f"{name}: expected a tensor, {value.refusal()}")
    tracer = current_tracer()
    tensor = Tensor(_as_array(value, wanted, name))
    if tracer is not None:
        tensor._literal = True
    if (tracer is not None or recording.is_recording()) and tensor.dtype.is_inexact:
        _note_foreign(tracer, value, name)
    return tensor


def scalar_like(number: object, x: Tensor) -> Tensor:
    """A number that is known, as a scalar of the dtype of `x`."""
    return as_tensor(np.array(number, x.dtype))


def _sizes_array(shape: TensorShape, wanted: DType | None, name: str) -> np.ndarray:
    """The sizes of a shape, of int32; ValueError unless all are known."""
    if not shape.is_fully_defined():
        raise InvalidArgumentError(f"{name}: cannot make a tensor of a shape with sizes that are not known: {shape}")
    return _converted(np.array(shape.as_list(), np.int32), shape, wanted or INT32, name)


_FOREIGN = ("__array__", "__array_interface__", "__dlpack__")
"""What tensors of other libraries have; numpy's own arrays and Python's numbers are constants to everyone."""


def _note_foreign(tracer: Tracer | None, value: object, name: str) -> None:
    """Refuse a tensor of another library while a tape records, which cannot follow it; tell the trace about it."""
    found = _foreign(value)
    if found is None:
        return
    what = f"{name}: {type(found).__module__}.{type(found).__qualname__}"
    if recording.is_recording():
        raise recording.foreign_error(what)
    if tracer is not None:
        tracer.foreign.append(f"{what} at {user_place()}")


def _foreign(value: object) -> object:
    if isinstance(value, list | tuple):
        return next((found for found in map(_foreign, value) if found is not None), None)
    own = isinstance(value, bool | int | float | complex | np.ndarray | np.generic)
    return None if own or not any(hasattr(type(value), each) for each in _FOREIGN) else value


def _is_foreign(value: object) -> bool:
    """Whether `value` is an array of another library, such as a column of pandas, which has a dtype as NumPy's do."""
    return not isinstance(value, list | tuple) and _foreign(value) is not None


def _holds_tensor(item: object) -> bool:
    if isinstance(item, list | tuple):
        return any(_holds_tensor(inner) for inner in item)
    return is_tensor(item)


def _stacked(value: Sequence[object], wanted: DType | None, name: str) -> Tensor:
    """A list with tensors in it, as one tensor; numbers take the dtype of the tensors."""
    if wanted is None:
        wanted = next(t.dtype for t in map(represented, _flat(value)) if is_tensor(t))
    return stacked(name, [as_tensor(item, wanted, name) for item in value], 0)


def stacked(name: str, tensors: Sequence[Tensor], axis: int) -> Tensor:
    """Tensors one after the other along a new axis, which is `axis` of the result; `name` is for errors."""
    if len({tensor.ndim for tensor in tensors}) > 1:
        shapes = " and ".join(str(tensor.shape) for tensor in tensors)
        raise InvalidArgumentError(f"{name}: expected one shape, got {shapes}")
    return apply(ConcatOp, *[apply(ExpandDimsOp, tensor, axes=(axis,)) for tensor in tensors], axis=axis)


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _as_array(value: object, wanted: DType | None, name: str) -> np.ndarray:
    """`value` as an array of the dtype that is wanted, or of its own; TypeError or ValueError where that loses."""
    foreign = _is_foreign(value)
    given = foreign or isinstance(value, np.ndarray | np.generic)
    masked = sys.modules.get("numpy.ma")  # NumPy loads it when it is first used; there is no masked array before
    if masked is not None and isinstance(value, masked.MaskedArray) and masked.is_masked(value):
        raise InvalidTypeError(f"{name}: cannot make a tensor of a masked array: call its filled(), or take its data")
    if is_text(first_leaf(value)) or _holds_strings(value):
        return _strings(value, wanted, name)
    try:
        array = np.array(value)
    except (ValueError, OverflowError) as error:
        raise InvalidArgumentError(f"{name}: cannot make a tensor of {value!r}: {error}") from None
    if array.dtype is not (native := native_dtype(array.dtype)):
        array = array.astype(native)
    if foreign and _holds_strings(array):
        return _strings(array, wanted, name)
    numeric = is_tensor_dtype(array.dtype) and record_of(array.dtype) is not STRING
    if given and not numeric:
        raise InvalidTypeError(f"{name}: cannot make a tensor of an array of dtype {array.dtype.name}")
    if not numeric:
        if array.dtype == np.object_ and array.size and all(isinstance(item, int) for item in array.flat):
            raise InvalidArgumentError(f"{name}: {value!r} does not fit int64")
        raise InvalidTypeError(f"{name}: cannot make a tensor of {type(value).__name__} {value!r}")
    if not array.size and is_too_large(array.shape, array.dtype):
        raise InvalidArgumentError(f"{name}: an array of shape {array.shape} is too large")
    if wanted is None:
        return array if given else _with_default_dtype(array, value, name)
    if array.size == 0 and not given:
        return array.astype(wanted)
    return _converted(array, value, wanted, name)


def _holds_strings(value: object) -> bool:
    """Whether it is an array of NumPy's that has strings; an empty one of objects counts, as in TensorFlow."""
    if not isinstance(value, np.ndarray | np.generic) or record_of(value.dtype) is not STRING:
        return False
    return value.dtype != np.object_ or not value.size or is_text(value.reshape(-1)[0])


def _strings(value: object, wanted: DType | None, name: str) -> np.ndarray:
    """Strings, or lists or an array of them, as an array of bytes."""
    if wanted is not None and wanted is not STRING:
        raise InvalidTypeError(f"{name}: cannot convert {_shown(value)} to {wanted.name}")
    try:
        return string_array(np.asarray(value) if isinstance(value, np.generic) and not is_text(value) else value)
    except ValueError as error:
        raise InvalidArgumentError(f"{name}: cannot make a tensor of {_shown(value)}: {error}") from None


def _with_default_dtype(array: np.ndarray, value: object, name: str) -> np.ndarray:
    """Python numbers as TensorFlow has them: complex128, float32, and int32 if they fit, else int64."""
    if not dtype_of(array).is_integer:
        return _converted(array, value, FLOAT32, name) if dtype_of(array).is_floating else array
    fits = all(np.iinfo(np.int32).min <= bound <= np.iinfo(np.int32).max for bound in (array.min(), array.max()))
    return _converted(array, value, INT32 if fits else INT64, name)


def _converted(array: np.ndarray, value: object, wanted: DType, name: str) -> np.ndarray:
    """`array` as `wanted`: no number becomes another, but for the rounding of floats; booleans become 0 and 1."""
    given = dtype_of(array)
    loses = (given.is_floating and not wanted.is_inexact) or (given.is_complex and not wanted.is_complex)
    if (wanted.is_bool and not given.is_bool) or wanted.is_string or loses:
        raise InvalidTypeError(f"{name}: cannot convert {_shown(value)} to {wanted.name}")
    if array.size and wanted.is_integer and not wanted.min <= int(array.min()) <= int(array.max()) <= wanted.max:
        raise InvalidArgumentError(f"{name}: {_shown(value)} does not fit {wanted.name}")
    with np.errstate(over="ignore"):
        return array.astype(wanted)


def _shown(value: object) -> str:
    """A value for an error, not too long."""
    if isinstance(value, np.ndarray) and value.size > 8:
        return f"an array of dtype {value.dtype.name} and shape {value.shape}"
    return repr(value)


def as_tensors(function: str, *values: object) -> list[Tensor]:
    """Operands of one dtype: numbers, lists and arrays take that of the first tensor, else of the first array.

    Two tensors of different dtypes are a TypeError that names `function`, as in TensorFlow.
    """
    values = tuple(map(represented, values))
    dtype = next((v.dtype for v in values if is_tensor(v)), None)
    if dtype is None:
        dtype = next((v.dtype for v in values if isinstance(v, np.ndarray | np.generic)), None)
    if dtype is None and any(isinstance(value, float | complex) for value in values):
        dtype = COMPLEX128 if any(isinstance(value, complex) for value in values) else FLOAT32
    tensors = []
    for position, value in enumerate(values):
        try:
            tensors.append(as_tensor(value, dtype, "xyz"[position] if position < 3 else f"operand {position}"))
        except TypeError as error:
            raise InvalidTypeError(f"{function}: {error}") from None
    return tensors


def to_ssa(tensor: Tensor, dtype: DType | None = None) -> SSAValue:
    """The SSA value of a tensor in the current trace: its own, a constant, or a captured argument."""
    tracer = current_tracer()
    assert tracer is not None
    if dtype is not None and tensor.dtype != dtype:
        raise InvalidTypeError(f"expected a tensor of dtype {dtype.name}, got {tensor.dtype.name}")
    if tensor._ssa is None:
        if tensor._array.size <= _INLINE_ELEMENTS:
            if not tensor.dtype.is_inexact or (hasattr(tensor, "_literal") and not recording.is_watched(tensor)):
                return tracer.constant(tensor._array)
            return tracer.inline(tensor, tensor._array)
        return tracer.capture(tensor, _type_of(tensor), "captured")
    if has_unknown_rank(tensor):
        raise unknown_rank(tensor)
    if tensor._tracer is tracer and tracer.visible(tensor._ssa):
        return tensor._ssa
    kept = tracer.find_kept(tensor._ssa)
    if kept is not None:
        return kept
    if tensor._tracer is not tracer and tracer.may_capture(tensor._tracer):
        return tracer.capture(tensor, tensor._ssa.type, "captured", tensor._ssa)
    if tensor._deferred is not None:
        return to_ssa(Tensor(tensor._deferred()), dtype)
    raise scope_error(tracer, tensor._ssa, tensor._tracer)


def from_ssa(value: SSAValue) -> Tensor:
    """The tensor that represents a value of the current trace."""
    tracer = current_tracer()
    assert isinstance(tracer, Tracer)
    return Tensor.symbolic(value, tracer)


def value_to_ssa(value: object, dtype: DType | None = None) -> SSAValue:
    """The SSA value in the current trace of what can become a tensor, as `dtype` or its natural one."""
    return to_ssa(as_tensor(value, dtype), dtype)


def is_symbolic(value: object) -> bool:
    """Whether a value represents one of the current trace, as a Variable does, too."""
    if isinstance(value, Tensor):
        return value._tracer is not None and current_tracer() is not None
    return current_tracer() is not None and is_tensor(value)
