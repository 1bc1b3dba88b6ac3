"""Functions of arrays that are called now, or by a compiled function each time that it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ....compiler.frontend.gradients.host_functions import numpy_function
from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.tracing.tracer import current_tracer
from ....compiler.frontend.values.tensor import Tensor
from ....dialects.strings import as_array


def host_call(
    what: str,
    function: Callable[..., Sequence[np.ndarray]],
    tensors: Sequence[Tensor],
    specs: Sequence[TensorSpec],
) -> list[Tensor]:
    """What a function of arrays returns, which fits the specs."""

    def call(*arrays: object) -> list[np.ndarray]:
        return list(function(*map(as_array, arrays)))

    if current_tracer() is None:
        return [Tensor(array) for array in call(*[tensor._concrete(what) for tensor in tensors])]
    return numpy_function(call, list(tensors), list(specs), name=what)
