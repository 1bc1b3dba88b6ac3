# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Callable
from typing import ParamSpec, TypeVar
from . import experimental as experimental

P = ParamSpec('P')
R = TypeVar('R')

def do_not_convert(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function: AutoGraph leaves it, and what it calls, as it is."""

def to_code(python_function: Callable[..., object]) -> str:
    """The text of the converted function, for reading."""
