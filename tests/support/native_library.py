"""Exported libraries in tests: compiled by a C compiler, called without stepwell."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from stepwell.dialects.dtypes import NUMERIC_DTYPES, DType, dtype_of

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

    @property
    def record(self) -> DType:
        """The dtype of the elements."""
        return next(record for record in NUMERIC_DTYPES if record.onnx == self.dtype)

    def array(self) -> np.ndarray:
        """A copy of the elements."""
        dtype = self.record
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

    def start(self, state: ctypes.Array[Tensor]) -> int:
        """Fill a state, which is as many tensors as there are Variables; the code of an error, or 0."""
        return getattr(self._library, f"{self.name}_init")(ctypes.byref(state), None)

    def end(self, state: ctypes.Array[Tensor]) -> None:
        """Free the memory of a state."""
        getattr(self._library, f"{self.name}_destroy")(ctypes.byref(state))

    def call(
        self, function: str, arrays: Sequence[np.ndarray], results: int, state: ctypes.Array[Tensor] | None = None
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
    command = [*compiler, *flags, "-O0", "-I.", *files, "-o", str(output), "-lm"]
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


class ProgramLibrary:
    """A library in a C program, which reads arguments and writes results: for other machines, and under sanitizers.

    Args:
        folder, name: where the exported library is.
        counts: for each function how many inputs and results it has.
        compiler: what compiles for the machine.
        runner: what runs programs of the machine, before their name.
        flags: options of the compiler.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        counts: Mapping[str, tuple[int, int]],
        compiler: Sequence[str],
        runner: Sequence[str] = (),
        flags: Sequence[str] = (),
    ):
        (folder / "drive.c").write_text(_drive(name, counts))
        self._command = [*runner, str(folder / "drive")]
        compile_c(compiler, folder, ["drive.c", f"{name}.c", f"{name}.o"], folder / "drive", flags)

    def call(self, function: str, arrays: Sequence[np.ndarray], results: int) -> list[np.ndarray]:
        """The results of a function; CallFailed for an error."""
        given = b"".join(bytes(Tensor.of(array)) + np.ascontiguousarray(array).tobytes() for array in arrays)
        done = subprocess.run([*self._command, function], input=given, capture_output=True, timeout=120)
        if done.returncode == 1:
            code, _, message = done.stderr.decode().partition(" ")
            raise CallFailed(int(code), message)
        assert done.returncode == 0, done.stderr.decode()
        found, at = [], 0
        for _ in range(results):
            tensor = Tensor.from_buffer_copy(done.stdout, at)
            at += ctypes.sizeof(Tensor)
            array = np.empty(tuple(tensor.sizes[: tensor.rank]), tensor.record.dtype)
            raw = done.stdout[at : at + array.nbytes]
            at += array.nbytes
            found.append(np.frombuffer(raw, array.dtype).reshape(array.shape))
        assert at == len(done.stdout)
        return found


_DRIVE = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "NAME.h"

typedef struct { uint64_t data; int32_t dtype, rank; int64_t sizes[8]; } record;

static int64_t size_of(int32_t dtype) {
    static const int sizes[] = {0, 4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8, 8, 16, 2};
    return sizes[dtype];
}

static sw_tensor received(void) {
    record r;
    sw_tensor found;
    int64_t bytes;
    int axis;
    if (fread(&r, sizeof r, 1, stdin) != 1) exit(2);
    found.dtype = r.dtype;
    found.rank = r.rank;
    memcpy(found.sizes, r.sizes, sizeof r.sizes);
    bytes = size_of(r.dtype);
    for (axis = 0; axis < r.rank; axis++) bytes *= r.sizes[axis];
    found.data = malloc(bytes + 1);
    if (bytes && fread(found.data, bytes, 1, stdin) != 1) exit(2);
    return found;
}

