"""Reading and writing files: errors name the file, and what is written appears whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ..dialects.files import replacing
from .errors import CommandError

STANDARD = "-"
"""The name that represents standard input or output."""


def read_text(path: str) -> str:
    """The text of a file, or of standard input for `-`; for an ONNX model the `hl` text that it is."""
    from .models import is_model, model_text

    if is_model(path) and os.path.isfile(path):
        return model_text(path)
    try:
        if path == STANDARD:
            return sys.stdin.read()
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CommandError(f"{path}: this is not text") from None
    except OSError as error:
        raise CommandError(f"{path}: {_reason(error)}") from None


def write(path: str, produce: Callable[[IO[bytes]], object]) -> None:
    """Write what `produce` writes to the stream it is given: under another name first, then renamed.

    What is there and is not a plain file (a device, a pipe) is written to as it is.
    """
    target = Path(path)
    try:
        if target.exists() and not target.is_file():
            with open(target, "wb") as stream:
                produce(stream)
            return
        with replacing(target.resolve()) as temporary, open(temporary, "wb") as stream:
            produce(stream)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {_reason(error)}") from None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def write_text(path: str | None, text: str) -> None:
    """Write text to a file, or to standard output for `-` and None; in colour when that is a terminal."""
    if path not in (None, STANDARD):
        write(path, lambda stream: stream.write(text.encode()))
    elif sys.stdout.isatty():
        from rich.console import Console

        from .colour import coloured

        Console().print(coloured(text), soft_wrap=True, end="")
    else:
        sys.stdout.write(text)
