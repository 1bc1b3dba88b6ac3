"""The functions that compiled code calls: heap memory, host sites, polls; in LLVM's own text, linked with each kernel.

Compiled code begins with the interpreter's lock (the GIL), as all code that Python calls. Once a call has run for a
while, a poll gives the lock up, so that other Python threads run; whatever needs Python takes it back first. Python
runs the handlers of signals in the main thread only, between its own instructions; so a poll in that thread takes the
lock now and then and lets them run. What a handler raises ends the call.
"""

from __future__ import annotations

import time

from ....compiler.lowering.llvm import abi

MAIN_THREAD = "stepwell_main_thread"
"""The word that has the number of the main thread."""
HOLD = "stepwell_hold"
"""`(frame)`: takes the interpreter's lock back, if the call has given it up."""
MEMORY_LIMIT = "stepwell_memory_limit"
"""A constant: the bytes of the largest request for memory."""
HOLD_FOR, ASK_EVERY = 100_000, 50_000_000
"""Nanoseconds: for how long a call keeps the lock at first, and how often it looks for signals afterwards."""

RUNTIME = """
declare ptr @PyArray_NewFromDescr(ptr, ptr, i32, ptr, ptr, ptr, i32, ptr)
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)
declare ptr @PyLong_FromLongLong(i64)
declare ptr @PyLong_FromVoidPtr(ptr)
declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)
declare ptr @PyTuple_New(i64)
declare i32 @PyTuple_SetItem(ptr, i64, ptr)
declare void @PyErr_Clear()
declare i64 @llvm.umul.fix.sat.i64(i64, i64, i32)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare noalias ptr @aligned_alloc(i64, i64)
declare void @free(ptr)
@PyArray_Type = external global i8
@_Py_NotImplementedStruct = external global i8

define hidden ptr @stepwell_tell(ptr %owner, i64 %site, ptr %address) noinline {
  %arguments = alloca [2 x ptr]
  %a = call ptr @PyLong_FromLongLong(i64 %site)
  %b = call ptr @PyLong_FromVoidPtr(ptr %address)
  store ptr %a, ptr %arguments
  %second = getelementptr ptr, ptr %arguments, i64 1
  store ptr %b, ptr %second
  %result = call ptr @PyObject_Vectorcall(ptr %owner, ptr %arguments, i64 2, ptr null)
  call void @Py_DecRef(ptr %a)
  call void @Py_DecRef(ptr %b)
  ret ptr %result
}

define hidden void @stepwell_drop(ptr %object) noinline {
  %none = icmp eq ptr %object, null
  br i1 %none, label %done, label %drop
drop:
  call void @Py_DecRef(ptr %object)
  br label %done
done:
  ret void
}
"""
"""What every entry point needs."""

HEAP = f"""
define hidden noalias ptr @{abi.ALLOCATE}(ptr %frame, i64 %bytes) noinline {{
  %limit = load i64, ptr @{MEMORY_LIMIT}
  %enough = icmp ule i64 %bytes, %limit
  br i1 %enough, label %ask, label %none
ask:
  %more = add i64 %bytes, {2 * abi.ALIGNMENT - 1}
  %whole = and i64 %more, {-abi.ALIGNMENT}
  %p = call ptr @aligned_alloc(i64 {abi.ALIGNMENT}, i64 %whole)
  %null = icmp eq ptr %p, null
  br i1 %null, label %none, label %link
link:
  %next = load ptr, ptr %frame
  store ptr %next, ptr %p
  %back = getelementptr i8, ptr %p, i64 8
  store ptr %frame, ptr %back
  store ptr %p, ptr %frame
  %last = icmp eq ptr %next, null
  br i1 %last, label %done, label %follow
follow:
  %next_back = getelementptr i8, ptr %next, i64 8
  store ptr %p, ptr %next_back
  br label %done
done:
  %data = getelementptr i8, ptr %p, i64 {abi.ALIGNMENT}
  ret ptr %data
none:
  ret ptr null
}}

define hidden void @{abi.FREE}(ptr %frame, ptr %data) noinline {{
  %p = getelementptr i8, ptr %data, i64 {-abi.ALIGNMENT}
  %next = load ptr, ptr %p
  %back = getelementptr i8, ptr %p, i64 8
  %before = load ptr, ptr %back
  store ptr %next, ptr %before
  %last = icmp eq ptr %next, null
  br i1 %last, label %done, label %follow
follow:
  %next_back = getelementptr i8, ptr %next, i64 8
  store ptr %before, ptr %next_back
  br label %done
done:
  call void @free(ptr %p)
  ret void
}}

define hidden void @stepwell_free_all(ptr %frame) noinline {{
start:
  br label %loop
loop:
  %p = load ptr, ptr %frame
  %none = icmp eq ptr %p, null
  br i1 %none, label %done, label %one
one:
  %next = load ptr, ptr %p
  store ptr %next, ptr %frame
  call void @free(ptr %p)
  br label %loop
done:
  ret void
}}
"""
"""Heap memory of a call: a list that begins in the frame."""

