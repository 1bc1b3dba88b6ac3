# Written by `python -m stepwell.tools.public_api --write`.

from typing import Any

DEBUG: int
...

ERROR: int
...

FATAL: int
"""Levels of messages."""

INFO: int
...

WARN: int
...

def debug(msg: object, *args: object, **kwargs: Any) -> None:
    """Write a message of the level DEBUG."""

def error(msg: object, *args: object, **kwargs: Any) -> None:
    """Write a message of the level ERROR."""

def fatal(msg: object, *args: object, **kwargs: Any) -> None:
    """Write a message of the level FATAL."""

def get_verbosity() -> int:
    """From which level on messages are written."""

def info(msg: object, *args: object, **kwargs: Any) -> None:
    """Write a message of the level INFO."""

def set_verbosity(v: int) -> None:
    """Set from which level on messages are written."""

def warn(msg: object, *args: object, **kwargs: Any) -> None:
    """Write a message of the level WARN."""

def warning(msg: object, *args: object, **kwargs: Any) -> None:
    """Write a message of the level WARN."""
