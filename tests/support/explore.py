"""Programs to look at: with names that try to be more than text, and with many ops."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import stepwell as sw

HOSTILE = "</script><img src=x onerror=window.broken=1>\"'&<!--"
"""A name that breaks out of a page that does not escape it."""

_PROGRAM = '''
import stepwell as sw

def program(x):
    """{hostile} \u2028 &lt; ]]> ${{broken}}"""
    y = x["{quoted}"] * 2.0  # {hostile}
    sw.print("{quoted}", y)
    return y + 1.0
'''


def hostile_function(folder: Path) -> tuple[Any, Any]:
    """A function in a file, with a name, comments, keys and prints that are hostile, and an argument for it."""
    quoted = HOSTILE.replace('"', '\\"')
    path = folder / f"{HOSTILE.replace('/', '∕')}.py"  # a slash of another kind: names of files have none
    path.write_text(_PROGRAM.format(hostile=HOSTILE, quoted=quoted), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("hostile", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return sw.function(module.program, name=HOSTILE), {HOSTILE: sw.constant([1.0, 2.0])}


def chain(length: int) -> str:
    """The text of a function of `length` ops, each of which uses the one before.

    Example:
        >>> chain(2).count("hl.")
        2
    """
    kinds, type_ = ("add", "mul", "sub", "maximum"), "tensor<4xf32>"
    lines, last = [f"func.func @chain(%x: {type_}) -> {type_} {{"], "%x"
    for number in range(length):
        name = f"%v{number}"
        lines.append(f"  {name} = hl.{kinds[number % 4]} {last}, %x : ({type_}, {type_}) -> {type_}")
        last = name
    return "\n".join([*lines, f"  func.return {last} : {type_}", "}"]) + "\n"
