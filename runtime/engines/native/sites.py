"""Where compiled code calls Python: prints, breakpoints, and calls of ops and functions on the host.

A loop over a dataset comes to such a site for each element. So all that does not depend on the values, such as how its
operands are read, is found out when a site is reached for the first time.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from xdsl.dialects.builtin import MemRefType, NoneAttr
from xdsl.ir import Attribute

from ....compiler.frontend.values.refusals import REFUSALS, refused
from ....compiler.lowering.llvm import abi
from ....dialects.dtypes import dtype_of
from ....dialects.hl.rules.base import decode
from ....dialects.host import PYTHON_CALL, PYTHON_RESULTS, PythonFunctionAttr
from ....dialects.printing import print_values
from ....dialects.strings import as_array
from ...observe.breakpoints import reached
from ..string_table import is_string, stored_dtype
from .strings import current_table

Reader = Callable[[int], Any]
"""The operand whose words are at an address."""

HostCall = Callable[[list[np.ndarray]], Sequence[np.ndarray]]
"""The results of a call for its inputs."""


class HostSite:
    """A site of compiled code, ready to be run."""

    def __init__(self, site: abi.Site):
        self._site = site
        self._readers = [(reader_of(type_), abi.WORD * _words(type_)) for type_ in site.types]
        self._string_arrays = [n for n, t in enumerate(site.types) if isinstance(t, MemRefType) and is_string(t)]
        self._strings_out = [is_string(type_) for type_ in site.types[site.inputs :]]
        self._call = _call(site) if site.kind not in ("print", "break") else None

    def run(self, address: int) -> None:
        """Print, stop, or call and store what that gives; `address` is that of the operands' words."""
        stored: list[Any] = []
        for read, size in self._readers:
            stored.append(read(address))
            address += size
        values = stored.copy()
        for number in self._string_arrays:
            values[number] = current_table().strings(stored[number])
        site = self._site
        if self._call is not None:
            results = self._call([as_array(value) for value in values[: site.inputs]])
            for out, result, is_one in zip(stored[site.inputs :], results, self._strings_out, strict=True):
                out[...] = current_table().indices(result) if is_one else result
        elif site.kind == "print":
            print_values(site.text, values, site.print_options)
        else:
            reached(site.text, values, site.location)


def _words(type_: Attribute) -> int:
    """How many words represent an operand: for memory its address, its sizes and its strides."""
    return 1 + 2 * type_.get_num_dims() if isinstance(type_, MemRefType) else 1


def reader_of(type_: Attribute) -> Reader:
    """What reads an operand of a type: a scalar, or memory as an array (of strings, their indices)."""
    if isinstance(type_, MemRefType):
        return _array_reader(type_.get_num_dims(), stored_dtype(type_).dtype)
    if is_string(type_):
        return lambda address: current_table().string(ctypes.c_int64.from_address(address).value)
    return _scalar_reader(dtype_of(type_).dtype)


def _scalar_reader(dtype: np.dtype) -> Reader:
    """Reads a scalar in the low bytes of a word."""
    raw = ctypes.c_char * dtype.itemsize
    return lambda address: np.frombuffer(raw.from_address(address), dtype)[0].copy()  # pyright: ignore


def _array_reader(rank: int, dtype: np.dtype) -> Reader:
    """Reads the view of memory that an address, sizes and strides in elements describe."""
    words, element = ctypes.c_int64 * (1 + 2 * rank), ctypes.c_char * dtype.itemsize

    def read(address: int) -> np.ndarray:
        memory, *rest = words.from_address(address)
        if not rank:
            return np.ndarray((), dtype, element.from_address(memory))  # pyright: ignore[reportArgumentType]
        shape, strides = tuple(rest[:rank]), tuple([stride * dtype.itemsize for stride in rest[rank:]])
        if 0 in shape:
            return np.empty(shape, dtype)
        extent = sum([(size - 1) * step for size, step in zip(shape, strides)]) + dtype.itemsize
        buffer = (ctypes.c_char * extent).from_address(memory)
        return np.ndarray(shape, dtype, buffer, 0, strides)  # pyright: ignore[reportArgumentType]

    return read


def _call(site: abi.Site) -> HostCall:
    """What a call of a site does: the meaning of an op, or one of the two steps of calling a Python function."""
    attrs: Mapping[str, Attribute] = site.attrs.data if site.attrs is not None else {}
    if site.text in (PYTHON_CALL, PYTHON_RESULTS):
        return _python(site.text, attrs)
    from ....dialects.hl.registry import ALL_OPS  # loads all families: most programs call none of them on the host

    plain = {name: decode(attr) for name, attr in attrs.items() if not isinstance(attr, NoneAttr)}
    op_class = ALL_OPS[site.text]

    def compute(inputs: list[np.ndarray]) -> Sequence[np.ndarray]:
        try:
            return op_class.computed(inputs, plain)
        except REFUSALS as error:
            raise refused(op_class, error, site.location) from None

    return compute


def _python(step: str, attrs: Mapping[str, Attribute]) -> HostCall:
    """Run a Python function, or fetch its results."""
    callee = attrs["callee"]
    assert isinstance(callee, PythonFunctionAttr)
    function = callee.data
    if step == PYTHON_CALL:
        ranks = decode(attrs["ranks"])
        return lambda inputs: [function.begin(inputs, ranks)]
    return lambda inputs: function.results(int(inputs[0][0]))
