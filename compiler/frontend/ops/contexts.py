"""Names that programs for TensorFlow use around operations: devices, dependencies, groups, and what is known now."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr

from ....dialects.diagnostics import UnsupportedError
from ....dialects.public import public, public_values
from ....dialects.types import array_of
from ..tracing.tracer import current_tracer, tracing
from ..values.dispatch import as_tensor
from ..values.recording import stop_recording
from ..values.tensor import Tensor, is_tensor, traced_value

newaxis = None
"""A new axis of size 1, in a subscript: `x[:, sw.newaxis]`."""
public_values("", "newaxis")


@public("compat.v1", top=True)
@contextmanager
def device(device_name: object) -> Iterator[None]:
    """A context in which operations run on a device. There is one, the CPU: the name is not used.

    Example:
        >>> import stepwell as sw
        >>> with sw.device("/CPU:0"):
        ...     x = sw.constant(1.0)
    """
    del device_name
    yield


@public("compat.v1", top=True)
@contextmanager
def control_dependencies(control_inputs: object = None) -> Iterator[None]:
    """A context whose operations follow others. All effects keep the order of the program: nothing is to be done.

    Functions among `control_inputs` are called, eagerly.

    Example:
        >>> import stepwell as sw
        >>> v = sw.Variable(1.0)
        >>> with sw.control_dependencies([v.assign(2.0)]):
        ...     print(v.read_value().numpy())
        2.0
    """
    if current_tracer() is None and isinstance(control_inputs, list | tuple):
        for each in control_inputs:
            if callable(each) and not is_tensor(each):
                each()
    yield


@public(top=True)
@contextmanager
def init_scope() -> Iterator[None]:
    """A context that leaves the function that is traced: operations in it are run at once, and tapes do not record.

    Example:
        >>> import stepwell as sw
        >>> @sw.function
        ... def f(x):
        ...     with sw.init_scope():
        ...         inside = sw.executing_eagerly()
        ...     print(inside, sw.executing_eagerly())
        ...     return x
        >>> _ = f(sw.constant(1.0))
        True False
    """
    with tracing(None), stop_recording():
        yield


@public("compat.v1", top=True)
def group(*inputs: object, **kwargs: object) -> None:
    """Do nothing: the arguments are computed, and their effects keep the order of the program."""
    del inputs, kwargs


@public("compat.v1", top=True)
def no_op(name: str | None = None) -> None:
    """Do nothing."""
    del name


@public("compat.v1", top=True)
def executing_eagerly() -> bool:
    """Whether operations are run at once, as they are outside of a `function` that is traced."""
    return current_tracer() is None


@public(top=True)
def get_logger() -> logging.Logger:
    """The logger that warnings are written to."""
    return logging.getLogger("stepwell")


@public(top=True)
def timestamp(name: str | None = None) -> Tensor:
    """The seconds since the beginning of 1970, as float64. Inside a `function` it is an error."""
    del name
    if current_tracer() is not None:
        raise UnsupportedError(
            "timestamp: a compiled function has no clock", remedy="take the time outside of the function"
        )
    return as_tensor(np.float64(time.time()))


@public(top=True)
def get_static_value(tensor: object, partial: bool = False) -> Any:
    """The elements of a tensor, as a numpy array, if they are known now; None if only when the function runs.

    Example:
        >>> import stepwell as sw
        >>> sw.get_static_value(sw.constant([1, 2])).tolist()
        [1, 2]
    """
    del partial
    if not is_tensor(tensor):
        return tensor
    if not isinstance(tensor, Tensor):
        return None if current_tracer() is not None else as_tensor(tensor).numpy()
    value = traced_value(tensor)
    if value is None or tensor._deferred is not None:
        return tensor.numpy()
    owner = value.owner
    if isinstance(owner, arith.ConstantOp) and isinstance(owner.value, DenseIntOrFPElementsAttr):
        return array_of(owner.value)
    return None
