"""How the front end sees the runtime's tensors, without importing them: the runtime installs its model here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.ir import SSAValue


@dataclass(frozen=True)
class ValueModel:
    """What the front end needs to know of the runtime's values.

    Attributes:
        is_tensor: whether a Python value is a tensor or a Variable, concrete or symbolic.
        is_symbolic: whether it stands for a value of the current trace (a Variable does, while tracing).
        convertible: whether it can become a tensor: a tensor, a number, a bool or a numpy array.
        to_ssa: the SSA value of a convertible value in the current trace, as the dtype given or its natural one.
        from_ssa: the tensor that stands for an SSA value of the current trace.
    """

    is_tensor: Callable[[Any], bool]
    is_symbolic: Callable[[Any], bool]
    convertible: Callable[[Any], bool]
    to_ssa: Callable[[Any, np.dtype | None], SSAValue]
    from_ssa: Callable[[SSAValue], Any]


_model: ValueModel | None = None


def install(model: ValueModel) -> None:
    """Say how tensors are seen; called once, by the runtime."""
    global _model
    _model = model


def model() -> ValueModel:
    """The installed model."""
    assert _model is not None, "the runtime has not installed its tensors"
    return _model
