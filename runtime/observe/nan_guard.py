"""`nan_guard`: programs stop at the first op that makes a NaN or an infinity, eagerly and compiled."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ContextDecorator

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from ...compiler.frontend.tracing import modes
from ...compiler.frontend.tracing.source import user_location
from ...compiler.frontend.values.recording import Guard, state
from ...compiler.passes.insert_nan_checks import INFINITY, NAN, InsertNanChecksPass, message, shown
from ...dialects.context import make_context
from ...dialects.diagnostics import InvalidArgumentError
from ...dialects.dtypes import dtype_of
from ...dialects.public import public
from ...dialects.types import tensor_type

__all__ = ["NanGuard", "nan_guard"]


@public("types")
class NanGuard(ContextDecorator):
    """What is looked for; made by `nan_guard`.

    Attributes:
        nan: whether NaN stops the program.
        inf: whether an infinity does.
    """

    def __init__(self, nan: bool, inf: bool):
        self.nan, self.inf = nan, inf
        self._outer: list[Guard | None] = []

    def __enter__(self) -> NanGuard:
        """Look from now on, in this thread."""
        self._outer.append(state.guard)
        modes.switch("guard", state.guard is not None, True)
        state.guard = self
        return self

    def __exit__(self, *error: object) -> None:
        """Do again as before."""
        state.guard = outer = self._outer.pop()
        modes.switch("guard", True, outer is not None)

    def check(self, op_name: str, operands: Sequence[np.ndarray], results: Sequence[np.ndarray]) -> None:
        """Stop if a result of an eager op has such a value and no operand has one."""
        for array in results:
            if not dtype_of(array).is_floating:
                continue
            for kind, look in self._looks():
                if look(array).any() and not any(look(x).any() for x in operands if dtype_of(x).is_floating):
                    raise InvalidArgumentError(_text(op_name, kind, operands), location=user_location())

    def _looks(self) -> list[tuple[str, np.ufunc]]:
        looks: list[tuple[bool, str, np.ufunc]] = [(self.nan, NAN, np.isnan), (self.inf, INFINITY, np.isinf)]
        return [(kind, look) for wanted, kind, look in looks if wanted]

    def checked(self, module: ModuleOp) -> ModuleOp:
        """A copy of a traced module that stops likewise."""
        copy = module.clone()
        InsertNanChecksPass(nan=self.nan, inf=self.inf).apply(make_context(), copy)
        return copy


def _text(op_name: str, kind: str, operands: Sequence[np.ndarray]) -> str:
    numbers = shown([tensor_type(array.shape, array.dtype) for array in operands])
    ends = [end for number in numbers for end in _range(operands[number])]
    return message(op_name, kind, numbers).format(*(str(end) for end in ends))


def _range(array: np.ndarray) -> tuple[object, object]:
    """The smallest and the largest element; of nothing what reductions start from."""
    if not array.size:
        return np.inf, -np.inf
    return array.min(), array.max()


@public("debugging")
def nan_guard(nan: bool = True, inf: bool = True) -> NanGuard:
    """Stop the program at the first op that makes a NaN or an infinity where no operand has one.

    A context manager and a decorator. Compiled functions called inside run a variant of their trace with a check after
    each op that computes floats, in loops and branches and in their gradients too; it is compiled once and kept. The
    error names the op, the user's line, and the smallest and largest element of its operands. Values that came in as
    NaN or infinite may be handed on.

    Args:
        nan: whether NaN stops the program.
        inf: whether an infinity does.

    Raises `InvalidArgumentError` where the program would have gone on with such a value.

    Example:
        >>> import stepwell as sw
        >>> with sw.debugging.nan_guard():
        ...     try:
        ...         sw.math.log(sw.constant([1.0, -2.0]))
        ...     except Exception as error:
        ...         print(str(error).split(": ", 1)[1])
        log: made NaN of operands without: operand 0 from -2.0 to 1.0
    """
    if not (nan or inf):
        raise ValueError("nan_guard: expected nan or inf to be looked for, got nan=False and inf=False")
    return NanGuard(nan, inf)
