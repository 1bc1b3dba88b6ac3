"""Public functions that evaluate polynomials."""

from __future__ import annotations

from collections.abc import Sequence

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.public import public
from ..values.dispatch import as_tensor, as_tensors
from ..values.tensor import Tensor, TensorLike
from .math import add, multiply
from .shape import zeros_like


@public("math")
def polyval(coeffs: Sequence[TensorLike], x: TensorLike, name: str | None = None) -> Tensor:
    """The polynomial with these coefficients, that of the highest power first, elementwise by Horner's rule.

    Example:
        >>> import stepwell as sw
        >>> float(sw.math.polyval([1.0, 2.0, 3.0], 2.0))
        11.0
    """
    if not isinstance(coeffs, list | tuple):
        raise InvalidArgumentError(f"polyval: coeffs: expected a list, got {type(coeffs).__name__}")
    if not coeffs:
        return zeros_like(as_tensor(x, name="polyval: x"))
    point, total, *rest = as_tensors("polyval", x, *coeffs)
    for coefficient in rest:
        total = add(multiply(total, point), coefficient)
    return total