POLL = f"""
declare i32 @clock_gettime(i32, ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare i32 @PyErr_CheckSignals()
declare i64 @PyThread_get_thread_ident()
@{MAIN_THREAD} = external global i64

define hidden void @{HOLD}(ptr %frame) noinline {{
  %word = getelementptr i64, ptr %frame, i64 {abi.FRAME_THREAD}
  %thread = load ptr, ptr %word
  %held = icmp eq ptr %thread, null
  br i1 %held, label %done, label %take
take:
  call void @PyEval_RestoreThread(ptr %thread)
  store ptr null, ptr %word
  br label %done
done:
  ret void
}}

define hidden i64 @stepwell_now() noinline {{
  %time = alloca [2 x i64]
  %status = call i32 @clock_gettime(i32 {time.CLOCK_MONOTONIC}, ptr %time)
  %seconds = load i64, ptr %time
  %rest = getelementptr i64, ptr %time, i64 1
  %nanoseconds = load i64, ptr %rest
  %scaled = mul i64 %seconds, 1000000000
  %now = add i64 %scaled, %nanoseconds
  ret i64 %now
}}

attributes #77 = {{ cold noinline memory(argmem: readwrite, inaccessiblemem: readwrite) }}

define hidden i32 @{abi.POLL}(ptr %frame, i64 %left) #77 {{
  %clock = getelementptr i64, ptr %frame, i64 {abi.FRAME_CLOCK}
  %word = getelementptr i64, ptr %frame, i64 {abi.FRAME_THREAD}
  %mask = getelementptr i64, ptr %frame, i64 {abi.FRAME_MASKED}
  %budget = getelementptr i64, ptr %frame, i64 {abi.FRAME_BUDGET}
  store i64 {abi.BUDGET}, ptr %budget
  %now = call i64 @stepwell_now()
  %before = load i64, ptr %clock
  %passed = sub i64 %now, %before
  %masked = load i64, ptr %mask
  %whole = icmp eq i64 %masked, 0
  %thread = load ptr, ptr %word
  %holds = icmp eq ptr %thread, null
  br i1 %holds, label %holding, label %running
holding:
  %first = icmp eq i64 %before, 0
  br i1 %first, label %begin, label %held
begin:
  store i64 %now, ptr %clock
  %long = icmp slt i64 %left, {-32 * abi.BUDGET}
  br i1 %long, label %ask, label %go_on
held:
  %brief = icmp ult i64 %passed, {HOLD_FOR}
  br i1 %brief, label %go_on, label %ask
running:
  %soon = icmp ult i64 %passed, {ASK_EVERY}
  br i1 %soon, label %go_on, label %look
look:
  %me = call i64 @PyThread_get_thread_ident()
  %main = load i64, ptr @{MAIN_THREAD}
  %is_main = icmp eq i64 %me, %main
  br i1 %is_main, label %handle, label %go_on
handle:
  br i1 %whole, label %take, label %again
again:
  store i64 0, ptr %budget
  br label %go_on
take:
  call void @{HOLD}(ptr %frame)
  br label %ask
ask:
  br i1 %whole, label %check, label %release
check:
  %failed = call i32 @PyErr_CheckSignals()
  %fine = icmp eq i32 %failed, 0
  br i1 %fine, label %release, label %raised
release:
  %saved = call ptr @PyEval_SaveThread()
  store ptr %saved, ptr %word
  %later = call i64 @stepwell_now()
  store i64 %later, ptr %clock
  br label %go_on
go_on:
  ret i32 {abi.OK}
raised:
  ret i32 {abi.RAISED}
}}
"""
"""Lets others run, and asks whether the program is to stop.

That it changes no memory of the kernel's is said to LLVM, so that what a loop has in registers stays there.
"""


def host_text(polls: bool) -> str:
    """The function that serves host sites; `polls`: the call may have given the interpreter's lock up."""
    hold = f"call void @{HOLD}(ptr %frame)" if polls else ""
    return f"""
define hidden i32 @{abi.HOST}(ptr %frame, i32 %site, ptr %table) noinline {{
  {hold}
  %slot = getelementptr i64, ptr %frame, i64 {abi.FRAME_OWNER}
  %owner = load ptr, ptr %slot
  %number = sext i32 %site to i64
  %result = call ptr @stepwell_tell(ptr %owner, i64 %number, ptr %table)
  %failed = icmp eq ptr %result, null
  br i1 %failed, label %raised, label %done
raised:
  ret i32 {abi.RAISED}
done:
  call void @Py_DecRef(ptr %result)
  ret i32 {abi.OK}
}}
"""
