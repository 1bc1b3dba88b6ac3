"""Calls of functions that stay Python, as ops of a trace: what runs them, and how tapes differentiate them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from xdsl.dialects.builtin import UnrankedTensorType
from xdsl.ir import Attribute

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import element_type
from ....dialects.host import PythonFunction, PythonOp
from ....dialects.types import tensor_type
from ..ops.static_shape import ensure_shape
from ..tracing.signature import TensorSpec
from ..tracing.tracer import Tracer, current_tracer, tracing
from ..values.dispatch import to_ssa
from ..values.recording import record, stop_recording
from ..values.tensor import Tensor

Function: TypeAlias = Callable[[Sequence[Tensor]], Sequence[Tensor]]
"""The results of a function for tensors, in the dtypes that it has said."""

Derive: TypeAlias = Callable[[Function, int, Sequence[int]], Function]
"""The gradients of a function: of the arguments at some indices, given the arguments, so many, and then the gradients
of the results."""

_tickets = itertools.count()


class HostFunction:
    """A Python function that a compiled program calls.

    Attributes:
        label: what people call it.
        function: what it does on tensors.
        derive: returns what computes gradients, or None where there is none.
        observes: whether it only looks at values.
    """

    def __init__(self, label: str, function: Function, derive: Derive | None = None, observes: bool = False):
        self.label = label
        self.observes = observes
        self.function = function
        self.derive = derive
        self._kept: dict[int, list[np.ndarray]] = {}
        self._known: tuple[list[np.ndarray], list[np.ndarray]] | None = None

    def look(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The results, which are those of the next call if it is of the same arrays: the function runs once."""
        if self._known is None or not _same(self._known[0], arrays):
            self._known = [array.copy() for array in arrays], self._results(arrays)
        return self._known[1]

    def run(self, arrays: Sequence[np.ndarray], ranks: Sequence[int]) -> list[np.ndarray]:
        """The results, checked to have these ranks."""
        known, self._known = self._known, None
        results = known[1] if known is not None and _same(known[0], arrays) else self._results(arrays)
        for index, (result, rank) in enumerate(zip(results, ranks, strict=True)):
            if result.ndim != rank:
                raise InvalidArgumentError(
                    f"the Python function '{self.label}': result {index}: expected rank {rank}, as when it was traced, "
                    f"got shape {result.shape}"
                )
        return results

    def begin(self, arrays: Sequence[np.ndarray], ranks: Sequence[int]) -> np.ndarray:
        """Run it, and keep the results: a ticket for them, and then their sizes, of int64."""
        results, ticket = self.run([array.copy() for array in arrays], ranks), next(_tickets)
        if results:
            self._kept[ticket] = results
        return np.array([ticket, *(size for result in results for size in result.shape)], np.int64)

    def results(self, ticket: int) -> list[np.ndarray]:
        """The results that are kept, once."""
        return self._kept.pop(ticket)

    def _results(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        with tracing(None), stop_recording():
            results = self.function([Tensor(array) for array in arrays])
        return [result._concrete(self.label) for result in results]


def _same(known: Sequence[np.ndarray], arrays: Sequence[np.ndarray]) -> bool:
    """Whether arrays are equal, bit by bit."""
    return len(known) == len(arrays) and all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in zip(known, arrays)
    )


def staged_call(
    tracer: Tracer,
    function: HostFunction,
    tensors: Sequence[Tensor],
    specs: Sequence[TensorSpec],
) -> list[Tensor]:
    """The results of a call in the IR, which tapes know how to differentiate."""
    ranks = [spec.shape.rank for spec in specs]
    if None in ranks:
        ranks = _ranks_now(tracer, function, tensors, ranks)
    types = [
        UnrankedTensorType(element_type(spec.dtype)) if rank is None else tensor_type((None,) * rank, spec.dtype)
        for spec, rank in zip(specs, ranks, strict=True)
    ]
    results = call_python(tracer, function, tensors, types)
    return [
        ensure_shape(result, spec.shape) if spec.shape.rank is not None else result
        for result, spec in zip(results, specs, strict=True)
    ]


def call_python(
    tracer: Tracer, function: PythonFunction, tensors: Sequence[Tensor], types: Sequence[Attribute]
) -> list[Tensor]:
    """The results of a call in the current trace, seen by the recording tapes."""
    op = tracer.add(PythonOp(function, [to_ssa(tensor) for tensor in tensors], types))
    results = [Tensor.symbolic(result, tracer) for result in op.res]
    record_call(function, tensors, results)
    return results


def record_call(function: PythonFunction, tensors: Sequence[Tensor], results: Sequence[Tensor]) -> None:
    """Tell the recording tapes of a call, if it has a gradient."""
    if isinstance(function, HostFunction) and function.derive is not None and results:
        record(tensors, results, _Backward(function, tensors), function.label)


def _ranks_now(
    tracer: Tracer, function: HostFunction, tensors: Sequence[Tensor], ranks: Sequence[int | None]
) -> list[int | None]:
    """The ranks; those that were not given are those of the results in the call that is traced, where it is known."""
    if tracer.depth:
        return list(ranks)
    arrays = [_array_now(tracer, tensor) for tensor in tensors]
    known = [array for array in arrays if array is not None]
    if len(known) < len(arrays):
        return list(ranks)
    found = function.look(known)
    return [result.ndim if rank is None else rank for result, rank in zip(found, ranks, strict=True)]


def _array_now(tracer: Tracer, tensor: Tensor) -> np.ndarray | None:
    if not tensor.is_symbolic:
        return tensor._concrete("py_function")
    return None if tracer.evaluate is None else tracer.evaluate(to_ssa(tensor))


class _Backward:
    """How tapes differentiate a call: the function runs again, under a tape of its own."""

    def __init__(self, function: HostFunction, inputs: Sequence[Tensor]):
        self.function, self.inputs = function, inputs

    def __call__(self, _: object, *grads: Tensor) -> list[Tensor | None]:
        """Another call, of the inputs and the gradients of the results."""
        tracer, function = current_tracer(), self.function
        assert tracer is not None and function.derive is not None
        floats = [index for index, tensor in enumerate(self.inputs) if tensor.dtype.is_floating]
        derived = function.derive(function.function, len(self.inputs), floats)
        specs = [TensorSpec(self.inputs[i].shape, self.inputs[i].dtype) for i in floats]
        backward = HostFunction(f"the gradient of {function.label}", derived, function.derive)
        answer: list[Tensor | None] = [None] * len(self.inputs)
        for index, grad in zip(floats, staged_call(tracer, backward, [*self.inputs, *grads], specs), strict=True):
            answer[index] = grad
        return answer