static void sent(sw_tensor *tensor) {
    record r;
    int64_t bytes = size_of(tensor->dtype);
    int axis;
    memset(&r, 0, sizeof r);
    r.dtype = tensor->dtype;
    r.rank = tensor->rank;
    memcpy(r.sizes, tensor->sizes, sizeof r.sizes);
    for (axis = 0; axis < r.rank; axis++) bytes *= r.sizes[axis];
    fwrite(&r, sizeof r, 1, stdout);
    fwrite(tensor->data, 1, bytes, stdout);
    NAME_free(tensor);
}

int main(int count, char **words) {
    sw_error error;
    (void)count;
CALLS
    return 3;
}
"""


def _drive(name: str, counts: Mapping[str, tuple[int, int]]) -> str:
    """A program that calls the function that it is told."""
    calls = ""
    for function, (inputs, results) in counts.items():
        arguments = [*(f"&in[{i}]" for i in range(inputs)), *(f"&out[{i}]" for i in range(results)), "&error"]
        calls += f"""
    if (strcmp(words[1], "{function}") == 0) {{
        sw_tensor in[{inputs + 1}], out[{results + 1}];
        int i;
        for (i = 0; i < {inputs}; i++) in[i] = received();
        if ({name}_{function}({", ".join(arguments)}) != SW_OK) {{
            fprintf(stderr, "%d %s", error.code, error.message);
            for (i = 0; i < {inputs}; i++) free(in[i].data);
            return 1;
        }}
        for (i = 0; i < {results}; i++) sent(&out[i]);
        for (i = 0; i < {inputs}; i++) free(in[i].data);
        return 0;
    }}
"""
    return _DRIVE.replace("CALLS", calls).replace("NAME", name)


class WasmLibrary:
    """A library as a WebAssembly module, in wasmtime."""

    def __init__(self, module: bytes, name: str):
        import wasmtime  # pyright: ignore[reportMissingImports]

        engine = wasmtime.Engine()
        self.name = name
        self._store = wasmtime.Store(engine)
        found = wasmtime.Module(engine, module)
        assert not found.imports
        self._exports: Any = wasmtime.Instance(self._store, found, []).exports(self._store)
        self._exports["_initialize"](self._store)

    def _run(self, function: str, *args: int) -> int:
        return self._exports[function](self._store, *args)

    def call(self, function: str, arrays: Sequence[np.ndarray], results: int) -> list[np.ndarray]:
        """The results of a function; CallFailed for an error."""
        memory = self._exports["memory"]
        size = ctypes.sizeof(_Tensor32)
        places = [self._run("malloc", size) for _ in range(len(arrays) + results)]
        error = self._run("malloc", ctypes.sizeof(Error))
        for place, array in zip(places, arrays):
            tensor = Tensor.of(array)
            data = self._run("malloc", array.nbytes + 1)
            memory.write(self._store, np.ascontiguousarray(array).tobytes(), data)
            memory.write(self._store, bytes(_Tensor32(data, tensor.dtype, tensor.rank, 0, tensor.sizes)), place)
        code = self._run(f"{self.name}_{function}", *places, error)
        if code:
            told = Error.from_buffer_copy(memory.read(self._store, error, error + ctypes.sizeof(Error)))
            raise CallFailed(code, told.message.decode())
        found: list[np.ndarray] = []
        for place in places[len(arrays) :]:
            raw = _Tensor32.from_buffer_copy(memory.read(self._store, place, place + size))
            tensor = Tensor(0, raw.dtype, raw.rank, raw.sizes)
            array = np.empty(tuple(tensor.sizes[: tensor.rank]), tensor.record.dtype)
            read = memory.read(self._store, raw.data, raw.data + array.nbytes)
            found.append(np.frombuffer(bytes(read), array.dtype).reshape(array.shape))
            self._run(f"{self.name}_free", place)
        return found


class _Tensor32(ctypes.Structure):
    """`sw_tensor` where pointers have 32 bits."""

    _fields_ = [
        ("data", ctypes.c_uint32),
        ("dtype", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("padding", ctypes.c_int32),
        ("sizes", ctypes.c_int64 * 8),
    ]
