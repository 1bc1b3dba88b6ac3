"""What replaces a value: another one of its type that is in scope, or a constant."""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.dialects import arith, func, llvm, tensor
from xdsl.dialects.builtin import (
    AnyFloat,
    ArrayAttr,
    DictionaryAttr,
    FunctionType,
    IndexType,
    IntegerType,
    TensorType,
    VectorType,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint
from xdsl.traits import IsolatedFromAbove

from ...dialects.emitter import Emitter, constant_attr
from ...dialects.types import DYNAMIC

_NUMBERS = (IntegerType, IndexType, AnyFloat)


def operand_like(op: Operation, number: int) -> SSAValue | None:
    """The operand of the type of result `number`: of several, the one at the position of the result."""
    type_ = op.results[number].type
    found = [operand for operand in op.operands if operand.type == type_]
    before = sum(1 for result in op.results[:number] if result.type == type_)
    return found[min(before, len(found) - 1)] if found else None


def in_scope(op: Operation, type_: Attribute) -> Iterator[SSAValue]:
    """The values of a type that are defined before `op`, the outermost and first ones first."""
    for around in reversed(list(_around(op))):
        block = around.parent
        assert block is not None
        yield from (argument for argument in block.args if argument.type == type_)
        for earlier in block.ops:
            if earlier is around:
                break
            yield from (result for result in earlier.results if result.type == type_)


def _around(op: Operation) -> Iterator[Operation]:
    """`op` and the ops around it, up to the function's own block."""
    at: Operation | None = op
    while at is not None and at.parent is not None and at.parent_op() is not None:
        yield at
        at = at.parent_op()
        if at is not None and at.has_trait(IsolatedFromAbove):
            return


def function_of(op: Operation) -> Operation | None:
    """The function that an op is in."""
    at = op.parent_op()
    while at is not None and not at.has_trait(IsolatedFromAbove):
        at = at.parent_op()
    return at if isinstance(at, func.FuncOp | llvm.FuncOp) else None


def zero(op: Operation, type_: Attribute) -> SSAValue | None:
    """A constant 0 of a type at the start of the function of `op`, the one that is there already if there is one.

    None for types that have no constants. Sizes that are not known are 1.
    """
    function = function_of(op)
    block = function.regions[0].blocks.first if function is not None else None
    if block is None or block.first_op is None:
        return None
    e = Emitter(InsertPoint.before(block.first_op), op.location)
    if isinstance(function, llvm.FuncOp):
        return _llvm_zero(e, block, type_)
    if isinstance(type_, TensorType) and DYNAMIC in type_.get_shape():
        static = TensorType(type_.element_type, [1 if size == DYNAMIC else size for size in type_.get_shape()])
        start = zero(op, static)
        if start is None:
            return None
        after = Emitter(InsertPoint.after(start.owner), op.location)  # pyright: ignore[reportArgumentType]
        return after.value(tensor.CastOp(start, type_))
    element = type_.element_type if isinstance(type_, TensorType | VectorType) else type_
    if not isinstance(element, _NUMBERS):
        return None
    value = constant_attr(0, type_)
    return _existing(block, arith.ConstantOp, value) or e.value(arith.ConstantOp(value))  # pyright: ignore


def _existing(block: Block, kind: type[Operation], value: Attribute) -> SSAValue | None:
    """A constant among those that the block starts with."""
    for op in block.ops:
        if not isinstance(op, kind):
            return None
        if op.properties["value"] == value:
            return op.results[0]
    return None


def _llvm_zero(e: Emitter, block: Block, type_: Attribute) -> SSAValue | None:
    if isinstance(type_, IntegerType | AnyFloat):
        value = constant_attr(0, type_)
        return _existing(block, llvm.ConstantOp, value) or e.value(llvm.ConstantOp(value, type_))
    if isinstance(type_, llvm.LLVMVoidType):
        return None
    return e.value(llvm.ZeroOp.create(result_types=[type_]))


def new_argument(op: Operation, type_: Attribute, name: str | None) -> SSAValue | None:
    """One more parameter of the function of `op`; None for functions that somebody calls, and for other kinds."""
    function = function_of(op)
    if not isinstance(function, func.FuncOp) or callers(function):
        return None
    block = function.body.blocks.first
    assert block is not None
    argument = block.insert_arg(type_, len(block.args))
    argument.name_hint = name
    inputs, outputs = function.function_type.inputs.data, function.function_type.outputs.data
    function.function_type = FunctionType.from_lists([*inputs, type_], outputs)
    if function.arg_attrs is not None:
        function.arg_attrs = ArrayAttr([*function.arg_attrs, DictionaryAttr({})])
    return argument


def callers(function: func.FuncOp) -> list[func.CallOp]:
    """The calls of a function, in the order of the module."""
    module = function.get_toplevel_object()
    assert isinstance(module, Operation)
    name = function.sym_name.data
    return [op for op in module.walk() if isinstance(op, func.CallOp) and op.callee.string_value() == name]
