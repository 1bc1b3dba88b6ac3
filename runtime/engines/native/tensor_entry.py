"""The way into compiled code for Tensors: it calls an entry point for arrays, and makes Tensors of what that returns.

One function in machine code serves all entry points; the one that it calls is its `self`. A Tensor is an object of a
Python class whose attributes are slots: words of the object at fixed offsets, empty where the attribute is not set. The
offsets are looked up in an object.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

import numpy as np

from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import UnsupportedError
from . import jit
from .numpy_layout import TYPE
from .owner import MethodDef, builtin, method_def

_ENTRY = "stepwell_tensor_entry"
_TENSOR_TYPE = "stepwell_tensor_type"
_WORD = 8
_MOST = 1000
"""How many arguments are taken: their arrays stand on the stack."""


def tensor_entry(entry: Callable[..., object]) -> Callable[..., object]:
    """A function for exact Tensors that calls `entry`, which takes arrays.

    What `entry` returns, an array or a tuple of arrays that nobody else has, becomes a Tensor or a tuple of Tensors.
    The result is NotImplemented if it is `entry`'s, or if an argument is no Tensor with an array.
    """
    return builtin(_method(), entry)


@cache
def _method() -> MethodDef:
    """The function as Python knows it. It is never freed: nothing says which of its users goes last."""
    address, code = jit.load_text(_text(), _ENTRY, {_TENSOR_TYPE: id(Tensor)})
    method = method_def("tensor_entry", address)
    for kept in (code, method):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))
    return method


@cache
def _offsets() -> dict[str, int]:
    """Where a Tensor has its slots, in bytes.

    Raises UnsupportedError where Python keeps them elsewhere.
    """
    values = {"_array": np.zeros(1), "_ssa": object(), "_tracer": object()}
    probe = Tensor(values["_array"])
    for slot, value in values.items():
        setattr(probe, slot, value)
    words = {
        offset: ctypes.c_void_p.from_address(id(probe) + offset).value
        for offset in range(TYPE + _WORD, Tensor.__basicsize__, _WORD)
    }
    found = {slot: [at for at, word in words.items() if word == id(value)] for slot, value in values.items()}
    if any(len(offsets) != 1 for offsets in found.values()):
        raise UnsupportedError("this Python's objects are not laid out as the native engine expects")
    return {slot: offset for slot, (offset,) in found.items()}


def _text() -> str:
    """The function, in LLVM's text."""
    return _MAIN + _unwrap_text() + _wrap_text() + _WRAP_ALL


_MAIN = f"""
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)
declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)
declare ptr @PyType_GenericAlloc(ptr, i64)
declare ptr @PyTuple_New(i64)
declare i64 @PyTuple_Size(ptr)
declare ptr @PyTuple_GetItem(ptr, i64)
declare i32 @PyTuple_SetItem(ptr, i64, ptr)
@{_TENSOR_TYPE} = external global i8
@PyTuple_Type = external global i8
@_Py_NoneStruct = external global i8
@_Py_NotImplementedStruct = external global i8

define ptr @{_ENTRY}(ptr %entry, ptr %tensors, i64 %count) {{
start:
  %few = icmp ule i64 %count, {_MOST}
  br i1 %few, label %unwrap, label %slow
unwrap:
  %arrays = alloca ptr, i64 %count
  %fit = call i1 @stepwell_unwrap(ptr %tensors, ptr %arrays, i64 %count)
  br i1 %fit, label %run, label %slow
run:
  call void @stepwell_each(ptr @Py_IncRef, ptr %arrays, i64 %count)
  %got = call ptr @PyObject_Vectorcall(ptr %entry, ptr %arrays, i64 %count, ptr null)
  call void @stepwell_each(ptr @Py_DecRef, ptr %arrays, i64 %count)
  %failed = icmp eq ptr %got, null
  br i1 %failed, label %as_it_is, label %done
done:
  %misfit = icmp eq ptr %got, @_Py_NotImplementedStruct
  br i1 %misfit, label %as_it_is, label %look
look:
  %type_at = getelementptr i8, ptr %got, i64 {TYPE}
  %type = load ptr, ptr %type_at
  %is_tuple = icmp eq ptr %type, @PyTuple_Type
  br i1 %is_tuple, label %wrap_all, label %wrap
wrap:
  %tensor = call ptr @stepwell_wrap(ptr %got)
  ret ptr %tensor
wrap_all:
  %tuple = call ptr @stepwell_wrap_all(ptr %got)
  ret ptr %tuple
as_it_is:
  ret ptr %got
slow:
  call void @Py_IncRef(ptr @_Py_NotImplementedStruct)
  ret ptr @_Py_NotImplementedStruct
}}

define private void @stepwell_each(ptr %function, ptr %objects, i64 %count) {{
start:
  br label %check
check:
  %i = phi i64 [ 0, %start ], [ %next, %one ]
  %more = icmp ult i64 %i, %count
  br i1 %more, label %one, label %done
one:
  %at = getelementptr ptr, ptr %objects, i64 %i
  %object = load ptr, ptr %at
  call void %function(ptr %object)
  %next = add i64 %i, 1
  br label %check
done:
  ret void
}}

"""
"""What Python calls, and a loop that calls something for each object."""


