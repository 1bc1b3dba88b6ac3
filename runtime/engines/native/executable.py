"""A compiled function: checked calls from Python, and a look inside."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.dialects import llvm
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, ModuleOp

from ....compiler.lowering.llvm import abi
from ....compiler.lowering.llvm.text import ModuleText
from ....compiler.targets import Target
from ....dialects.diagnostics import InvalidArgumentError, UnsupportedError
from ....dialects.dtypes import dtype_of
from . import jit
from .entry import entry_text
from .owner import Owner
from .strings import has_strings, with_strings
from .tensor_entry import tensor_entry


class NativeExecutable:
    """A function in machine code.

    Attributes:
        name: the function's name.
        entry: takes arrays that fit exactly, gives an array or a tuple of arrays; NotImplemented where an array does
            not fit, for which `run` is the general way.
        tensor_entry: as `entry`, for Tensors instead of arrays; None for a function of strings.
        host_calls: how many ops call back into Python.
        info: the types of arguments and results, and what the code may do on the way.
        timings: seconds spent on `translate`, `parse`, `optimise` and `emit`.
    """

    def __init__(self, name: str, info: abi.KernelInfo, code: jit.Code):
        self.name, self.info, self._code = name, info, code
        entry = Owner(name, info, code).entry()
        strings = has_strings(info)
        self.entry = with_strings(entry, info) if strings else entry
        self.tensor_entry = None if strings else tensor_entry(entry)
        self.host_calls = sum(site.kind == "call" for site in info.sites)
        self.timings = code.timings

    def run(self, *arrays: np.ndarray) -> list[np.ndarray]:
        """The results for arrays of the right dtypes and sizes, in any layout; what the function writes to is updated.

        Raises TypeError or ValueError naming the argument, what was expected and what came.
        """
        expected = self.info.arguments
        if len(arrays) != len(expected):
            raise TypeError(f"{self.name}: expected {len(expected)} arrays, got {len(arrays)}")
        results = NotImplemented if self.info.written else self.entry(*arrays)
        if results is NotImplemented:
            fitting = [self._fitting(number, np.asarray(array)) for number, array in enumerate(arrays)]
            self._separate(fitting)
            results = self.entry(*fitting)
            assert results is not NotImplemented, "arrays that were made to fit do not"
            for number in self.info.written:
                if fitting[number] is not arrays[number]:
                    arrays[number][...] = fitting[number]
        return list(results) if isinstance(results, tuple) else [results]  # pyright: ignore

    def _fitting(self, number: int, array: np.ndarray) -> np.ndarray:
        """`array`, or a copy of it, as the entry point takes it."""
        type_ = self.info.arguments[number]
        dtype, where = dtype_of(type_), f"{self.name}: argument {number}"
        if array.dtype != dtype:
            raise TypeError(f"{where}: expected dtype {dtype.name}, got {array.dtype}")
        shape = type_.get_shape()
        fits = len(shape) == array.ndim and all(
            known in (DYNAMIC_INDEX, size) for known, size in zip(shape, array.shape, strict=True)
        )
        if not fits:
            raise InvalidArgumentError(f"{where}: expected shape {_shape_text(type_)}, got {list(array.shape)}")
        if number in self.info.written and not array.flags.writeable:
            raise InvalidArgumentError(f"{where}: expected a writeable array, got a read-only one")
        return np.require(array, dtype, ["C", "A", "W"] if number in self.info.written else ["C", "A"], like=None).view(
            np.ndarray
        )

    def _separate(self, arrays: list[np.ndarray]) -> None:
        """Copy what shares memory with an argument that is written to."""
        for number in self.info.written:
            for other, array in enumerate(arrays):
                if other != number and (
                    np.may_share_memory(array, arrays[number]) or array.ctypes.data == arrays[number].ctypes.data
                ):  # empty arrays share no memory, but an address
                    arrays[other] = array.copy()

    def llvm_ir(self) -> str:
        """The text of the optimised module, in LLVM's language."""
        return self._code.ir


def _shape_text(type_: MemRefType) -> str:
    return f"[{', '.join('?' if size == DYNAMIC_INDEX else str(size) for size in type_.get_shape())}]"


def compile_module(module: ModuleOp) -> NativeExecutable:
    """Machine code for a module at the llvm level that has one kernel; its text is enough."""
    started = time.perf_counter()
    text = KernelText.of(module)
    translated = time.perf_counter() - started
    code = jit.compile_text(text.kernel, text.entry, text.constants)
    code.timings = {"translate": translated, **code.timings}
    return NativeExecutable(text.name, text.info, code)


def assembly(module: ModuleOp, target: Target) -> str:
    """The machine code for a module at the llvm level that has one kernel, on any CPU, as text."""
    text = KernelText.of(module)
    return jit.assembly(text.kernel, text.entry, target)


@dataclass(frozen=True)
class KernelText:
    """A kernel in LLVM's language.

    Attributes:
        name, info: the kernel's name, and what calls have to know.
        symbol: the name that it has in the text.
        kernel: the text.
        used: the functions outside of the program that it declares.
        constants: the arrays that the kernel refers to.
    """

    name: str
    info: abi.KernelInfo
    symbol: str
    kernel: str
    used: frozenset[str]
    constants: Mapping[str, np.ndarray]

    @property
    def entry(self) -> str:
        """The text of what Python calls."""
        return entry_text(self.symbol, self.info, self.used)

    @staticmethod
    def of(module: ModuleOp) -> KernelText:
        """The text of the one kernel of a module at the llvm level."""
        kernel = _kernel(module)
        info = abi.KernelInfo.from_attributes(kernel.attributes)
        written = ModuleText(module)
        used = {op.sym_name.data for op in module.ops if isinstance(op, llvm.FuncOp) and not op.body.blocks}
        name = kernel.sym_name.data
        return KernelText(name, info, written.symbols[name], written.text, frozenset(used), written.constants)


def _kernel(module: ModuleOp) -> llvm.FuncOp:
    found: Sequence[llvm.FuncOp] = [
        op for op in module.ops if isinstance(op, llvm.FuncOp) and abi.ARGUMENTS in op.attributes
    ]
    if len(found) != 1:
        raise UnsupportedError(f"expected a module with one kernel, got {len(found)}")
    return found[0]
