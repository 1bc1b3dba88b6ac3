"""The check of the arrays that Python passes: a table of what is expected, and the functions that go through it.

A training step has hundreds of arguments. Code for each of them would take longer to compile than the step, so the
types are data: for each argument a record of its dtype, the flags, the number of dimensions, and the sizes, -1 where
any size will do.
"""

from __future__ import annotations

from xdsl.dialects.builtin import DYNAMIC_INDEX

from ....compiler.lowering.llvm import abi
from ..string_table import stored_dtype
from . import numpy_layout as layout

TABLE = "stepwell_expected"
"""The constant with the records."""
FIT = "stepwell_fit"
"""`(arguments, count, data, sizes, slots) -> bool`: whether all fit, and none that is written to has the address of
another. Stores the address of each array's elements, and the sizes that are not in the table, in their order.

`slots` is a hash table of addresses: words of 0 that become twice the number of an argument, counted from 1, and 1 more
if it is written to.
"""
HEADER = 16
"""Bytes of a record before its sizes."""

_FIT = f"""
define private i1 @{FIT}(ptr %arguments, i64 %count, ptr %data, ptr %sizes, ptr %slots) noinline {{
start:
  br label %next
next:
  %i = phi i64 [ 0, %start ], [ %number, %placed ]
  %record = phi ptr [ @{TABLE}, %start ], [ %record_after, %placed ]
  %free = phi ptr [ %sizes, %start ], [ %free_now, %placed ]
  %more = icmp ult i64 %i, %count
  br i1 %more, label %one, label %all
one:
  %array_at = getelementptr ptr, ptr %arguments, i64 %i
  %array = load ptr, ptr %array_at
  %type_at = getelementptr i8, ptr %array, i64 {layout.TYPE}
  %type = load ptr, ptr %type_at
  %is_array = icmp eq ptr %type, @PyArray_Type
  br i1 %is_array, label %look, label %misfit
look:
  %dtype_at = getelementptr i8, ptr %array, i64 {layout.DTYPE}
  %dtype = load ptr, ptr %dtype_at
  %dtype_wanted = load ptr, ptr %record
  %same_dtype = icmp eq ptr %dtype, %dtype_wanted
  %flags_at = getelementptr i8, ptr %array, i64 {layout.FLAGS}
  %flags = load i32, ptr %flags_at
  %flags_wanted_at = getelementptr i8, ptr %record, i64 8
  %flags_wanted = load i32, ptr %flags_wanted_at
  %flags_there = and i32 %flags, %flags_wanted
  %same_flags = icmp eq i32 %flags_there, %flags_wanted
  %rank_at = getelementptr i8, ptr %array, i64 {layout.RANK}
  %rank = load i32, ptr %rank_at
  %rank_wanted_at = getelementptr i8, ptr %record, i64 12
  %rank_wanted = load i32, ptr %rank_wanted_at
  %same_rank = icmp eq i32 %rank, %rank_wanted
  %both = and i1 %same_dtype, %same_flags
  %three = and i1 %both, %same_rank
  br i1 %three, label %measure, label %misfit
measure:
  %data_at = getelementptr i8, ptr %array, i64 {layout.DATA}
  %elements = load ptr, ptr %data_at
  %to = getelementptr ptr, ptr %data, i64 %i
  store ptr %elements, ptr %to
  %shape_at = getelementptr i8, ptr %array, i64 {layout.SIZES}
  %shape = load ptr, ptr %shape_at
  %wanted = getelementptr i8, ptr %record, i64 {HEADER}
  %rank_64 = zext i32 %rank to i64
  br label %axes
axes:
  %axis = phi i64 [ 0, %measure ], [ %axis_after, %go_on ]
  %free_now = phi ptr [ %free, %measure ], [ %free_after, %go_on ]
  %another = icmp ult i64 %axis, %rank_64
  br i1 %another, label %size, label %taken
size:
  %size_at = getelementptr i64, ptr %shape, i64 %axis
  %found = load i64, ptr %size_at
  %known_at = getelementptr i64, ptr %wanted, i64 %axis
  %known = load i64, ptr %known_at
  %any = icmp eq i64 %known, -1
  br i1 %any, label %keep, label %compare
compare:
  %same_size = icmp eq i64 %found, %known
  br i1 %same_size, label %go_on, label %misfit
keep:
  store i64 %found, ptr %free_now
  %behind = getelementptr i64, ptr %free_now, i64 1
  br label %go_on
go_on:
  %free_after = phi ptr [ %free_now, %compare ], [ %behind, %keep ]
  %axis_after = add i64 %axis, 1
  br label %axes
taken:
  %record_after = getelementptr i64, ptr %wanted, i64 %rank_64
  %number = add i64 %i, 1
  PLACE
placed:
  br label %next
all:
  ret i1 true
misfit:
  ret i1 false
}}
"""