def _unwrap_text() -> str:
    """Takes the arrays out of Tensors: whether all of them are exactly that, and have one."""
    array = _offsets()["_array"]
    return f"""
define private i1 @stepwell_unwrap(ptr %tensors, ptr %arrays, i64 %count) {{
start:
  br label %check
check:
  %i = phi i64 [ 0, %start ], [ %next, %take ]
  %more = icmp ult i64 %i, %count
  br i1 %more, label %one, label %all
one:
  %from = getelementptr ptr, ptr %tensors, i64 %i
  %tensor = load ptr, ptr %from
  %type_at = getelementptr i8, ptr %tensor, i64 {TYPE}
  %type = load ptr, ptr %type_at
  %is_tensor = icmp eq ptr %type, @{_TENSOR_TYPE}
  br i1 %is_tensor, label %look, label %misfit
look:
  %array_at = getelementptr i8, ptr %tensor, i64 {array}
  %array = load ptr, ptr %array_at
  %symbolic = icmp eq ptr %array, null
  br i1 %symbolic, label %misfit, label %take
take:
  %to = getelementptr ptr, ptr %arrays, i64 %i
  store ptr %array, ptr %to
  %next = add i64 %i, 1
  br label %check
all:
  ret i1 true
misfit:
  ret i1 false
}}

"""


def _wrap_text() -> str:
    """Makes a Tensor, which is filled before anything else can see it."""
    array, ssa, tracer = (_offsets()[slot] for slot in ("_array", "_ssa", "_tracer"))
    return f"""
define private ptr @stepwell_wrap(ptr %array) {{
  %tensor = call ptr @PyType_GenericAlloc(ptr @{_TENSOR_TYPE}, i64 0)
  %none = icmp eq ptr %tensor, null
  br i1 %none, label %failed, label %fill
fill:
  %array_at = getelementptr i8, ptr %tensor, i64 {array}
  store ptr %array, ptr %array_at
  call void @Py_IncRef(ptr @_Py_NoneStruct)
  %ssa_at = getelementptr i8, ptr %tensor, i64 {ssa}
  store ptr @_Py_NoneStruct, ptr %ssa_at
  call void @Py_IncRef(ptr @_Py_NoneStruct)
  %tracer_at = getelementptr i8, ptr %tensor, i64 {tracer}
  store ptr @_Py_NoneStruct, ptr %tracer_at
  ret ptr %tensor
failed:
  call void @Py_DecRef(ptr %array)
  ret ptr null
}}

"""


_WRAP_ALL = """
define private ptr @stepwell_wrap_all(ptr %arrays) {
start:
  %count = call i64 @PyTuple_Size(ptr %arrays)
  %made = alloca ptr, i64 %count
  br label %check
check:
  %i = phi i64 [ 0, %start ], [ %next, %keep ]
  %more = icmp ult i64 %i, %count
  br i1 %more, label %one, label %all
one:
  %array = call ptr @PyTuple_GetItem(ptr %arrays, i64 %i)
  call void @Py_IncRef(ptr %array)
  %tensor = call ptr @stepwell_wrap(ptr %array)
  %none = icmp eq ptr %tensor, null
  br i1 %none, label %failed, label %keep
keep:
  %at = getelementptr ptr, ptr %made, i64 %i
  store ptr %tensor, ptr %at
  %next = add i64 %i, 1
  br label %check
all:
  %tuple = call ptr @PyTuple_New(i64 %count)
  %no_tuple = icmp eq ptr %tuple, null
  br i1 %no_tuple, label %failed, label %place
place:
  %j = phi i64 [ 0, %all ], [ %following, %set ]
  %left = icmp ult i64 %j, %count
  br i1 %left, label %set, label %done
set:
  %place_of = getelementptr ptr, ptr %made, i64 %j
  %item = load ptr, ptr %place_of
  %status = call i32 @PyTuple_SetItem(ptr %tuple, i64 %j, ptr %item)
  %following = add i64 %j, 1
  br label %place
failed:
  call void @stepwell_each(ptr @Py_DecRef, ptr %made, i64 %i)
  br label %done
done:
  %result = phi ptr [ %tuple, %place ], [ null, %failed ]
  call void @Py_DecRef(ptr %arrays)
  ret ptr %result
}
"""
"""Makes a tuple of Tensors; all of them are complete before the tuple is made."""
