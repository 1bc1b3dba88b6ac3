"""The Python side of compiled code: it keeps the code alive, raises its errors and runs its sites."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType
from xdsl.ir import Attribute

from ....compiler.lowering.llvm import abi
from ....dialects.diagnostics import ResourceExhaustedError, failed_check
from ....dialects.dtypes import dtype_of
from .entry import ARENA_SITE
from .jit import Code
from .sites import HostSite, reader_of

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
        self._sites: dict[int, HostSite] = {}
        self._method = method_def(name, code.entry)

    def entry(self) -> Callable[..., object]:
        """The entry point as a function."""
        return builtin(self._method, self)

    def __call__(self, site: int, address: int) -> None:
        """Raise the error of a failed call, or run a host site on the table at `address`."""
        if site >= 0:
            found = self._sites.get(site)
            if found is None:
                found = self._sites[site] = HostSite(self.info.sites[site])
            found.run(address)
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
        return reader_of(type_)(self._next())


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