_PLACE = f"""
  %address = ptrtoint ptr %elements to i64
  %mixed = mul i64 %address, {0x9E3779B97F4A7C15 - 2**64}
  %hash = lshr i64 %mixed, 32
  %write_bit = and i32 %flags_wanted, {layout.WRITEABLE}
  %written = icmp ne i32 %write_bit, 0
  %written_64 = zext i1 %written to i64
  %twice = shl i64 %number, 1
  %entry = or i64 %twice, %written_64
  br label %probe
probe:
  %try = phi i64 [ %hash, %taken ], [ %try_after, %other ]
  %slot = and i64 %try, MASK
  %slot_at = getelementptr i64, ptr %slots, i64 %slot
  %earlier = load i64, ptr %slot_at
  %empty = icmp eq i64 %earlier, 0
  br i1 %empty, label %place, label %compare_addresses
compare_addresses:
  %earlier_number = lshr i64 %earlier, 1
  %earlier_index = sub i64 %earlier_number, 1
  %earlier_at = getelementptr i64, ptr %data, i64 %earlier_index
  %earlier_address = load i64, ptr %earlier_at
  %same_address = icmp eq i64 %earlier_address, %address
  br i1 %same_address, label %shared, label %other
other:
  %try_after = add i64 %try, 1
  br label %probe
shared:
  %either = or i64 %earlier, %entry
  %bit = and i64 %either, 1
  %is_written = icmp ne i64 %bit, 0
  br i1 %is_written, label %misfit, label %placed
place:
  store i64 %entry, ptr %slot_at
"""
"""Looks an address up in the hash table, with linear probing, and puts it there."""


def slots(info: abi.KernelInfo) -> int:
    """The words of the hash table, a power of 2: at least twice the arguments; none where nothing is written to."""
    return 1 << (2 * len(info.arguments)).bit_length() if info.written else 0


def fit_text(info: abi.KernelInfo) -> str:
    """The table and the function, in LLVM's text."""
    size = slots(info)
    place = _PLACE.strip().replace("MASK", str(size - 1)) + "\n  br label %placed" if size else "br label %placed"
    return _table(info) + _FIT.replace("PLACE", place)


def _table(info: abi.KernelInfo) -> str:
    """The records, one behind the other."""
    fields: list[str] = []
    for number, type_ in enumerate(info.arguments):
        wanted = layout.CONTIGUOUS | layout.ALIGNED | (layout.WRITEABLE if number in info.written else 0)
        shape = type_.get_shape()
        fields += [f"ptr @{layout.dtype_symbol(stored_dtype(type_))}", f"i32 {wanted}", f"i32 {len(shape)}"]
        fields += [f"i64 {-1 if size == DYNAMIC_INDEX else size}" for size in shape]
    types = ", ".join(field.split()[0] for field in fields)
    return f"@{TABLE} = private constant <{{ {types} }}> <{{ {', '.join(fields)} }}>\n"
