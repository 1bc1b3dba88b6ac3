"""The code around a kernel: a function Python calls, memory for results and the heap, calls back to Python.

All of it is LLVM's own text, linked with the kernel. Addresses of Python's and NumPy's functions are symbols, so that
the compiled code does not depend on the process.
"""

from __future__ import annotations

from collections.abc import Container
from math import prod

from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType

from ....compiler.lowering.llvm import abi
from ....dialects.memory import memory_limit
from ..string_table import stored_dtype
from . import arguments
from . import numpy_layout as layout
from .runtime_text import HEAP, HOLD, MEMORY_LIMIT, POLL, RUNTIME, host_text

ENTRY = "stepwell_entry"
WORKSPACE = "stepwell_workspace"
ASSERTION_SITE, ARENA_SITE = -1, -2
"""What the owner is called with when an assertion failed, or when there is no memory for the arena."""


class _Text:
    """Lines of LLVM's text, with fresh names."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._count = 0

    def do(self, text: str) -> None:
        """Add an instruction without a result."""
        self.lines.append(f"  {text}")

    def let(self, text: str) -> str:
        """Add an instruction and give the name of its result."""
        self._count += 1
        self.lines.append(f"  %v{self._count} = {text}")
        return f"%v{self._count}"

    def field(self, pointer: str, offset: int, type_: str) -> str:
        """Load what stands `offset` bytes behind `pointer`."""
        return self.let(f"load {type_}, ptr {self.let(f'getelementptr i8, ptr {pointer}, i64 {offset}')}")

    def need(self, condition: str, otherwise: str = "slow") -> None:
        """Go on only if `condition` holds."""
        self._count += 1
        self.do(f"br i1 {condition}, label %l{self._count}, label %{otherwise}")
        self.lines.append(f"l{self._count}:")


def entry_text(kernel: str, info: abi.KernelInfo, used: Container[str]) -> str:
    """The text of everything around the kernel; `used`: the names of the functions it declares."""
    dtypes = sorted({layout.dtype_symbol(stored_dtype(type_)) for type_ in (*info.arguments, *info.results)})
    polls = abi.POLL in used
    parts = [RUNTIME, f"@{WORKSPACE} = external global ptr"]
    parts.append(f"@{MEMORY_LIMIT} = private constant i64 {memory_limit()}")
    parts += [
        text for name, text in ((abi.ALLOCATE, HEAP), (abi.POLL, POLL), (abi.HOST, host_text(polls))) if name in used
    ]
    parts += [f"@{name} = external global i8" for name in dtypes]
    parts += [_result(number, type_, polls) for number, type_ in enumerate(info.results)]
    parts.append(arguments.fit_text(info))
    parts.append(_entry(kernel, info, abi.ALLOCATE in used, polls))
    return "\n".join(parts)


def _result(number: int, type_: MemRefType, polls: bool) -> str:
    """The function that makes the array of a result."""
    t = _Text()
    if polls:
        t.do(f"call void @{HOLD}(ptr %frame)")
    shape = type_.get_shape()
    dynamic = [f"i64 %d{axis}" for axis, size in enumerate(shape) if size == DYNAMIC_INDEX]
    sizes = t.let(f"alloca [{max(len(shape), 1)} x i64]")
    for axis, size in enumerate(shape):
        at = t.let(f"getelementptr i64, ptr {sizes}, i64 {axis}")
        t.do(f"store i64 {f'%d{axis}' if size == DYNAMIC_INDEX else size}, ptr {at}")
    dtype = layout.dtype_symbol(stored_dtype(type_))
    count = str(prod(size for size in shape if size != DYNAMIC_INDEX) * stored_dtype(type_).size)
    for axis, size in enumerate(shape):
        if size == DYNAMIC_INDEX:
            count = t.let(f"call i64 @llvm.umul.fix.sat.i64(i64 {count}, i64 %d{axis}, i32 0)")
    t.need(t.let(f"icmp ule i64 {count}, {memory_limit()}"), "failed")
    t.do(f"call void @Py_IncRef(ptr @{dtype})")
    array = t.let(
        f"call ptr @PyArray_NewFromDescr(ptr @PyArray_Type, ptr @{dtype}, i32 {len(shape)}, ptr {sizes}, "
        "ptr null, ptr null, i32 0, ptr null)"
    )
    slot = t.let(f"getelementptr i64, ptr %frame, i64 {abi.FRAME_RESULTS + number}")
    old = t.let(f"load ptr, ptr {slot}")
    t.do(f"store ptr {array}, ptr {slot}")
    none = t.let(f"icmp eq ptr {old}, null")
    t.do(f"br i1 {none}, label %fresh, label %replaced")
    t.lines.append("replaced:")
    t.do(f"call void @Py_DecRef(ptr {old})")
    t.do("br label %fresh")
    t.lines.append("fresh:")
    t.need(t.let(f"icmp ne ptr {array}, null"), "raised")
    t.do(f"ret ptr {t.field(array, layout.DATA, 'ptr')}")
    t.lines.append("raised:")
    t.do("call void @PyErr_Clear()")
    t.do("br label %failed")
    t.lines.append("failed:")
    t.do("ret ptr null")
    head = ", ".join(["ptr %frame", *dynamic])
    body = "\n".join(t.lines)
    return f"define hidden ptr @{abi.RESULT}{number}({head}) noinline {{\n{body}\n}}"


def _entry(kernel: str, info: abi.KernelInfo, heap: bool, polls: bool) -> str:
    """The function Python calls: `(self, arguments, count) -> result`."""
    t = _Text()
    words = abi.FRAME_RESULTS + len(info.results)
    frame = t.let(f"alloca [{words} x i64]")
    t.need(t.let(f"icmp eq i64 %count, {len(info.arguments)}"))
    operands = [f"ptr noalias {frame}", "ptr noalias %arena", *_arguments(t, info)]
    _open_frame(t, frame, info, polls)
    _take_workspace(t, info.arena)
    status = t.let(f'call i32 @"{kernel}"({", ".join(operands)})')
    _give_workspace_back(t, info.arena)
    if polls:
        t.do(f"call void @{HOLD}(ptr {frame})")
    if heap:
        t.do(f"call void @stepwell_free_all(ptr {frame})")
    t.need(t.let(f"icmp eq i32 {status}, 0"), "failed")
    _return_results(t, frame, len(info.results))
    _failures(t, frame, status, len(info.results))
    body = "\n".join(t.lines)
    return (
        f'declare i32 @"{kernel}"({", ".join(operand.split()[0] for operand in operands)})\n'
        f"define ptr @{ENTRY}(ptr %self, ptr %arguments, i64 %count) {{\nstart:\n{body}\n}}"
    )


def _arguments(t: _Text, info: abi.KernelInfo) -> list[str]:
    """Check the arguments; gives the kernel's: for each the address of its elements and its dynamic sizes."""
    if not info.arguments:
        return []
    free = [sum(size == DYNAMIC_INDEX for size in type_.get_shape()) for type_ in info.arguments]
    data = t.let(f"alloca [{len(free)} x ptr]")
    sizes = t.let(f"alloca [{max(sum(free), 1)} x i64]")
    table = "null"
    if words := arguments.slots(info):
        table = t.let(f"alloca [{words} x i64]")
        t.do(f"call void @llvm.memset.p0.i64(ptr {table}, i8 0, i64 {8 * words}, i1 false)")
    t.need(t.let(f"call i1 @{arguments.FIT}(ptr %arguments, i64 {len(free)}, ptr {data}, ptr {sizes}, ptr {table})"))
    operands: list[str] = []
    taken = 0
    for number, count in enumerate(free):
        operands.append(f"ptr noalias {t.field(data, 8 * number, 'ptr')}")
        operands += [f"i64 {t.field(sizes, 8 * (taken + axis), 'i64')}" for axis in range(count)]
        taken += count
    return operands


