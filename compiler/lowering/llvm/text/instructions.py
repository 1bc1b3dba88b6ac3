"""One line for each op: how an instruction is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdsl.dialects import llvm
from xdsl.dialects.builtin import DenseArrayBase, IntegerAttr
from xdsl.ir import Operation

from .....dialects import llvm as own
from .calls import CALLS
from .constants import CONSTANTS
from .flags import disjoint, exact, fast, none, not_negative, wrapping
from .function import FunctionText, Handler

Flags = Callable[[Operation], str]
"""The flags of an op, each with a space before it."""


def _binary(name: str, flags: Flags) -> Handler:
    def write(f: FunctionText, op: Operation) -> None:
        lhs, rhs = op.operands
        f.let(op.results[0], f"{name}{flags(op)} {f.typed[lhs]}, {f.names[rhs]}")

    return write


def _unary(name: str, flags: Flags) -> Handler:
    def write(f: FunctionText, op: Operation) -> None:
        f.let(op.results[0], f"{name}{flags(op)} {f.typed[op.operands[0]]}")

    return write


def _cast(name: str, flags: Flags) -> Handler:
    def write(f: FunctionText, op: Operation) -> None:
        result = op.results[0]
        f.let(result, f"{name}{flags(op)} {f.typed[op.operands[0]]} to {f.type(result.type)}")

    return write


def _compare(name: str, predicates: Sequence[str]) -> Handler:
    def write(f: FunctionText, op: Operation) -> None:
        lhs, rhs = op.operands
        predicate = op.properties["predicate"]
        assert isinstance(predicate, IntegerAttr)
        f.let(op.results[0], f"{name} {predicates[predicate.value.data]} {f.typed[lhs]}, {f.names[rhs]}")

    return write


def _of_operands(name: str) -> Handler:
    def write(f: FunctionText, op: Operation) -> None:
        f.let(op.results[0], f"{name} {', '.join(f.typed[operand] for operand in op.operands)}")

    return write


def _constant(f: FunctionText, op: Operation) -> None:
    """Nothing: a constant is written where it is used."""


def _alignment(op: Operation) -> str:
    alignment = op.properties.get("alignment")
    return f", align {alignment.value.data}" if isinstance(alignment, IntegerAttr) else ""


def _alloca(f: FunctionText, op: llvm.AllocaOp) -> None:
    f.let(op.res, f"alloca {f.type(op.elem_type)}, {f.typed[op.size]}{_alignment(op)}")


def _load(f: FunctionText, op: Operation) -> None:
    result = op.results[0]
    f.let(result, f"load {f.type(result.type)}, {f.typed[op.operands[0]]}{_alignment(op)}")


def _store(f: FunctionText, op: Operation) -> None:
    value, pointer = op.operands
    f.lines.append(f"store {f.typed[value]}, {f.typed[pointer]}{_alignment(op)}")


def _gep(f: FunctionText, op: Operation) -> None:
    pointer, *dynamic = op.operands
    known = op.properties["rawConstantIndices"]
    assert isinstance(known, DenseArrayBase)
    rest = iter(dynamic)
    indices = "".join(
        f", {f.typed[next(rest)]}" if index == llvm.GEP_USE_SSA_VAL else f", i32 {index}"
        for index in known.get_values()
    )
    inbounds = " inbounds" if "inbounds" in op.properties else ""
    f.let(op.results[0], f"getelementptr{inbounds} {f.type(op.properties['elem_type'])}, {f.typed[pointer]}{indices}")


def _position(op: llvm.ExtractValueOp | llvm.InsertValueOp) -> str:
    return "".join(f", {index}" for index in op.position.iter_values())


def _extract_value(f: FunctionText, op: llvm.ExtractValueOp) -> None:
    f.let(op.res, f"extractvalue {f.typed[op.container]}{_position(op)}")


def _insert_value(f: FunctionText, op: llvm.InsertValueOp) -> None:
    f.let(op.res, f"insertvalue {f.typed[op.container]}, {f.typed[op.value]}{_position(op)}")


def _shuffle(f: FunctionText, op: llvm.ShuffleVectorOp) -> None:
    lanes = [str(lane) if lane >= 0 else "poison" for lane in op.mask.get_values()]
    mask = f"<{', '.join(f'i32 {lane}' for lane in lanes)}>" if len(set(lanes)) > 1 else f"splat (i32 {lanes[0]})"
    f.let(op.res, f"shufflevector {f.typed[op.v1]}, {f.typed[op.v2]}, <{len(lanes)} x i32> {mask}")


def _branch(f: FunctionText, op: Operation) -> None:
    f.lines.append(f"br label %{f.goto(op.successors[0], [f.names[value] for value in op.operands])}")


def _branch_if(f: FunctionText, op: llvm.CondBrOp) -> None:
    first = [f.names[value] for value in op.then_arguments]
    second = [f.names[value] for value in op.else_arguments]
    if op.then_block is op.else_block:
        _branch_to_one(f, op)
        return
    then, other = f.goto(op.then_block, first), f.goto(op.else_block, second)
    f.lines.append(f"br {f.typed[op.cond]}, label %{then}, label %{other}")


def _branch_to_one(f: FunctionText, op: llvm.CondBrOp) -> None:
    """A branch that leads to one block on both sides: a phi has one value for each block it is entered from."""
    chosen: list[str] = []
    for first, second in zip(op.then_arguments, op.else_arguments, strict=True):
        chosen.append(f.fresh())
        f.lines.append(f"{chosen[-1]} = select {f.typed[op.cond]}, {f.typed[first]}, {f.typed[second]}")
    f.lines.append(f"br label %{f.goto(op.then_block, chosen)}")


def _return(f: FunctionText, op: Operation) -> None:
    f.lines.append(f"ret {f.typed[op.operands[0]]}" if op.operands else "ret void")


def _unreachable(f: FunctionText, op: Operation) -> None:
    f.lines.append("unreachable")


_ICMP = tuple(flag.value for flag in llvm.ICmpPredicateFlag)
_FCMP = tuple(flag.value.lstrip("_") for flag in llvm.FCmpPredicateFlag)

HANDLERS: dict[type[Operation], Handler] = {
    llvm.AddOp: _binary("add", wrapping),
    llvm.SubOp: _binary("sub", wrapping),
    llvm.MulOp: _binary("mul", wrapping),
    llvm.ShlOp: _binary("shl", wrapping),
    llvm.UDivOp: _binary("udiv", exact),
    llvm.SDivOp: _binary("sdiv", exact),
    llvm.LShrOp: _binary("lshr", exact),
    llvm.AShrOp: _binary("ashr", exact),
    llvm.URemOp: _binary("urem", none),
    llvm.SRemOp: _binary("srem", none),
    llvm.AndOp: _binary("and", none),
    llvm.OrOp: _binary("or", disjoint),
    llvm.XOrOp: _binary("xor", none),
    llvm.FAddOp: _binary("fadd", fast),
    llvm.FSubOp: _binary("fsub", fast),
    llvm.FMulOp: _binary("fmul", fast),
    llvm.FDivOp: _binary("fdiv", fast),
    llvm.FRemOp: _binary("frem", fast),
    llvm.FNegOp: _unary("fneg", fast),
    llvm.TruncOp: _cast("trunc", wrapping),
    llvm.ZExtOp: _cast("zext", not_negative),
    llvm.SExtOp: _cast("sext", none),
    llvm.BitcastOp: _cast("bitcast", none),
    llvm.PtrToIntOp: _cast("ptrtoint", none),
    llvm.IntToPtrOp: _cast("inttoptr", none),
    llvm.FPExtOp: _cast("fpext", none),
    llvm.FPTruncOp: _cast("fptrunc", none),
    llvm.SIToFPOp: _cast("sitofp", none),
    own.UIToFPOp: _cast("uitofp", none),
    own.FPToSIOp: _cast("fptosi", none),
    own.FPToUIOp: _cast("fptoui", none),
    **dict.fromkeys((own.ICmpOp, llvm.ICmpOp), _compare("icmp", _ICMP)),
    **dict.fromkeys((own.FCmpOp, llvm.FCmpOp), _compare("fcmp", _FCMP)),
    **dict.fromkeys((own.SelectOp, llvm.SelectOp), _of_operands("select")),
    own.ExtractElementOp: _of_operands("extractelement"),
    llvm.InsertElementOp: _of_operands("insertelement"),
    llvm.ShuffleVectorOp: _shuffle,
    llvm.ExtractValueOp: _extract_value,
    llvm.InsertValueOp: _insert_value,
    llvm.AllocaOp: _alloca,
    llvm.LoadOp: _load,
    llvm.StoreOp: _store,
    llvm.GEPOp: _gep,
    llvm.BrOp: _branch,
    llvm.CondBrOp: _branch_if,
    llvm.ReturnOp: _return,
    llvm.UnreachableOp: _unreachable,
    **dict.fromkeys(CONSTANTS, _constant),
    **CALLS,
}
"""How each op is written."""
