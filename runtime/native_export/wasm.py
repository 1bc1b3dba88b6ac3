"""A library as one WebAssembly module, linked by the C compiler and linker of the package ziglang."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from ...dialects.diagnostics import ExportError, UnsupportedError
from .interface import Library
from .object_code import object_file
from .sources import header, source

TRIPLE = "wasm32-wasi"
"""The target of modules: of WASI they have the C library's memory and mathematics, and import nothing."""
_STACK = 1 << 20
"""Bytes of stack: what LLVM puts there is small, as larger temporaries are in an arena."""


def wasm_module(where: str, library: Library) -> bytes:
    """The module, which exports the functions of the library, `malloc`, `free` and its memory.

    Raises UnsupportedError where ziglang is not installed.
    """
    if find_spec("ziglang") is None:
        raise UnsupportedError(
            f"{where}: linking WebAssembly needs the package ziglang, which is not installed",
            remedy="pip install ziglang",
        )
    name = library.name
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / f"{name}.o").write_bytes(object_file(library))
        (here / f"{name}.h").write_text(header(library), encoding="utf-8")
        (here / f"{name}.c").write_text(source(library), encoding="utf-8")
        exported = ["malloc", "free", f"{name}_free", *(f"{name}_{entry.name}" for entry in library.entries)]
        if library.state:
            exported += [f"{name}_init", f"{name}_destroy"]
        command = [sys.executable, "-m", "ziglang", "cc", "-target", TRIPLE, "-mexec-model=reactor", "-Os", "-s"]
        command += [f"{name}.c", f"{name}.o", "-o", f"{name}.wasm", "-Wl,--strip-all", f"-Wl,-z,stack-size={_STACK}"]
        command += [f"-Wl,--export={symbol}" for symbol in exported]
        done = subprocess.run(command, cwd=here, capture_output=True, text=True)
        if done.returncode != 0:
            raise ExportError(f"{where}: ziglang cannot link {name}.wasm: {done.stderr.strip()}")
        return (here / f"{name}.wasm").read_bytes()
