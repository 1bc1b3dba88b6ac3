"""Effects for people: printing and checking, eagerly or when a compiled function runs."""

from __future__ import annotations

import pprint
import sys
from collections.abc import Sequence
from typing import Any

from ....dialects import debug
from ....dialects.debug import FAILED_ASSERTION
from ....dialects.diagnostics import FailedAssertionError, InvalidArgumentError, InvalidTypeError
from ....dialects.printing import FILE, LOG, STANDARD_ERROR, STANDARD_OUTPUT, PrintOptions, print_values
from ....dialects.public import public
from ..control_flow.values import add_check
from ..tracing.tracer import current_tracer
from ..values.composite import Composite
from ..values.dispatch import as_tensor, to_ssa
from ..values.tensor import Tensor, TensorLike, is_tensor
from .arguments import shown


@public("debugging", top=True)
def print(
    *inputs: object,
    summarize: int | None = 3,
    sep: str = " ",
    end: str = "\n",
    output_stream: object = None,
    name: str | None = None,
) -> None:
    """Print values to standard error; inside a `function`, every time that it runs.

    Args:
        inputs: tensors, other values, and lists, tuples and dicts of these.
        summarize: how many elements at each end of an axis are printed; -1 for all.
        sep: what is between the inputs.
        end: what follows the last one.
        output_stream: `sys.stderr` (the default), `sys.stdout`, `"file://…"` for a file that is appended to, or one of
            `logging.info`, `logging.warning` and `logging.error`.
        name: accepted as in TensorFlow; unused.

    Raises ValueError for another stream.

    Example:
        >>> import sys
        >>> import stepwell as sw
        >>> sw.print("loss", sw.constant(1.5), {"x": sw.range(9)}, output_stream=sys.stdout)
        loss 1.5 {'x': [0 1 2 ... 6 7 8]}
    """
    del name
    values: list[Tensor] = []
    count = 3 if summarize is None else int(summarize)
    text = sep.join(_printed(value, values, count) for value in inputs)
    options = PrintOptions(count, end, _stream_of(output_stream))
    tracer = current_tracer()
    if tracer is None:
        print_values(text, [value._concrete("print") for value in values], options)
    else:
        tracer.add(debug.PrintOp(text, [to_ssa(value) for value in values], options))


def _escaped(text: str) -> str:
    """A text in which no braces represent values."""
    return text.replace("{", "{{").replace("}", "}}")


def _stream_of(stream: object) -> str:
    """The name that the IR has for a stream."""
    if stream is None or stream is sys.stderr or stream is sys.__stderr__:
        return STANDARD_ERROR
    if stream is sys.stdout or stream is sys.__stdout__:
        return STANDARD_OUTPUT
    if isinstance(stream, str) and stream.startswith(FILE):
        return stream
    level = getattr(stream, "__name__", "")
    if callable(stream) and level in ("info", "warning", "error"):
        return LOG + level.upper()
    raise InvalidArgumentError(
        "print: output_stream: expected sys.stderr, sys.stdout, 'file://…', logging.info, logging.warning or "
        f"logging.error, got {shown(stream)}"
    )


class _Field:
    """What represents a tensor in the template of a line, or is a text, while other values around it are printed."""

    def __init__(self, shown: int | str):
        self.text = f"\0{shown}\0" if isinstance(shown, int) else shown

    def __repr__(self) -> str:
        return self.text


def _printed(value: object, values: list[Tensor], summarize: int) -> str:
    """The template of one input, to which its tensors are added."""
    first = len(values)
    text = value if isinstance(value, str) else pprint.pformat(_with_fields(value, values, summarize))
    text = _escaped(text)
    for index in range(first, len(values)):
        text = text.replace(f"\0{index}\0", f"{{{index}}}")
    return text


def _with_fields(value: object, values: list[Tensor], summarize: int) -> object:
    """A value with its tensors replaced by fields, in lists, tuples and dicts too."""
    if isinstance(value, Composite):
        known, parts = value.printed(summarize)
        return _Field(known) if known is not None else _with_fields(parts, values, summarize)
    if is_tensor(value):
        values.append(as_tensor(value))
        return _Field(len(values) - 1)
    if isinstance(value, dict):
        return {key: _with_fields(value[key], values, summarize) for key in _sorted_keys(value)}
    if not isinstance(value, list | tuple):
        return value
    make: Any = type(value)
    items = [_with_fields(item, values, summarize) for item in value]
    return make(*items) if hasattr(value, "_fields") else make(items)


def _sorted_keys(mapping: dict[Any, Any]) -> list[Any]:
    try:
        return sorted(mapping)
    except TypeError:
        return list(mapping)


@public("debugging", top=True)
def Assert(
    condition: TensorLike,
    data: TensorLike | str | Sequence[TensorLike | str] = (),
    summarize: int | None = None,
    name: str | None = None,
    *,
    message: str = "assertion failed",
) -> None:
    """Stop with an error unless `condition`, a boolean scalar, holds; inside a `function`, when it runs.

    Args:
        condition: one boolean.
        data: tensors and texts that are shown with the message.
        summarize: accepted as in TensorFlow; unused.
        name: accepted as in TensorFlow; unused.
        message: the beginning of the message.
    """
    del summarize, name
    test = as_tensor(condition, name="Assert: condition")
    if test.ndim or not test.dtype.is_bool:
        raise InvalidTypeError(f"Assert: condition: expected one boolean, got {shown(condition)}")
    if not isinstance(message, str):
        raise InvalidTypeError(f"Assert: message: expected a text, got {shown(message)}")
    data = [data] if isinstance(data, Tensor | str) else data
    if not isinstance(data, list | tuple):
        raise InvalidTypeError(f"Assert: data: expected a list of tensors, got {shown(data)}")
    values: list[Tensor] = []
    parts = [_escaped(message)]
    for value in data:
        parts.append(_escaped(value) if isinstance(value, str) else f"{{{len(values)}}}")
        values += [] if isinstance(value, str) else [as_tensor(value, name="Assert: data")]
    text = " ".join(parts)
    tracer = current_tracer()
    if tracer is not None:
        add_check(tracer, to_ssa(test), text, [to_ssa(value) for value in values], FAILED_ASSERTION)
    elif not test:
        raise FailedAssertionError(text.format(*(str(value._concrete("Assert")) for value in values)))
