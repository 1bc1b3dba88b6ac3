"""The default writer, the default step and whether summaries are recorded: one each for every thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...compiler.frontend.ops.arguments import shown
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.dtypes import BOOL
from ...dialects.public import public

if TYPE_CHECKING:
    from .writers import SummaryWriter


class _State(threading.local):
    writer: SummaryWriter | None = None
    step: Any = None
    recording: Any = None


state = _State()
"""What holds in this thread."""


@public("summary.experimental")
def set_step(step: Any) -> None:
    """Set the step of summaries that are given none, in this thread; None for no such step.

    A traced function keeps the step that was set when it was traced; a Variable is read when the function runs.

    Args:
        step: an integer, a tensor or a Variable of one integer, or None.

    Example:
        >>> import stepwell as sw
        >>> sw.summary.experimental.set_step(3)
        >>> sw.summary.experimental.get_step()
        3
        >>> sw.summary.experimental.set_step(None)
    """
    state.step = step


@public("summary.experimental")
def get_step() -> Any:
    """The step that `set_step`, or the `as_default` of a writer, has set in this thread; None where there is none."""
    return state.step


@public("summary")
@contextmanager
def record_if(condition: Any) -> Iterator[None]:
    """A context in which summaries are written only where `condition` holds.

    Args:
        condition: a bool, a tensor or Variable of one bool, or a function without parameters that returns one of
            these. A function is called for each summary; in a `sw.function` when that is traced, where it may compute
            a condition that is tested on each run.

    Example:
        >>> import stepwell as sw
        >>> with sw.summary.record_if(False):
        ...     sw.summary.scalar("loss", 0.5, step=1).numpy()
        np.False_
    """
    before, state.recording = state.recording, condition
    try:
        yield
    finally:
        state.recording = before


@public("summary")
def should_record_summaries() -> Tensor:
    """Whether summaries are written here and now: there is a default writer, and the condition of `record_if` holds.

    Example:
        >>> import stepwell as sw
        >>> sw.summary.should_record_summaries().numpy()
        np.False_
    """
    condition = recording_condition()
    return condition if isinstance(condition, Tensor) else as_tensor(condition)


def recording_condition() -> bool | Tensor:
    """What `should_record_summaries` returns; a bool where it is known."""
    if state.writer is None:
        return False
    given = state.recording
    condition = given() if isinstance(given, Callable) and not isinstance(given, Tensor) else given
    if condition is None or condition is True or condition is False:
        return condition is not False
    tensor = as_tensor(condition, name="summary.record_if: condition")
    if tensor.dtype != BOOL:
        raise InvalidTypeError(f"summary.record_if: condition: expected a bool, got {shown(condition)}")
    if tensor.shape.rank not in (0, None):
        raise InvalidArgumentError(f"summary.record_if: condition: expected one bool, got shape {tensor.shape}")
    return tensor if tensor.is_symbolic else bool(tensor)
