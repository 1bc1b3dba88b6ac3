"""Functions of arrays that are called now, or by a compiled function each time that it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ....compiler.frontend.gradients.host_calls import HostFunction, staged_call
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
    """What a function of arrays returns: arrays of the dtypes of the specs, which nothing else writes to or keeps.

    They are not converted or copied, as those of a user's function are by `numpy_function`.
    """

    def call(given: Sequence[Tensor]) -> list[Tensor]:
        return [Tensor(array) for array in function(*[as_array(tensor._concrete(what)) for tensor in given])]

    tracer = current_tracer()
    return call(tensors) if tracer is None else staged_call(tracer, HostFunction(what, call), tensors, specs)
