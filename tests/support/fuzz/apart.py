"""The compilation of a program in a process of its own, whose end is a finding and not the end of the run."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence

from xdsl.dialects.builtin import ModuleOp

from stepwell.compiler.interchange.mlir.text import print_module

from .check import Mismatch

COMPILE = (
    "import sys; from stepwell.compiler.interchange.mlir.text import parse_module; "
    "from stepwell.runtime.engines.native.from_hl import compile_hl; "
    "compile_hl(parse_module(sys.stdin.read(), 'program.mlir'))"
)
"""What the process runs; it reads the program's text."""


def compiled_apart(module: ModuleOp, seconds: float, compile_: str = COMPILE) -> Mismatch | None:
    """What is wrong with the native compilation of a module: that it fails, takes too long, or ends the process.

    Args:
        module: a module at the `hl` level.
        seconds: how long it may take.
        compile_: the Python program that compiles the text it reads.
    """
    text = print_module(module)
    command = [sys.executable, "-W", "ignore", "-c", compile_]
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return Mismatch("native", f"is not compiled within {seconds:g} s", text)
    if done.returncode == 0:
        return None
    return Mismatch("native", _problem(done.returncode, done.stderr.strip().splitlines()), text)


def _problem(code: int, said: Sequence[str]) -> str:
    """How the process ended, and its last words."""
    last = said[-1] if said else "it said nothing"
    if code < 0:
        return f"the process that compiles ended by {signal.Signals(-code).name}: {last}"
    return last
