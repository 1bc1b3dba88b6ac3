"""AutoGraph: Python's `if`, `while`, `for`, `and`, `or`, `not` on tensors become control flow in the IR.

A function is converted by rewriting its source (`transpile`): each statement becomes a call of an operator
(`operators`), which runs it as Python where its condition is a Python value, and stages it where it is a tensor of
the trace. The functions it calls are converted as they are called (`calls`).

`calls`, `transpile` and `operators` need each other, since converted code calls what converts: the one circle here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from ....dialects.public import public
from ..tracing.conversion import convert_inside

P = ParamSpec("P")
R = TypeVar("R")

__all__ = ["convert", "convert_inside", "do_not_convert", "to_code"]


def convert(python_function: Callable[P, R]) -> Callable[P, R]:
    """`python_function` with its control flow on tensors staged; what cannot be converted runs as it is."""
    from .calls import entry  # is loaded by the first function that is traced, not by the first tensor

    return entry(python_function)


@public("autograph", "autograph.experimental")
def do_not_convert(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function: AutoGraph leaves it, and what it calls, as it is.

    Example:
        >>> from stepwell.compiler.frontend.autograph import do_not_convert
        >>> @do_not_convert
        ... def helper(x):
        ...     return x
        >>> helper(1)
        1
    """
    from .calls import unconverted  # as above

    return unconverted(function)


@public("autograph")
def to_code(python_function: Callable[..., object]) -> str:
    """The text of the converted function, for reading."""
    from .transpile import generated_text  # loads malt

    return generated_text(python_function)
