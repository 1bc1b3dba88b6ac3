"""Effects for people: printing and checking, eagerly or when a compiled function runs."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

from ....dialects import debug
from ....dialects.debug import FAILED_ASSERTION
from ....dialects.diagnostics import FailedAssertionError
from ....dialects.public import public
from ..control_flow.values import add_check
from ..tracing.tracer import current_tracer
from ..values.dispatch import as_tensor, to_ssa
from ..values.tensor import Tensor, TensorLike
from ..values.variable import Variable
from .arguments import shown


@public("debugging", top=True)
def print(*inputs: object, sep: str = " ") -> None:
    """Print values; inside a `function`, every time that it runs.

    Example:
        >>> import stepwell as sw
        >>> sw.print("loss", sw.constant(1.5))
        loss 1.5
    """
    tracer = current_tracer()
    values: list[Tensor] = []
    parts: list[str] = []
    for value in inputs:
        if isinstance(value, Tensor | Variable):
            parts.append(f"{{{len(values)}}}")
            values.append(as_tensor(value))
        else:
            parts.append(str(value).replace("{", "{{").replace("}", "}}"))
    text = sep.join(parts)
    if tracer is None:
        builtins.print(text.format(*(str(value) for value in values)))
    else:
        tracer.add(debug.PrintOp(text, [to_ssa(value) for value in values]))


@public("debugging", top=True)
def Assert(
    condition: TensorLike, data: TensorLike | Sequence[TensorLike] = (), message: str = "assertion failed"
) -> None:
    """Stop with an error unless `condition`, a boolean scalar, holds; inside a `function`, when it runs.

    `data` are tensors shown with the message.
    """
    test = as_tensor(condition, name="Assert: condition")
    if test.ndim or test.dtype.kind != "b":
        raise TypeError(f"Assert: condition: expected one boolean, got {shown(condition)}")
    if not isinstance(message, str):
        raise TypeError(f"Assert: message: expected a text, got {shown(message)}")
    data = [data] if isinstance(data, Tensor) else data
    if not isinstance(data, list | tuple):
        raise TypeError(f"Assert: data: expected a list of tensors, got {shown(data)}")
    values = [as_tensor(value, name="Assert: data") for value in data]
    escaped = message.replace("{", "{{").replace("}", "}}")
    text = escaped + "".join(f" {{{number}}}" for number in range(len(values)))
    tracer = current_tracer()
    if tracer is not None:
        add_check(tracer, to_ssa(test), text, [to_ssa(value) for value in values], FAILED_ASSERTION)
    elif not test:
        raise FailedAssertionError(text.format(*(str(value) for value in values)))
