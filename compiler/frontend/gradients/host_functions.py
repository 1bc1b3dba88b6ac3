"""`py_function`, `numpy_function`: functions of a program that stay Python, also where it is compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import DType, DTypeLike, dtype_named
from ....dialects.public import public
from ....dialects.strings import as_array
from ..ops.arguments import shown
from ..tracing.signature import TensorSpec
from ..tracing.tracer import current_tracer
from ..values import nest
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor
from .host_calls import Function, HostFunction, staged_call
from .tape import GradientTape


@public("compat.v1", top=True)
def py_function(
    func: Callable[..., object] | None = None, inp: object = None, Tout: object = None, name: str | None = None
) -> Any:
    """Call a Python function with concrete tensors, each time that the function around it runs.

    Args:
        func: the function; it is given a tensor for each of `inp`, and returns a value for each of `Tout`, in a list or
            tuple, which may be left out around one value.
        inp: a list of values.
        Tout: the dtype of the result, or a `TensorSpec`, or a list of these for a list of results; an empty list for
            no result.
        name: what errors call the function.

    Inside a `function` the rank of a result has to be known: a `TensorSpec` says it, `set_shape` or `sw.ensure_shape`
    do it afterwards; otherwise it is the rank that the result has in the call that is traced.

    The call is differentiable: a tape records what `func` does; in a compiled function, `func` runs again under a tape
    when the gradient is computed. Exceptions of `func` are raised as they are. A function with such calls cannot be
    exported.

    Example:
        >>> import stepwell as sw
        >>> @sw.function
        ... def f(x):
        ...     return sw.py_function(lambda x: x * float(x.numpy().max()), [x], sw.float32)
        >>> f(sw.constant([1.0, 3.0])).numpy().tolist()
        [3.0, 9.0]
    """
    inp = _inputs("py_function", func, inp)
    assert func is not None
    specs, single = _specs("py_function", Tout)
    label = name or getattr(func, "__name__", type(func).__name__)
    dtypes = [spec.dtype for spec in specs]

    def call(tensors: Sequence[Tensor]) -> list[Tensor]:
        return _converted(f"py_function: {label}", func(*tensors), dtypes)

    tensors = [as_tensor(value, name="py_function: inp") for value in inp]
    tracer = current_tracer()
    if tracer is None:
        results = call(tensors)
    else:
        results = staged_call(tracer, HostFunction(label, call, _derived), tensors, specs)
    return results[0] if single else results


@public("compat.v1", top=True)
def numpy_function(
    func: Callable[..., object] | None = None,
    inp: object = None,
    Tout: object = None,
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """Call a Python function with numpy arrays, each time that the function around it runs.

    Args:
        func: the function; it is given an array for each of `inp`, and returns one for each of `Tout`.
        inp: a list of values.
        Tout: as of `py_function`; the results have to be of these dtypes.
        stateful: accepted as in TensorFlow; it is called each time.
        name: what errors call the function.

    It has no gradient. See `py_function` for what holds of it in a `function`.

    Example:
        >>> import stepwell as sw
        >>> sw.numpy_function(lambda x: x[::-1], [[1, 2, 3]], sw.int32).numpy().tolist()
        [3, 2, 1]
    """
    del stateful
    inp = _inputs("numpy_function", func, inp)
    assert func is not None
    tensors = [as_tensor(value, name="numpy_function: inp") for value in inp]
    specs, single = _specs("numpy_function", Tout)
    label = name or getattr(func, "__name__", type(func).__name__)
    tracer = current_tracer()
    if tracer is None:
        found = [None if r is None else _array_tensor(r) for r in nest.flatten(func(*_arrays(tensors)))]
        return found[0] if len(found) == 1 else found

    def call(tensors: Sequence[Tensor]) -> list[Tensor]:
        return _exact(f"numpy_function: {label}", func(*_arrays(tensors)), [spec.dtype for spec in specs])

    results = staged_call(tracer, HostFunction(label, call), tensors, specs)
    return results[0] if single else results


def _inputs(what: str, func: object, inp: Any) -> list[Any]:
    if not callable(func):
        raise InvalidTypeError(f"{what}: func: expected a function, got {shown(func)}")
    if inp is None:
        raise InvalidTypeError(f"{what}: inp: expected a list of values, got None")
    return list(inp)


def _specs(what: str, tout: Any) -> tuple[list[TensorSpec], bool]:
    """The results' specs, and whether there is one that stands by itself."""
    single = not isinstance(tout, list | tuple)
    return [_spec(what, each) for each in ([tout] if single else tout)], single


def _spec(what: str, given: Any) -> TensorSpec:
    dtype: DTypeLike = given.dtype if isinstance(given, TensorSpec) else given
    if dtype is None:
        raise InvalidTypeError(f"{what}: Tout: expected a dtype or a TensorSpec, got None")
    return given if isinstance(given, TensorSpec) else TensorSpec(None, dtype_named(dtype, f"{what}: Tout"))


def _values(what: str, given: object, count: int) -> list[Any]:
    """The values that a function returned."""
    values = [] if given is None else list(given) if isinstance(given, list | tuple) else [given]
    if len(values) < count:
        raise InvalidArgumentError(f"{what}: expected {count} results, got {len(values)}")
    return values[:count]


def _converted(what: str, given: object, dtypes: Sequence[DType]) -> list[Tensor]:
    """Results as tensors of these dtypes."""
    values = _values(what, given, len(dtypes))
    return [as_tensor(value, dtype, f"{what}: result") for value, dtype in zip(values, dtypes)]


def _exact(what: str, given: object, dtypes: Sequence[DType]) -> list[Tensor]:
    """Results as tensors, which have to be of these dtypes."""
    tensors = [_array_tensor(value) for value in _values(what, given, len(dtypes))]
    for tensor, dtype in zip(tensors, dtypes, strict=True):
        if tensor.dtype != dtype:
            raise InvalidArgumentError(f"{what}: expected a result of dtype {dtype.name}, got {tensor.dtype.name}")
    return tensors


def _array_tensor(value: object) -> Tensor:
    return as_tensor(value if isinstance(value, Tensor) else as_array(value), name="numpy_function: result")


def _arrays(tensors: Sequence[Tensor]) -> list[Any]:
    return [tensor.numpy() for tensor in tensors]


def _derived(function: Function, count: int, indices: Sequence[int]) -> Function:
    """What computes the gradients of a function: it runs it again, under a tape."""

    def derived(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
        own = list(tensors[:count])
        with GradientTape() as tape:
            tape.watch(own)
            results = function(own)
        return tape.gradient(list(results), [own[i] for i in indices], list(tensors[count:]), "zero")

    return derived
