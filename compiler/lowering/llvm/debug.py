"""debug and host → llvm: checks that leave the function, and sites at which Python is called."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from xdsl.dialects import llvm
from xdsl.dialects.builtin import DYNAMIC_INDEX, DictionaryAttr, IntegerType, MemRefType, i32, i64
from xdsl.ir import Operation, SSAValue

from ....dialects.debug import AssertOp, BreakOp, LapOp, MaskInterruptsOp, PrintOp, UnmaskInterruptsOp
from ....dialects.host import CallOp
from ....dialects.signs import operand_types
from . import abi
from .builder import PTR
from .function import FunctionLowering, Handler


def _assert(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, AssertOp)
    number = len(f.assertions)
    types = tuple(operand_types(op)[1:])
    error = op.kind.data if op.kind is not None else ""
    f.assertions.append(abi.Site("assert", op.message.data, types, op.location, error=error))

    def note() -> SSAValue:
        """Which assertion failed, and its values."""
        _write(f, abi.FRAME_ASSERTION, f.b.i64(number))
        _note_values(f, op.values)
        return f.b.constant(abi.FAILED, i32)

    f.leave_unless(_truth(f, op.condition), note)


def _truth(f: FunctionLowering, condition: SSAValue) -> SSAValue:
    if isinstance(condition.type, MemRefType):
        return f.load_element(f.memref(condition).pointer, condition.type.element_type)
    return f.get(condition)


def _write(f: FunctionLowering, word: int, value: SSAValue) -> None:
    """Store into a word of the frame."""
    f.b.store(value, f.word(word), 8)


def _note_values(f: FunctionLowering, values: Sequence[SSAValue]) -> None:
    """The first `MAX_VALUES` values, in the order in which the engine reads them."""
    used = 0
    for value in values:
        type_ = value.type
        if not isinstance(type_, MemRefType):
            items = [f.get(value)] if used < abi.MAX_VALUES else []
        else:
            items = _elements(f, value, type_, abi.MAX_VALUES - used)
        for item in items:
            _write_scalar(f, f.b.gep(f.frame, i64, abi.FRAME_VALUES + used), item)
            used += 1


def _elements(f: FunctionLowering, value: SSAValue, type_: MemRefType, at_most: int) -> list[SSAValue]:
    """The elements of a small memref; none of one that is larger, or of unknown size."""
    shape = type_.get_shape()
    if DYNAMIC_INDEX in shape:
        return []
    places = list(product(*(range(size) for size in shape)))
    if len(places) > at_most:
        return []
    source = f.memref(value)
    return [f.load_element(source.address(f.b, place), type_.element_type) for place in places]


def _write_scalar(f: FunctionLowering, place: SSAValue, value: SSAValue) -> None:
    if value.type == IntegerType(1):
        value = f.b.convert(llvm.ZExtOp, value, IntegerType(8))
    f.b.store(value, place)


def _site(f: FunctionLowering, site: abi.Site, values: Sequence[SSAValue]) -> None:
    """Hand a table of the operands to Python, and leave if it raises."""
    number = len(f.sites)
    f.sites.append(site)
    table = f.stack(i64, max(sum(_words(value) for value in values), 1), 8)
    at = 0
    for value in values:
        for word in _described(f, value):
            _write_scalar(f, f.b.gep(table, i64, at), word)
            at += 1
    name = f.declarations.declare(abi.HOST, [PTR, i32, PTR], i32)
    status = f.b.call(name, [f.frame, f.b.constant(number, i32), table], i32)
    assert status is not None
    f.leave_unless(f.b.icmp("eq", status, f.b.constant(abi.OK, i32)), lambda: status)


def _words(value: SSAValue) -> int:
    return 1 + 2 * value.type.get_num_dims() if isinstance(value.type, MemRefType) else 1


def _described(f: FunctionLowering, value: SSAValue) -> list[SSAValue]:
    """A memref as pointer, sizes and strides; a scalar as itself."""
    if not isinstance(value.type, MemRefType):
        return [f.get(value)]
    memref = f.memref(value)
    return [memref.pointer, *map(f.b.i64, memref.sizes), *map(f.b.i64, memref.strides)]


def _print(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, PrintOp)
    types = tuple(operand_types(op))
    options = DictionaryAttr(op.options.attributes())
    _site(f, abi.Site("print", op.format.data, types, op.location, attrs=options), op.values)


def _break(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, BreakOp)
    types = tuple(operand_types(op))
    _site(f, abi.Site("break", op.label.data, types, op.location), op.values)


def _lap(f: FunctionLowering, op: Operation) -> None:
    """Read the CPU's counter; nothing that touches memory is moved across that."""
    assert isinstance(op, LapOp)
    b, times = f.b, f.memref(op.times).pointer
    now = b.intrinsic("llvm.readcyclecounter", [], i64)
    assert now is not None
    passed = b.binary(llvm.SubOp, now, b.load(times, i64))
    for word, more in ((op.word, passed), (op.word + 1, b.i64(1))):
        place = b.gep(times, i64, word)
        b.store(b.binary(llvm.AddOp, b.load(place, i64), more), place)
    b.store(now, times)


def _mask(f: FunctionLowering, op: Operation) -> None:
    """Count the masks that are in force."""
    masked = f.word(abi.FRAME_MASKED)
    kind = llvm.AddOp if isinstance(op, MaskInterruptsOp) else llvm.SubOp
    f.b.store(f.b.binary(kind, f.b.load(masked, i64), f.b.i64(1)), masked)


def _host_call(f: FunctionLowering, op: Operation) -> None:
    assert isinstance(op, CallOp)
    values = [*op.ins, *op.outs]
    types = tuple(operand_types(op))
    _site(f, abi.Site("call", op.callee.data, types, op.location, len(op.ins), op.attrs), values)


HANDLERS: dict[type[Operation], Handler] = {
    AssertOp: _assert,
    PrintOp: _print,
    BreakOp: _break,
    LapOp: _lap,
    MaskInterruptsOp: _mask,
    UnmaskInterruptsOp: _mask,
    CallOp: _host_call,
}
"""How each op is lowered."""
