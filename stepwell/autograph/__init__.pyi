# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Callable
from typing import Any
from . import experimental as experimental

def do_not_convert(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function: AutoGraph leaves it, and what it calls, as it is."""

def to_code(python_function: Callable[..., Any]) -> str:
    """The text of the converted function, for reading."""
