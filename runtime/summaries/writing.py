"""`write`: a tensor as a summary, eagerly or each time that a compiled function runs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...compiler.frontend.ops.arguments import shown
from ...compiler.frontend.ops.control_flow import cond
from ...compiler.frontend.tracing.name_scopes import name_scope, scope_prefix
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor, is_tensor, represented
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.dtypes import INT64, STRING, dtype_named
from ...dialects.public import public
from .staging import call_in_order
from .state import recording_condition, state
from .writers import SummaryWriter

Encode = Callable[[Sequence[Tensor]], np.ndarray]
"""What is written for some tensors, which are known."""


@dataclass(frozen=True)
class PluginMetadata:
    """What a summary says of itself.

    Attributes:
        plugin: the plug-in of TensorBoard that shows it.
        content: what this plug-in has to know.
        description: a text about it, in Markdown.
    """

    plugin: str
    content: bytes = b""
    description: str | None = None


@public("summary.experimental")
@contextmanager
def summary_scope(name: str | None, default_name: str = "summary", values: object = None) -> Iterator[tuple[str, str]]:
    """A context for a function that writes a summary of its own kind: the tag to write, and the name scope around it.

    Args:
        name: the name that the user has given. The tag is this after the name scopes around.
        default_name: the name where `name` is None or empty.
        values: accepted as in TensorFlow; unused.

    Example:
        >>> import stepwell as sw
        >>> with sw.name_scope("layer"), sw.summary.experimental.summary_scope("my op") as names:
        ...     print(names)
        ('layer/my op', 'layer/myop/')
    """
    del values
    chosen = name or default_name
    if not isinstance(chosen, str):
        raise InvalidTypeError(f"summary: name: expected a text, got {shown(chosen)}")
    tag = scope_prefix() + chosen
    with name_scope(re.sub(r"[^-_/.A-Za-z0-9]", "", chosen) or default_name) as scope:
        yield tag, scope


@public("summary")
def write(tag: str, tensor: Any, step: Any = None, metadata: Any = None, name: str | None = None) -> Tensor:
    """Write a tensor as a summary to the default writer, if there is one: what `scalar`, `image` and others do.

    Args:
        tag: what TensorBoard calls it.
        tensor: the tensor, or a function that returns it, which is called only where the summary is recorded.
        step: an integer, or a tensor or Variable of one; by default what `set_step` or `as_default` have set.
        metadata: a message of `tensorflow.SummaryMetadata`, or its bytes: which plug-in of TensorBoard shows it.
        name: accepted as in TensorFlow; unused.

    Returns whether it was written, as a tensor. In a `function` a summary is written on each run, in the order of the
    program's other effects, if there was a default writer when the function was traced; without one there is nothing of
    it in the program. A model in ONNX cannot write: `sw.onnx.export` tells so.

    Raises ValueError where there is a writer and no step.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> with sw.summary.create_file_writer(tempfile.mkdtemp()).as_default():
        ...     sw.summary.write("codes", sw.constant([1, 2]), step=0).numpy()
        np.True_
    """
    del name

    def inputs() -> list[Tensor]:
        return [
            as_tensor(tensor() if callable(tensor) and not is_tensor(tensor) else tensor, name="summary.write: tensor")
        ]

    return write_encoded("summary.write", tag, inputs, lambda given: given[0]._array, step, metadata)


@public("summary.experimental")
def write_raw_pb(tensor: Any, step: Any = None, name: str | None = None) -> Tensor:
    """Write a message of `tensorflow.Summary` to the default writer, if there is one.

    Args:
        tensor: the bytes of the message.
        step: an integer, or a tensor or Variable of one; by default what `set_step` or `as_default` have set.
        name: accepted as in TensorFlow; unused.

    Returns whether it was written, as a tensor. Raises ValueError where there is a writer and no step.
    """
    del name
    what = "summary.write_raw_pb"

    def inputs() -> list[Tensor]:
        message = as_tensor(tensor, STRING, f"{what}: tensor")
        if message.shape.rank not in (0, None):
            raise InvalidArgumentError(f"{what}: tensor: expected one string, got shape {message.shape}")
        return [message]

    def message_of(tensors: Sequence[Tensor]) -> Any:
        from .messages import summary_of  # loads Protocol Buffers

        return summary_of(tensors[0].numpy(), what)  # pyright: ignore[reportArgumentType]

    return _write(what, inputs, message_of, step)


def write_encoded(
    what: str, tag: str, inputs: Callable[[], Sequence[Tensor]], encode: Encode, step: Any, metadata: Any
) -> Tensor:
    """Write what `encode` returns for the tensors of `inputs`; both are called only where the summary is recorded."""
    if not isinstance(tag, str):
        raise InvalidTypeError(f"{what}: tag: expected a text, got {shown(tag)}")

    def message_of(tensors: Sequence[Tensor]) -> Any:
        from .messages import summary_message  # loads Protocol Buffers

        return summary_message(tag, encode(tensors), metadata, what)

    return _write(what, inputs, message_of, step)


def _write(
    what: str, inputs: Callable[[], Sequence[Tensor]], message_of: Callable[[Sequence[Tensor]], Any], step: Any
) -> Tensor:
    """Write a message made of tensors, if there is a writer and the condition of `record_if` holds."""
    if step is not None:
        _check_step(what, step)
    writer, given = state.writer, state.step if step is None else step
    if writer is None:
        return as_tensor(False)

    def record() -> Tensor:
        if given is None:
            raise InvalidArgumentError(
                f"{what}: step: expected a step, got None, and there is no default one",
                remedy="give it as step=, set it by sw.summary.experimental.set_step, or writer.as_default(step)",
            )
        tensors = [_step_tensor(what, given), *inputs()]
        call_in_order(what, lambda values: _add(writer, what, values[0], message_of(values[1:])), tensors)
        return as_tensor(True)

    condition = recording_condition()
    if isinstance(condition, Tensor):
        return cond(condition, record, lambda: as_tensor(False))
    return record() if condition else as_tensor(False)


def _add(writer: SummaryWriter, what: str, step: Tensor, summary: Any) -> None:
    from .protos import Event  # loads Protocol Buffers

    number = int(step.numpy().item())
    writer.add_event(Event(wall_time=time.time(), step=number, summary=summary).SerializeToString(), what)


def _check_step(what: str, step: Any) -> None:
    """Refuse what is no step; a Variable is not read."""
    known = represented(step)
    if not is_tensor(known):
        known = as_tensor(known, INT64, f"{what}: step")
    dtype, shape = dtype_named(known.dtype, f"{what}: step"), known.shape  # pyright: ignore
    if not dtype.is_integer:
        raise InvalidTypeError(f"{what}: step: expected an integer, got {dtype.name}")
    if any(size not in (1, None) for size in (shape if getattr(shape, "rank", 0) is not None else ())):
        raise InvalidArgumentError(f"{what}: step: expected one integer, got shape {shape}")


def _step_tensor(what: str, step: Any) -> Tensor:
    _check_step(what, step)
    return as_tensor(step, None if is_tensor(step) else INT64, f"{what}: step")
