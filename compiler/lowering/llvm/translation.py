"""The llvm level → LLVM's own text, through xDSL's translation, with the holes in it filled."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir
import numpy as np
from xdsl.backend.llvm.convert_op import convert_op, create_constant
from xdsl.backend.llvm.convert_type import convert_type
from xdsl.dialects import llvm
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, IntegerType, ModuleOp
from xdsl.ir import Attribute, Block, Operation, SSAValue

from ....dialects import llvm as own
from ....dialects.diagnostics import UnsupportedError
from ....dialects.dtypes import INT8, dtype_of
from ...targets import ALIGNMENT

INLINE_CONSTANT = 64
"""Constants with more elements than this are not part of the text; the engine gives their address."""

_IDENTIFIER = re.compile(r"[A-Za-z_.][A-Za-z0-9_.]*")
_ARGUMENT_FLAGS = {"llvm.noalias": "noalias", "llvm.nonnull": "nonnull", "llvm.noundef": "noundef"}
_BINARY: dict[type[Operation], str] = {
    llvm.AddOp: "add",
    llvm.SubOp: "sub",
    llvm.MulOp: "mul",
    llvm.UDivOp: "udiv",
    llvm.SDivOp: "sdiv",
    llvm.URemOp: "urem",
    llvm.SRemOp: "srem",
    llvm.ShlOp: "shl",
    llvm.LShrOp: "lshr",
    llvm.AShrOp: "ashr",
    llvm.AndOp: "and_",
    llvm.OrOp: "or_",
    llvm.XOrOp: "xor",
    llvm.FAddOp: "fadd",
    llvm.FSubOp: "fsub",
    llvm.FMulOp: "fmul",
    llvm.FDivOp: "fdiv",
    llvm.FRemOp: "frem",
}
_CASTS: dict[type[Operation], str] = {
    own.UIToFPOp: "uitofp",
    own.FPToSIOp: "fptosi",
    own.FPToUIOp: "fptoui",
    llvm.SIToFPOp: "sitofp",
    llvm.TruncOp: "trunc",
    llvm.ZExtOp: "zext",
    llvm.SExtOp: "sext",
    llvm.BitcastOp: "bitcast",
    llvm.FPExtOp: "fpext",
    llvm.FPTruncOp: "fptrunc",
}
_OVERFLOW = ([], ["nsw"], ["nuw"], ["nsw", "nuw"])


class _Module(ir.Module):
    """An LLVM module in which functions and constants of the program are found by the names they had there."""

    def __init__(self) -> None:
        super().__init__()
        self.symbols: dict[str, str] = {}

    def get_global(self, name: str) -> Any:
        """What is called `name` in the program."""
        return super().get_global(self.symbols.get(name, name))


class Translation:
    """One module on its way to LLVM.

    What the program defines has names of ours in LLVM's text, made of letters and digits; so no name that a user chose
    can be taken for anything else, or for a function of the runtime.

    Attributes:
        module: the LLVM module.
        constants: the arrays of the constants that are not in the text, by name.
    """

    def __init__(self) -> None:
        self.module = _Module()
        self.constants: dict[str, np.ndarray] = {}
        self._types: dict[Attribute, ir.Type] = {}

    def run(self, module: ModuleOp) -> None:
        """Translate `module`."""
        functions = [op for op in module.ops if isinstance(op, llvm.FuncOp)]
        for op in module.ops:
            if isinstance(op, llvm.GlobalOp | llvm.FuncOp):
                self._name(op)
        for op in module.ops:
            if isinstance(op, llvm.GlobalOp):
                self._global(op)
        for op in functions:
            self._declare(op)
        for op in functions:
            if op.body.blocks:
                self._body(op)

    def name(self, symbol: str) -> str:
        """The name in LLVM's text of what has the name `symbol` in the program."""
        return self.module.symbols[symbol]

    def _name(self, op: llvm.GlobalOp | llvm.FuncOp) -> None:
        symbol, symbols = op.sym_name.data, self.module.symbols
        if isinstance(op, llvm.GlobalOp) or op.body.blocks:
            symbols[symbol] = f"stepwell_{len(symbols)}_{re.sub('[^A-Za-z0-9_]', '_', symbol)[:64]}"
        elif _IDENTIFIER.fullmatch(symbol):
            symbols[symbol] = symbol
        else:
            raise UnsupportedError(f"{symbol!r} is no name of a function outside the program", location=op.location)

    def type(self, type_: Attribute) -> ir.Type:
        """LLVM's type."""
        found = self._types.get(type_)
        if found is None:
            found = self._types[type_] = convert_type(type_)
        return found

    def _global(self, op: llvm.GlobalOp) -> None:
        type_, value = op.global_type, op.value
        assert isinstance(type_, llvm.LLVMArrayType) and isinstance(value, DenseIntOrFPElementsAttr)
        new = ir.GlobalVariable(self.module, self.type(type_), self.name(op.sym_name.data))
        new.global_constant = True
        if type_.size.data > INLINE_CONSTANT:
            self.constants[new.name] = dense_array(value, type_.size.data)
            return
        new.linkage = "internal"
        new.align = ALIGNMENT  # pyright: ignore[reportAttributeAccessIssue]
        items = dense_array(value, type_.size.data).ravel().tolist()
        data = ir.Constant(self.type(type_), [ir.Constant(self.type(type_.type), item) for item in items])
        new.initializer = data  # pyright: ignore[reportAttributeAccessIssue]

    def _declare(self, op: llvm.FuncOp) -> None:
        inputs = [self.type(type_) for type_ in op.function_type.inputs]
        type_ = ir.FunctionType(self.type(op.function_type.output), inputs)
        function = ir.Function(self.module, type_, self.name(op.sym_name.data))
        function.attributes.add("nounwind")
        if op.linkage.linkage.data == "internal":
            function.linkage = "internal"
        for argument, attrs in zip(function.args, op.arg_attrs or (), strict=False):
            for name in attrs.data:
                argument.add_attribute(_ARGUMENT_FLAGS[name])
        for attrs in op.res_attrs or ():
            for name in attrs.data:
                function.return_value.add_attribute(_ARGUMENT_FLAGS[name])

    def _body(self, op: llvm.FuncOp) -> None:
        function = self.module.get_global(op.sym_name.data)
        blocks: dict[Block, ir.Block] = {}
        values: dict[SSAValue, ir.Value] = {}
        for position, block in enumerate(op.body.blocks):
            blocks[block] = function.append_basic_block()
            if position == 0:
                values.update(zip(block.args, function.args, strict=True))
                continue
            builder = ir.IRBuilder(blocks[block])
            for argument in block.args:
                values[argument] = builder.phi(self.type(argument.type))
        for block in op.body.blocks:
            builder = ir.IRBuilder(blocks[block])
            for inner in block.ops:
                handler = _HANDLERS.get(type(inner))
                if isinstance(inner, llvm.CondBrOp) and inner.then_block is inner.else_block:
                    _branch_to_one(inner, builder, values, blocks[inner.then_block])
                elif handler is None:
                    _check(inner)
                    convert_op(inner, builder, values, blocks)
                else:
                    handler(self, inner, builder, values)