def _open_frame(t: _Text, frame: str, info: abi.KernelInfo, polls: bool) -> None:
    words = {abi.FRAME_HEAP: "ptr null", abi.FRAME_OWNER: "ptr %self", abi.FRAME_MASKED: "i64 0"}
    if polls:
        words |= {abi.FRAME_BUDGET: f"i64 {abi.BUDGET}", abi.FRAME_THREAD: "ptr null", abi.FRAME_CLOCK: "i64 0"}
    words |= {abi.FRAME_RESULTS + number: "ptr null" for number in range(len(info.results))}
    for word, value in words.items():
        t.do(f"store {value}, ptr {t.let(f'getelementptr i64, ptr {frame}, i64 {word}')}")


def _take_workspace(t: _Text, size: int) -> None:
    """Name the arena `%arena`: the one that was used before, unless a call that is still running has it."""
    if size == 0:
        t.do("br label %run")
        t.lines.append("run:")
        t.do("%arena = select i1 true, ptr null, ptr null")
        return
    kept = t.let(f"atomicrmw xchg ptr @{WORKSPACE}, ptr null acq_rel")
    none = t.let(f"icmp eq ptr {kept}, null")
    t.do("br label %look")
    t.lines.append("look:")
    t.do(f"br i1 {none}, label %ask, label %run")
    t.lines.append("ask:")
    t.need("true" if size <= memory_limit() else "false", "no_memory")
    t.do("br label %reserve")
    t.lines.append("reserve:")
    fresh = t.let(f"call ptr @aligned_alloc(i64 {abi.ALIGNMENT}, i64 {-(-size // abi.ALIGNMENT) * abi.ALIGNMENT})")
    null = t.let(f"icmp eq ptr {fresh}, null")
    t.do(f"br i1 {null}, label %no_memory, label %run")
    t.lines.append("run:")
    t.do(f"%arena = phi ptr [ {kept}, %look ], [ {fresh}, %reserve ]")


