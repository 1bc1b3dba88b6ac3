# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from stepwell import Tensor

def get_step() -> Any:
    """The step that `set_step`, or the `as_default` of a writer, has set in this thread; None where there is none."""

def set_step(step: Any) -> None:
    """Set the step of summaries that are given none, in this thread; None for no such step."""

@contextmanager
def summary_scope(
    name: str | None,
    default_name: str = 'summary',
    values: object = None,
) -> Iterator[tuple[str, str]]:
    """A context for a function that writes a summary of its own kind: the tag to write, and the name scope around it."""

def write_raw_pb(tensor: Any, step: Any = None, name: str | None = None) -> Tensor:
    """Write a message of `tensorflow.Summary` to the default writer, if there is one."""