def _check(op: Operation) -> None:
    """Refuse what LLVM would read as text of its own."""
    name = op.intrin.data if isinstance(op, llvm.CallIntrinsicOp) else "llvm"
    if isinstance(op, llvm.InlineAsmOp) or not _IDENTIFIER.fullmatch(name):
        raise UnsupportedError(f"'{op.name}' {name!r} has no native form", location=op.location)


def dense_array(value: DenseIntOrFPElementsAttr, count: int) -> np.ndarray:
    """The elements of a constant as they lie in memory."""
    dtype = dtype_of(value.type)
    stored = np.frombuffer(value.data.data, INT8 if dtype == np.bool_ else dtype)
    if dtype == np.bool_:
        stored = (stored != 0).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(stored, (count,)) if stored.size != count else stored)


Values = dict[SSAValue, ir.Value]


def _binary(t: Translation, op: Operation, builder: ir.IRBuilder, values: Values) -> None:
    lhs, rhs = op.operands
    flags: Any = op.properties.get("overflowFlags")
    marks = _OVERFLOW[flags.value.data] if flags is not None else []
    values[op.results[0]] = getattr(builder, _BINARY[type(op)])(values[lhs], values[rhs], flags=marks)


def _cast(t: Translation, op: Operation, builder: ir.IRBuilder, values: Values) -> None:
    value, type_ = values[op.operands[0]], t.type(op.results[0].type)
    values[op.results[0]] = _inserted(builder, ir.CastInstr(builder.block, _CASTS[type(op)], value, type_))


def _fcmp(t: Translation, op: own.FCmpOp, builder: ir.IRBuilder, values: Values) -> None:
    predicate = llvm.FCmpPredicateFlag.from_int(op.predicate.value.data).value
    new = ir.FCMPInstr(builder.block, predicate, values[op.lhs], values[op.rhs])
    values[op.res] = _typed(t, builder, new, op)


def _icmp(t: Translation, op: own.ICmpOp, builder: ir.IRBuilder, values: Values) -> None:
    predicate = llvm.ICmpPredicateFlag.from_int(op.predicate.value.data).value
    new = ir.ICMPInstr(builder.block, predicate, values[op.lhs], values[op.rhs])
    values[op.res] = _typed(t, builder, new, op)


