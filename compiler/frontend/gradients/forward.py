"""Forward mode: derivatives along a direction."""

from __future__ import annotations

from typing import Any

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.public import public
from ..ops import namespace
from ..values import nest
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor, is_tensor
from .tape import GradientTape, UnconnectedGradients


@public("autodiff")
class ForwardAccumulator:
    """Records operations inside its `with` block, to compute the products of their Jacobians with vectors.

    Args:
        primals: a tensor, a Variable, or a structure of them.
        tangents: a vector for each of them, in the same structure and shapes.

    The product is computed as the gradient of a gradient, which is linear in what it starts from (Christianson, 1992).

    Raises ValueError for tangents that do not fit.

    Example:
        >>> import stepwell as sw
        >>> x = sw.constant([1.0, 2.0])
        >>> with sw.autodiff.ForwardAccumulator(x, sw.constant([1.0, 0.0])) as acc:
        ...     y = sw.reduce_sum(x * x)
        >>> float(acc.jvp(y))
        2.0
    """

    def __init__(self, primals: object, tangents: object):
        nest.assert_same_structure(primals, tangents)
        self._primals = nest.flatten(primals)
        self._tangents = [as_tensor(t, name="ForwardAccumulator: tangents") for t in nest.flatten(tangents)]
        for primal, tangent in zip(self._primals, self._tangents, strict=True):
            if not tangent.shape.is_compatible_with(primal.shape):
                raise InvalidArgumentError(
                    f"ForwardAccumulator: tangents: expected shape {primal.shape}, got {tangent.shape}"
                )
        self._tape = GradientTape(persistent=True)

    def __enter__(self) -> ForwardAccumulator:
        self._tape.__enter__()
        self._tape.watch(self._primals)
        return self

    def __exit__(self, *details: object) -> None:
        self._tape.__exit__(*details)

    def jvp(
        self, primals: object, unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE
    ) -> Any:
        """The derivatives of tensors along the tangents, in the structure of `primals`.

        Args:
            primals: what was computed inside of the `with` block.
            unconnected_gradients: for a tensor that does not depend on the tangents' ones, `"none"` returns None,
                `"zero"` zeros.
        """
        return nest.map_structure(lambda target: self._jvp(target, unconnected_gradients == "zero"), primals)

    def _jvp(self, target: object, zero: bool) -> Tensor | None:
        m = namespace()
        if not is_tensor(target):
            return None
        for primal, tangent in zip(self._primals, self._tangents, strict=True):
            if primal is target:
                return tangent
        start = m.zeros_like(target)
        with GradientTape() as outer:
            outer.watch(start)
            grads = self._tape.gradient(target, self._primals, start)
        pairs = [(grad, tangent) for grad, tangent in zip(grads, self._tangents, strict=True) if grad is not None]
        found = outer.gradient([grad for grad, _ in pairs], start, [tangent for _, tangent in pairs]) if pairs else None
        if found is None and (zero or pairs):
            return m.zeros_like(target)
        return found
