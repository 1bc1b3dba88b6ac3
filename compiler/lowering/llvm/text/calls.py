"""Calls: of functions, and of LLVM's intrinsics."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import llvm
from xdsl.dialects.builtin import AnyFloat, VectorType
from xdsl.ir import Attribute, Operation, SSAValue

from ..builder import mangled
from .flags import fast
from .function import FunctionText, Handler
from .signatures import IDENTIFIER, calling_convention

_UNARY: dict[type[Operation], str] = {
    llvm.FAbsOp: "fabs",
    llvm.FExpOp: "exp",
    llvm.FExp2Op: "exp2",
    llvm.FLogOp: "log",
    llvm.FLog2Op: "log2",
    llvm.FSinOp: "sin",
    llvm.FCosOp: "cos",
    llvm.FSqrtOp: "sqrt",
    llvm.FCeilOp: "ceil",
    llvm.FFloorOp: "floor",
}
_BINARY: dict[type[Operation], str] = {
    llvm.FPowOp: "pow",
    llvm.VectorFMaxOp: "maxnum",
    llvm.VectorFMinOp: "minnum",
    llvm.FCopySignOp: "copysign",
}


def _add(f: FunctionText, op: Operation, call: str) -> None:
    if op.results:
        f.let(op.results[0], call)
    else:
        f.lines.append(call)


def _call(f: FunctionText, op: llvm.CallOp) -> None:
    if op.op_bundle_operands or op.op_bundle_sizes:
        raise f.refused(f"'{op.name}' with operand bundles")
    if op.callee is None:
        raise f.refused(f"'{op.name}' of a pointer")
    found = f.signatures.functions.get(op.callee.string_value())
    if found is None:
        raise f.refused(f"'{op.name}' of {op.callee}, which is no function here,")
    types = tuple(f.type(argument.type) for argument in op.args)
    result = f.type(op.results[0].type) if op.results else "void"
    fitting = types[: len(found.arguments)] if found.variadic else types
    if (fitting, result) != (found.arguments, found.result):
        raise f.refused(f"'{op.name}' of {op.callee} with other types than it has")
    kind = op.TailCallKind.data
    tail = f"{kind.value} " if kind != llvm.TailCallKind.NONE else ""
    flags = fast(op) if op.results and isinstance(_element(op.results[0].type), AnyFloat) else ""
    callee = f"{result} ({', '.join((*found.arguments, '...'))})" if found.variadic else result
    arguments = ", ".join(f.typed[argument] for argument in op.args)
    convention = calling_convention(op.CConv, op.location)
    _add(f, op, f"{tail}call{flags} {convention}{callee} @{found.name}({arguments})")


def _element(type_: Attribute) -> Attribute:
    return type_.element_type if isinstance(type_, VectorType) else type_


def _intrinsic(f: FunctionText, op: Operation, name: str, arguments: Sequence[SSAValue]) -> None:
    """A call of one of LLVM's functions, which its name tells apart from those for other types."""
    types = [f.type(argument.type) for argument in arguments]
    result = f.type(op.results[0].type) if op.results else "void"
    f.signatures.intrinsic(name, result, types, op.location)
    _add(f, op, f"call {result} @{name}({', '.join([f.typed[argument] for argument in arguments])})")


def _call_intrinsic(f: FunctionText, op: llvm.CallIntrinsicOp) -> None:
    name = op.intrin.data
    if not IDENTIFIER.fullmatch(name):
        raise f.refused(f"'{op.name}' {name!r}")
    if op.op_bundle_operands or op.op_bundle_sizes:
        raise f.refused(f"'{op.name}' with operand bundles")
    if op.fastmathFlags.data:
        raise f.refused(f"'{op.name}' with fast-math flags")
    _intrinsic(f, op, name, op.args)


def _of_type(name: str) -> Handler:
    """A call of a function that is overloaded by the type of its first operand."""

    def write(f: FunctionText, op: Operation) -> None:
        _intrinsic(f, op, f"llvm.{name}.{mangled(op.operands[0].type)}", op.operands)

    return write


def _fma(f: FunctionText, op: llvm.FMAOp) -> None:
    if op.fastmathFlags.data:
        raise f.refused(f"'{op.name}' with fast-math flags")
    _intrinsic(f, op, f"llvm.fma.{mangled(op.res.type)}", op.operands)


def _reduce(name: str) -> Handler:
    def write(f: FunctionText, op: Operation) -> None:
        _intrinsic(f, op, f"llvm.vector.reduce.{name}.{mangled(op.operands[1].type)}", op.operands)

    return write


def _masked_store(f: FunctionText, op: llvm.MaskedStoreOp) -> None:
    types = [f.type(operand.type) for operand in op.operands]
    name = f"llvm.masked.store.{mangled(op.value.type)}.{mangled(op.data.type)}"
    f.signatures.intrinsic(name, "void", types, op.location)
    pointer = f"{types[1]} align {op.alignment.value.data} {f.names[op.data]}"
    f.lines.append(f"call void @{name}({f.typed[op.value]}, {pointer}, {f.typed[op.mask]})")


def _inline_asm(f: FunctionText, op: llvm.InlineAsmOp) -> None:
    raise f.refused(f"'{op.name}' 'llvm'")


CALLS: dict[type[Operation], Handler] = {
    llvm.CallOp: _call,
    llvm.CallIntrinsicOp: _call_intrinsic,
    **{kind: _of_type(name) for kind, name in (_UNARY | _BINARY).items()},
    llvm.FMAOp: _fma,
    llvm.VectorReduceFAddOp: _reduce("fadd"),
    llvm.VectorReduceFMulOp: _reduce("fmul"),
    llvm.MaskedStoreOp: _masked_store,
    llvm.InlineAsmOp: _inline_asm,
}
"""How each call is written."""