def _typed(t: Translation, builder: ir.IRBuilder, new: ir.Instruction, op: Operation) -> ir.Instruction:
    new.type = t.type(op.results[0].type)
    return _inserted(builder, new)


def _inserted(builder: ir.IRBuilder, new: ir.Instruction) -> ir.Instruction:
    builder._insert(new)
    return new


def _select(t: Translation, op: own.SelectOp, builder: ir.IRBuilder, values: Values) -> None:
    cond, lhs, rhs = (values[operand] for operand in op.operands)
    values[op.res] = _inserted(builder, ir.SelectInstr(builder.block, cond, lhs, rhs))


def _extract(t: Translation, op: own.ExtractElementOp, builder: ir.IRBuilder, values: Values) -> None:
    values[op.res] = builder.extract_element(values[op.vector], values[op.position])


def _gep(t: Translation, op: llvm.GEPOp, builder: ir.IRBuilder, values: Values) -> None:
    rest = iter(op.ssa_indices)
    indices = [
        values[next(rest)] if index == llvm.GEP_USE_SSA_VAL else ir.Constant(ir.IntType(32), index)
        for index in op.rawConstantIndices.iter_values()
    ]
    source = t.type(op.elem_type)
    values[op.result] = builder.gep(values[op.ptr], indices, inbounds=op.inbounds is not None, source_etype=source)


def _load(t: Translation, op: llvm.LoadOp, builder: ir.IRBuilder, values: Values) -> None:
    align = op.alignment.value.data if op.alignment is not None else None
    new = builder.load(values[op.ptr], align=align, typ=t.type(op.dereferenced_value.type))
    values[op.dereferenced_value] = new


def _branch_to_one(op: llvm.CondBrOp, builder: ir.IRBuilder, values: Values, target: ir.Block) -> None:
    """A branch that leads to one block on both sides: a phi has one value for each block it is entered from."""
    for argument, first, second in zip(op.then_block.args, op.then_arguments, op.else_arguments, strict=True):
        chosen = ir.SelectInstr(builder.block, values[op.cond], values[first], values[second])
        phi = values[argument]
        assert isinstance(phi, ir.PhiInstr)
        phi.add_incoming(_inserted(builder, chosen), builder.block)
    builder.branch(target)


def _alloca(t: Translation, op: llvm.AllocaOp, builder: ir.IRBuilder, values: Values) -> None:
    new: Any = builder.alloca(t.type(op.elem_type), size=values[op.size])
    new.align = op.alignment.value.data if op.alignment is not None else None
    new.type = ir.PointerType()
    values[op.res] = new


def _address_of(t: Translation, op: llvm.AddressOfOp, builder: ir.IRBuilder, values: Values) -> None:
    found = t.module.get_global(op.global_name.root_reference.data)
    new = builder.gep(found, [ir.Constant(ir.IntType(32), 0)], inbounds=True, source_etype=ir.IntType(8))
    new.type = ir.PointerType()
    values[op.result] = new


def _store(t: Translation, op: llvm.StoreOp, builder: ir.IRBuilder, values: Values) -> None:
    align = op.alignment.value.data if op.alignment is not None else None
    builder.store(values[op.value], values[op.ptr], align=align)


def _constant(t: Translation, op: llvm.ConstantOp, builder: ir.IRBuilder, values: Values) -> None:
    type_: Any = op.result.type
    if isinstance(op.value, DenseIntOrFPElementsAttr):
        items = list(op.value.get_values())
        count = type_.get_shape()[0]
        items = items * count if len(items) == 1 else items
        if isinstance(type_.element_type, IntegerType) and type_.element_type.width.data == 1:
            items = [int(bool(item)) for item in items]
        lane = t.type(type_.element_type)
        values[op.result] = ir.Constant(t.type(type_), [ir.Constant(lane, item) for item in items])
    elif type_ == IntegerType(1):
        values[op.result] = ir.Constant(t.type(type_), bool(op.value.value.data))
    else:
        values[op.result] = create_constant(type_, op.value)


_HANDLERS: dict[type[Operation], Callable[[Translation, Any, ir.IRBuilder, Values], None]] = {
    **dict.fromkeys(_BINARY, _binary),
    **dict.fromkeys(_CASTS, _cast),
    own.FCmpOp: _fcmp,
    own.ICmpOp: _icmp,
    own.SelectOp: _select,
    own.ExtractElementOp: _extract,
    llvm.AllocaOp: _alloca,
    llvm.AddressOfOp: _address_of,
    llvm.GEPOp: _gep,
    llvm.LoadOp: _load,
    llvm.StoreOp: _store,
    llvm.ConstantOp: _constant,
}
