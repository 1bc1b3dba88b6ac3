"""`smt` ops as SMT-LIB text, and z3's answer to it."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects import smt
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation, SSAValue

from .smt_ops import BvCmpOp, BvConcatOp, BvExtractOp, BvRepeatOp, width_of

NAMES: dict[type[Operation], str] = {
    smt.BVAddOp: "bvadd",
    smt.BVMulOp: "bvmul",
    smt.BVAndOp: "bvand",
    smt.BVOrOp: "bvor",
    smt.BVXOrOp: "bvxor",
    smt.BVNotOp: "bvnot",
    smt.BVNegOp: "bvneg",
    smt.BVSDivOp: "bvsdiv",
    smt.BVSRemOp: "bvsrem",
    smt.BVUDivOp: "bvudiv",
    smt.BVURemOp: "bvurem",
    smt.BVShlOp: "bvshl",
    smt.BVAShrOp: "bvashr",
    smt.BVLShrOp: "bvlshr",
    smt.NotOp: "not",
    smt.AndOp: "and",
    smt.OrOp: "or",
    smt.XOrOp: "xor",
    smt.ImpliesOp: "=>",
    smt.EqOp: "=",
    smt.DistinctOp: "distinct",
    smt.IteOp: "ite",
    BvConcatOp: "concat",
}
"""The function of SMT-LIB for each op that is just that."""

DIVISIONS = (smt.BVSDivOp, smt.BVSRemOp, smt.BVUDivOp, smt.BVURemOp)
"""The ops that divide."""


def to_smtlib(module: ModuleOp) -> str:
    """The ops of a module as SMT-LIB 2 commands: declarations, a definition for each value, assertions.

    Example:
        >>> from xdsl.dialects import smt
        >>> print(to_smtlib(ModuleOp([smt.DeclareFunOp(smt.BitVectorType(8), "x")])))
        (declare-const x (_ BitVec 8))
    """
    names: dict[SSAValue, str] = {}
    lines = []
    for op in module.body.block.ops:
        if isinstance(op, smt.AssertOp):
            lines.append(f"(assert {names[op.input]})")
            continue
        result = op.results[0]
        if isinstance(op, smt.DeclareFunOp):
            wanted = op.name_prefix.data if op.name_prefix is not None else "v"
            names[result] = wanted if wanted not in names.values() else f"{wanted}!{len(names)}"
            lines.append(f"(declare-const {names[result]} {_sort(result.type)})")
            continue
        term = _term(op, [names[operand] for operand in op.operands])
        names[result] = f"t!{len(names)}"
        lines.append(f"(define-fun {names[result]} () {_sort(result.type)} {term})")
    return "\n".join(lines)


def _sort(type_: Attribute) -> str:
    if isinstance(type_, smt.BitVectorType):
        return f"(_ BitVec {type_.width.data})"
    assert isinstance(type_, smt.BoolType), type_
    return "Bool"


def _term(op: Operation, operands: list[str]) -> str:
    """What an op computes."""
    match op:
        case smt.ConstantBoolOp():
            return "true" if op.value else "false"
        case smt.BvConstantOp():
            return f"(_ bv{op.value.value.data} {width_of(op.result)})"
        case BvCmpOp():
            return f"(bv{op.pred.data} {' '.join(operands)})"
        case BvExtractOp():
            low = op.low_bit.value.data
            return f"((_ extract {low + width_of(op.result) - 1} {low}) {operands[0]})"
        case BvRepeatOp():
            return f"((_ repeat {width_of(op.result) // width_of(op.input)}) {operands[0]})"
        case _:
            return f"({NAMES[type(op)]} {' '.join(operands)})"


@dataclass(frozen=True)
class Answer:
    """What z3 says.

    Attributes:
        status: `"unsat"` (nothing satisfies the assertions), `"sat"`, or `"unknown"` (out of time).
        model: for `"sat"` a number, signed, for each declared vector.
    """

    status: str
    model: dict[str, int]


def solve(module: ModuleOp, seconds: float) -> Answer:
    """Ask z3 whether the assertions of a module of `smt` ops can hold.

    A division is a large circuit, and over the integers a small axiom: with divisions z3 is asked about integers first,
    and about bits where it does not know. Each question may take `seconds`.

    Raises:
        ImportError: without the package `z3-solver`, which the test extra has.
    """
    divides = any(isinstance(op, DIVISIONS) for op in module.body.block.ops)
    answer = _ask(module, seconds, over_integers=divides)
    return _ask(module, seconds, over_integers=False) if divides and answer.status == "unknown" else answer


def _ask(module: ModuleOp, seconds: float, *, over_integers: bool) -> Answer:
    """Ask z3, which takes vectors as integers modulo a power of two, or as their bits."""
    import z3

    solver = z3.SimpleSolver() if over_integers else z3.SolverFor("QF_BV")
    if over_integers:
        solver.set("bv.solver", 2)
    solver.set("timeout", max(1, int(seconds * 1000)))
    solver.from_string(to_smtlib(module))
    status = str(solver.check())
    if status != "sat":
        return Answer(status, {})
    model = solver.model()
    numbers = {}
    for op in module.body.block.ops:
        if isinstance(op, smt.DeclareFunOp) and op.name_prefix is not None:
            name = op.name_prefix.data
            found = model.eval(z3.BitVec(name, width_of(op.result)), model_completion=True)  # pyright: ignore
            numbers[name] = found.as_signed_long()  # pyright: ignore[reportAttributeAccessIssue]
    return Answer(status, numbers)
