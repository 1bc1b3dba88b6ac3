"""Where an ndarray keeps its fields, and the addresses of what compiled entry points use of Python and NumPy."""

from __future__ import annotations

import ctypes
import os
import threading
from functools import cache

import numpy as np

from ....dialects.diagnostics import UnsupportedError
from ....dialects.dtypes import TENSOR_DTYPES, DType
from .runtime_text import MAIN_THREAD

TYPE, DATA, RANK, SIZES, DTYPE, FLAGS = 8, 16, 24, 32, 56, 64
"""Offsets in bytes of an ndarray's fields."""
CONTIGUOUS, ALIGNED, WRITEABLE = 0x1, 0x100, 0x400
"""Bits of the flags."""

_NUMPY_API = {"PyArray_Type": 2, "PyArray_NewFromDescr": 94}
_PYTHON_API = (
    "Py_IncRef",
    "Py_DecRef",
    "PyLong_FromLongLong",
    "PyLong_FromVoidPtr",
    "PyObject_Vectorcall",
    "PyTuple_New",
    "PyTuple_Size",
    "PyTuple_GetItem",
    "PyTuple_SetItem",
    "PyType_GenericAlloc",
    "PyErr_NoMemory",
    "PyEval_SaveThread",
    "PyEval_RestoreThread",
    "PyErr_CheckSignals",
    "PyThread_get_thread_ident",
)


_main_thread = ctypes.c_uint64()


def _note_main_thread() -> None:
    """Keep the number of the main thread: that of the only thread after a fork."""
    _main_thread.value = threading.main_thread().ident or 0


_note_main_thread()
os.register_at_fork(after_in_child=_note_main_thread)


def dtype_symbol(dtype: DType) -> str:
    """The name that compiled code has for a dtype object."""
    return f"numpy_{dtype.name}"


@cache
def symbols() -> dict[str, int]:
    """The addresses of functions and objects of Python and NumPy, by the name compiled code has for them.

    Raises UnsupportedError where an ndarray is not laid out as expected.
    """
    _check_layout()
    capsule = np._core._multiarray_umath._ARRAY_API  # pyright: ignore
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    table = ctypes.cast(get(capsule, None), ctypes.POINTER(ctypes.c_void_p))
    found = {name: int(table[number] or 0) for name, number in _NUMPY_API.items()}
    for name in _PYTHON_API:
        found[name] = ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value or 0
    for dtype in TENSOR_DTYPES:
        found[dtype_symbol(dtype)] = id(dtype.dtype)
    found[MAIN_THREAD] = ctypes.addressof(_main_thread)
    if id(np.ndarray) != found["PyArray_Type"]:
        raise UnsupportedError("NumPy's table of functions is not laid out as the native engine expects")
    return found


def _check_layout() -> None:
    """Compare our offsets with NumPy's own answers, on arrays that differ in every field."""
    for array in (np.zeros((3, 5), np.float32), np.ones((7,), np.int64)[::2], np.zeros((2, 3, 4), bool).T):
        base = id(array)

        def read(offset: int, kind: type, base: int = base) -> int:
            return kind.from_address(base + offset).value or 0

        sizes = read(SIZES, ctypes.c_void_p)
        flags = array.flags
        expected = CONTIGUOUS * flags.c_contiguous | ALIGNED * flags.aligned | WRITEABLE * flags.writeable
        same = (
            read(TYPE, ctypes.c_void_p) == id(np.ndarray)
            and read(DATA, ctypes.c_void_p) == array.ctypes.data
            and read(RANK, ctypes.c_int) == array.ndim
            and tuple((ctypes.c_ssize_t * array.ndim).from_address(sizes)) == array.shape
            and read(DTYPE, ctypes.c_void_p) == id(array.dtype)
            and read(FLAGS, ctypes.c_int) & (CONTIGUOUS | ALIGNED | WRITEABLE) == expected
        )
        if not same:
            raise UnsupportedError("this NumPy's arrays are not laid out as the native engine expects")
