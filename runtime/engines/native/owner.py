"""The Python side of compiled code: it keeps the code alive, raises its errors and runs its host calls."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, NoneAttr
from xdsl.ir import Attribute

from ....compiler.frontend.values.refusals import REFUSALS, refused
from ....compiler.lowering.llvm import abi
from ....dialects.diagnostics import ResourceExhaustedError, failed_check
from ....dialects.dtypes import STRING, dtype_of
from ....dialects.hl.registry import ALL_OPS
from ....dialects.hl.rules.base import decode
from ....dialects.host import PYTHON_CALL, PYTHON_RESULT, PythonFunctionAttr
from ....dialects.printing import print_values
from ....dialects.strings import as_array
from ...observe.breakpoints import reached
from ..string_table import is_string, stored_dtype
from .entry import ARENA_SITE
from .jit import Code
from .strings import current_table

_METH_FASTCALL = 0x80


class MethodDef(ctypes.Structure):
    """What Python needs to know of a function in machine code; it has to outlive the function."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    ]


def method_def(name: str, address: int) -> MethodDef:
    """The description of the function at `address`: `(self, arguments, count) -> result`."""
    return MethodDef(_c_string(name), address, _METH_FASTCALL, b"Compiled by stepwell.")


def builtin(method: MethodDef, owner: object) -> Callable[..., object]:
    """Machine code as a function of Python's, whose `self` is `owner`."""
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    return new(ctypes.addressof(method), owner, None)


def _c_string(name: str) -> bytes:
    """A name as C has it: with no zero in it."""
    return name.encode(errors="backslashreplace").replace(b"\0", b"\\0")


class Owner:
    """What compiled code calls, and what keeps it in memory: the `__self__` of its entry point."""

    def __init__(self, name: str, info: abi.KernelInfo, code: Code):
        self.info, self.code = info, code
        self._method = method_def(name, code.entry)

    def entry(self) -> Callable[..., object]:
        """The entry point as a function."""
        return builtin(self._method, self)

    def __call__(self, site: int, address: int) -> None:
        """Raise the error of a failed call, or run a host site on the table at `address`."""
        if site >= 0:
            run_site(self.info.sites[site], Words(address))
            return
        if site == ARENA_SITE:
            raise ResourceExhaustedError(f"there are not {self.info.arena / 2**30:,.1f} GiB of memory for temporaries")
        words = Words(address + abi.WORD * abi.FRAME_ASSERTION)
        failed = self.info.assertions[words.integer()]
        raise failed_check(failed.error, _message(failed, words), failed.location)


class Words:
    """Reads 64-bit words, one after the other."""

    def __init__(self, address: int):
        self._address = address

    def _next(self) -> int:
        self._address += abi.WORD
        return self._address - abi.WORD

    def integer(self) -> int:
        """A signed integer."""
        return ctypes.c_int64.from_address(self._next()).value

    def scalar(self, type_: Attribute) -> np.generic | bytes:
        """A scalar in the low bytes of a word."""
        if is_string(type_):
            return current_table().string(self.integer())
        dtype = dtype_of(type_)
        raw = (ctypes.c_char * dtype.size).from_address(self._next())
        return np.frombuffer(raw, dtype)[0].copy()  # pyright: ignore[reportCallIssue, reportArgumentType]

    def array(self, type_: MemRefType) -> np.ndarray:
        """A view of the memory that a pointer, sizes and strides describe; of strings, their indices."""
        address, rank = self.integer(), type_.get_num_dims()
        shape = tuple(self.integer() for _ in range(rank))
        dtype = stored_dtype(type_)
        strides = tuple(self.integer() * dtype.size for _ in range(rank))
        if 0 in shape:
            return np.empty(shape, dtype)
        extent = sum((size - 1) * step for size, step in zip(shape, strides, strict=True)) + dtype.size
        memory = (ctypes.c_char * extent).from_address(address)
        return np.ndarray(shape, dtype, memory, 0, strides)  # pyright: ignore[reportArgumentType]


def _message(failed: abi.Site, words: Words) -> str:
    return failed.text.format(*(str(value) for value in _assertion_values(failed.types, words)))


def _assertion_values(types: Sequence[Attribute], words: Words) -> Iterator[object]:
    """The values, of which there are at most `MAX_VALUES` words."""
    left = abi.MAX_VALUES
    for type_ in types:
        if not isinstance(type_, MemRefType):
            yield words.scalar(type_) if left > 0 else "…"
            left -= 1
            continue
        count = static_count(type_)
        if count is None or count > left:
            yield "…"
            continue
        left -= count
        yield np.array([words.scalar(type_.element_type) for _ in range(count)], dtype_of(type_)).reshape(
            type_.get_shape()
        )


def static_count(type_: MemRefType) -> int | None:
    """The number of elements, where known."""
    shape = type_.get_shape()
    return None if DYNAMIC_INDEX in shape else int(np.prod(shape, dtype=np.int64))


def run_site(site: abi.Site, words: Words) -> None:
    """Print, stop at a breakpoint, or call the numpy meaning of an op and store what it gives."""
    values = [words.array(type_) if isinstance(type_, MemRefType) else words.scalar(type_) for type_ in site.types]
    given = [_with_strings(value, type_) for value, type_ in zip(values, site.types, strict=True)]
    if site.kind == "print":
        print_values(site.text, given, site.print_options)
        return
    if site.kind == "break":
        reached(site.text, given, site.location)
        return
    outs = values[site.inputs :]
    for out, result in zip(outs, _evaluate(site, given[: site.inputs]), strict=True):
        assert isinstance(out, np.ndarray)
        out[...] = current_table().indices(result) if dtype_of(result) is STRING else result


def _with_strings(value: Any, type_: Attribute) -> Any:
    """A value that is not one of strings, or the strings that indices represent."""
    is_array = isinstance(type_, MemRefType) and is_string(type_)
    return current_table().strings(value) if is_array else value


def _evaluate(site: abi.Site, inputs: Sequence[Any]) -> Sequence[np.ndarray]:
    attrs = site.attrs.data if site.attrs is not None else {}
    if site.text in (PYTHON_CALL, PYTHON_RESULT):
        return _python(site.text, attrs, list(map(as_array, inputs)))
    plain = {name: decode(attr) for name, attr in attrs.items() if not isinstance(attr, NoneAttr)}
    op_class = ALL_OPS[site.text]
    try:
        return op_class.computed(list(map(as_array, inputs)), plain)
    except REFUSALS as error:
        raise refused(op_class, error, site.location) from None


def _python(step: str, attrs: Mapping[str, Attribute], inputs: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
    """One of the two steps of calling a Python function: run it, or fetch a result."""
    function = attrs["callee"]
    assert isinstance(function, PythonFunctionAttr)
    if step == PYTHON_CALL:
        return [function.data.begin(inputs, decode(attrs["ranks"]))]
    return [function.data.result(int(inputs[0][0]), decode(attrs["index"]))]
