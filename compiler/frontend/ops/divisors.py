"""Integer divisors and exponents that have no result: refused, as TensorFlow does it, now or when the function runs.

The ops of `hl` themselves are defined for all operands, so that the compiler may move them.
"""

from __future__ import annotations

import numpy as np

from ....dialects.debug import DIVISION_BY_ZERO
from ....dialects.diagnostics import failed_check
from ..control_flow.values import add_check
from ..tracing.tracer import current_tracer
from ..values.dispatch import to_ssa
from ..values.tensor import Tensor
from . import namespace


def check_divisor(function: str, x: Tensor, y: Tensor) -> None:
    """Refuse 0 among integer divisors."""
    if y.dtype.is_integer:
        _check(f"{function}: division by zero", DIVISION_BY_ZERO, "not_equal", x, y)


def check_exponent(x: Tensor, y: Tensor) -> None:
    """Refuse negative integers among the exponents of integers."""
    if y.dtype.is_integer:
        _check("pow: integers to negative integer powers are not allowed", "", "greater_equal", x, y)


def _check(text: str, kind: str, comparison: str, x: Tensor, y: Tensor) -> None:
    """Compare the elements of `y` with 0; known ones at once, but they are refused where they would be computed."""
    tracer = current_tracer()
    if y._ssa is None:
        with np.errstate(all="ignore"):
            refused = bool(np.any(y._array == 0 if comparison == "not_equal" else y._array < 0))
        if not refused or (x._ssa is None and x._array.size == 0):
            return
        if tracer is None:
            raise failed_check(kind, text)
        add_check(tracer, to_ssa(Tensor(np.array(False))), text, kind=kind)
    elif tracer is not None:
        m = namespace()
        holds = getattr(m, comparison)(y, Tensor(np.array(0, y.dtype)))
        add_check(tracer, to_ssa(m.reduce_all(holds) if holds.ndim else holds), text, kind=kind)
