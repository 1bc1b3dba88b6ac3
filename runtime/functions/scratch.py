"""Traces that nothing runs: for shapes and dtypes of what a function returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ...compiler.frontend.tracing.tensor_shape import ShapeOfAny, TensorShape
from ...compiler.frontend.tracing.tracer import Tracer, current_tracer, tracing
from ...compiler.frontend.values import recording
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.dtypes import DTypeLike, dtype_named
from ...dialects.types import tensor_type

Placeholder = Callable[[ShapeOfAny, DTypeLike], Tensor]
"""Makes a tensor of a shape and a dtype without elements."""


@contextmanager
def scratch_trace(name: str) -> Iterator[Placeholder]:
    """What runs inside is traced, and the trace thrown away: tensors in it have a shape and a dtype, and no elements.

    Variables must not be assigned in it.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.runtime.functions.scratch import scratch_trace
        >>> with scratch_trace("shapes") as placeholder:
        ...     sw.matmul(placeholder([None, 3], "float32"), sw.ones([3, 5])).shape
        TensorShape([None, 5])
    """
    tracer = Tracer(name, captures_symbols=True, parent=current_tracer())

    def placeholder(shape: ShapeOfAny, dtype: DTypeLike) -> Tensor:
        type_ = tensor_type(TensorShape(shape).as_list(), dtype_named(dtype, f"{name}: dtype"))
        return Tensor.symbolic(tracer.argument(type_), tracer)

    with tracing(tracer), recording.stop_recording():
        yield placeholder