def _give_workspace_back(t: _Text, size: int) -> None:
    if size == 0:
        return
    other = t.let(f"atomicrmw xchg ptr @{WORKSPACE}, ptr %arena acq_rel")
    none = t.let(f"icmp eq ptr {other}, null")
    t.do(f"br i1 {none}, label %kept, label %surplus")
    t.lines.append("surplus:")
    t.do(f"call void @free(ptr {other})")
    t.do("br label %kept")
    t.lines.append("kept:")


def _return_results(t: _Text, frame: str, count: int) -> None:
    arrays = [t.field(frame, 8 * (abi.FRAME_RESULTS + number), "ptr") for number in range(count)]
    if count == 1:
        t.do(f"ret ptr {arrays[0]}")
        return
    result = t.let(f"call ptr @PyTuple_New(i64 {count})")
    t.need(t.let(f"icmp ne ptr {result}, null"), "drop")
    for number, array in enumerate(arrays):
        t.let(f"call i32 @PyTuple_SetItem(ptr {result}, i64 {number}, ptr {array})")
    t.do(f"ret ptr {result}")


def _failures(t: _Text, frame: str, status: str, count: int) -> None:
    """Everything that does not go well."""
    t.lines.append("failed:")
    t.do("br label %drop")
    t.lines.append("drop:")
    for number in range(count):
        t.do(f"call void @stepwell_drop(ptr {t.field(frame, 8 * (abi.FRAME_RESULTS + number), 'ptr')})")
    is_failed = t.let(f"icmp eq i32 {status}, {abi.FAILED}")
    t.do(f"br i1 {is_failed}, label %tell, label %raised")
    t.lines.append("tell:")
    t.do(f"ret ptr {t.let(f'call ptr @stepwell_tell(ptr %self, i64 {ASSERTION_SITE}, ptr {frame})')}")
    t.lines.append("raised:")
    t.do("ret ptr null")
    t.lines.append("no_memory:")
    t.do(f"ret ptr {t.let(f'call ptr @stepwell_tell(ptr %self, i64 {ARENA_SITE}, ptr {frame})')}")
    t.lines.append("slow:")
    t.do("call void @Py_IncRef(ptr @_Py_NotImplementedStruct)")
    t.do("ret ptr @_Py_NotImplementedStruct")
