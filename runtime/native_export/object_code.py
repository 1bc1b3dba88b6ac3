"""The object file: kernels behind an interface of pointers, and the values they take from around them as data.

The signature of a kernel has integers, which architectures pass in ways that LLVM leaves to front ends (extended or
not, in pairs of registers or not). What the support code calls, and what calls it, takes pointers and 64-bit integers.
"""

from __future__ import annotations

from collections.abc import Mapping

import llvmlite.binding as llvm
import numpy as np
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType

from ...compiler.lowering.llvm import abi
from ...compiler.targets import ALIGNMENT
from ..engines.native import jit
from .interface import Entry, Library

_STATUS = abi.FRAME_OWNER
"""The word of the frame in which the support code finds the status."""

_RUNTIME = f"""
define hidden i32 @{abi.POLL}(ptr %frame, i64 %left) {{
  %budget = getelementptr i64, ptr %frame, i64 {abi.FRAME_BUDGET}
  store i64 {2**63 - 1}, ptr %budget
  ret i32 {abi.OK}
}}
"""
"""There is no interpreter that other threads wait for: a poll only sets the budget again."""


def object_file(library: Library) -> bytes:
    """The machine code and the data of a library."""
    machine = jit.target_machine(library.target)
    whole = jit.module_of("", library.target)
    for entry in library.entries:
        whole.link_in(_entry_module(library, entry))
    data = {data_name(library, number): held.array for number, held in enumerate(library.held)}
    whole.link_in(jit.module_of(_data_text(data), library.target))
    whole.verify()
    return machine.emit_object(whole)


def kernel_name(library: Library, entry: Entry) -> str:
    """The symbol of a function's kernel."""
    return f"{library.name}__kernel_{entry.name}"


def data_name(library: Library, number: int) -> str:
    """The symbol of a value that functions take from around them."""
    return f"{library.name}__data_{number}"


def _entry_module(library: Library, entry: Entry) -> llvm.ModuleRef:
    text, symbol = entry.text, kernel_name(library, entry)
    inner = text.symbol
    around = _RUNTIME if abi.POLL in text.used else ""
    around += f"declare ptr @{library.name}__result(ptr, i64, ptr)\n"
    around += "".join(_result(library, number, type_) for number, type_ in enumerate(text.info.results))
    around += _wrapper(symbol, inner, text.info)
    module, _ = jit.optimised(text.kernel, around, library.target)
    names = {abi.ALLOCATE: f"{library.name}__allocate", abi.FREE: f"{library.name}__free_block"}
    names |= {constant: f"{symbol}__{number}" for number, constant in enumerate(text.constants)}
    for value in (*module.functions, *module.global_variables):
        if value.name == inner or value.name == abi.POLL or value.name.startswith(abi.RESULT):
            value.linkage = "internal"
        value.name = names.get(value.name, value.name)
    constants = {names[name]: array for name, array in text.constants.items()}
    module.link_in(jit.module_of(_data_text(constants), library.target))
    return module


def _wrapper(symbol: str, inner: str, info: abi.KernelInfo) -> str:
    """`(frame, arena, data, sizes)`: calls the kernel with each pointer and size of its own, and keeps its status."""
    lines, operands, types = [], ["ptr %frame", "ptr %arena"], ["ptr", "ptr"]
    taken = 0
    for number, type_ in enumerate(info.arguments):
        lines.append(f"  %at{number} = getelementptr ptr, ptr %data, i64 {number}")
        lines.append(f"  %data{number} = load ptr, ptr %at{number}")
        operands.append(f"ptr %data{number}")
        types.append("ptr")
        for _ in range(sum(size == DYNAMIC_INDEX for size in type_.get_shape())):
            lines.append(f"  %size_at{taken} = getelementptr i64, ptr %sizes, i64 {taken}")
            lines.append(f"  %size{taken} = load i64, ptr %size_at{taken}")
            operands.append(f"i64 %size{taken}")
            types.append("i64")
            taken += 1
    body = "\n".join(lines)
    return f"""
declare i32 @"{inner}"({", ".join(types)})
define hidden void @{symbol}(ptr %frame, ptr %arena, ptr %data, ptr %sizes) nounwind {{
{body}
  %status = call i32 @"{inner}"({", ".join(operands)})
  %wide = zext i32 %status to i64
  %word = getelementptr i64, ptr %frame, i64 {_STATUS}
  store i64 %wide, ptr %word
  ret void
}}
"""


def _result(library: Library, number: int, type_: MemRefType) -> str:
    """The function that a kernel asks for the memory of a result, by way of the support code."""
    sizes = [f"i64 %size{axis}" for axis, size in enumerate(type_.get_shape()) if size == DYNAMIC_INDEX]
    stores = "".join(
        f"  %at{position} = getelementptr i64, ptr %sizes, i64 {position}\n  store {size}, ptr %at{position}\n"
        for position, size in enumerate(sizes)
    )
    return f"""
define hidden ptr @{abi.RESULT}{number}({", ".join(["ptr %frame", *sizes])}) noinline {{
  %sizes = alloca [{max(len(sizes), 1)} x i64]
{stores}  %memory = call ptr @{library.name}__result(ptr %frame, i64 {number}, ptr %sizes)
  ret ptr %memory
}}
"""


_HEX = np.array([f"\\{byte:02X}" for byte in range(256)], "S3")


def _data_text(arrays: Mapping[str, np.ndarray]) -> str:
    """Constants, byte by byte."""
    lines = []
    for name, array in arrays.items():
        raw = np.frombuffer(np.ascontiguousarray(array).tobytes() or b"\0", np.uint8)
        text = _HEX[raw].tobytes().decode("ascii")
        lines.append(f'@"{name}" = hidden constant [{len(raw)} x i8] c"{text}", align {ALIGNMENT}')
    return "\n".join(lines)
