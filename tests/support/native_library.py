"""Exported libraries in tests: compiled by a C compiler, called without stepwell."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from stepwell.dialects.dtypes import NUMERIC_DTYPES, dtype_of

STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Wno-sign-conversion", "-pedantic", "-Werror")
"""What the generated C has to pass."""


class Tensor(ctypes.Structure):
    """`sw_tensor`."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        ("dtype", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("sizes", ctypes.c_int64 * 8),
    ]

    @staticmethod
    def of(array: np.ndarray) -> Tensor:
        """The tensor that an array is, which has to outlive it."""
        sizes = (ctypes.c_int64 * 8)(*array.shape)
        return Tensor(array.ctypes.data, dtype_of(array).onnx, array.ndim, sizes)

    def array(self) -> np.ndarray:
        """A copy of the elements."""
        dtype = next(record for record in NUMERIC_DTYPES if record.onnx == self.dtype)
        shape = tuple(self.sizes[: self.rank])
        count = int(np.prod(shape, dtype=np.int64)) * dtype.size
        return np.frombuffer(ctypes.string_at(self.data, count), dtype.dtype).reshape(shape).copy()


class Error(ctypes.Structure):
    """`sw_error`."""

    _fields_ = [("code", ctypes.c_int32), ("message", ctypes.c_char * 512)]


class CallFailed(Exception):
    """What a function of a library returned, and its message."""

    def __init__(self, code: int, message: str):
        self.code, self.message = code, message
        super().__init__(f"{code}: {message}")


class NativeLibrary:
    """A library for this machine, as a shared object that this process loads."""

    def __init__(self, folder: Path, name: str):
        self.name = name
        file = folder / f"{name}.so"
        compile_c(host_compiler(), folder, [f"{name}.c", f"{name}.o"], file, ["-shared", "-fPIC", *STRICT])
        self._library = ctypes.CDLL(str(file))

    def call(
        self, function: str, arrays: Sequence[np.ndarray], results: int, state: ctypes.Structure | None = None
    ) -> list[np.ndarray]:
        """The results of a function, which are freed in the library; CallFailed for an error."""
        inputs = [np.ascontiguousarray(array).reshape(array.shape) for array in arrays]
        given = [Tensor.of(array) for array in inputs]
        made = [Tensor() for _ in range(results)]
        error = Error()
        first = [] if state is None else [ctypes.byref(state)]
        run = getattr(self._library, f"{self.name}_{function}")
        code = run(*first, *map(ctypes.byref, [*given, *made, error]))
        if code:
            assert code == error.code
            raise CallFailed(code, error.message.decode())
        found = [tensor.array() for tensor in made]
        for tensor in made:
            getattr(self._library, f"{self.name}_free")(ctypes.byref(tensor))
        return found


def compile_c(compiler: Sequence[str], folder: Path, files: Sequence[str], output: Path, flags: Sequence[str]) -> None:
    """Compile and link; what the compiler says is the error."""
    command = [*compiler, *flags, "-O1", "-I.", *files, "-o", str(output), "-lm"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"


@cache
def host_compiler() -> tuple[str, ...]:
    """The C compiler of this machine; nothing if there is none."""
    found = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    return (found,) if found else zig()


def cpp_compiler() -> tuple[str, ...]:
    """The C++ compiler that belongs to `host_compiler`."""
    found = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
    return (found,) if found else (*zig()[:-1], "c++")


@cache
def zig() -> tuple[str, ...]:
    """The C compiler for other machines; nothing if it is not installed."""
    return (sys.executable, "-m", "ziglang", "cc") if find_spec("ziglang") else ()
