"""Do types agree where values cross a border: into a region or block, out of it, to a symbol? xDSL asks of some ops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from xdsl.dialects.builtin import DYNAMIC_INDEX, StringAttr, SymbolRefAttr
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.traits import SymbolTable

if TYPE_CHECKING:
    from xdsl.dialects import linalg, llvm, scf, tensor

Check = Callable[[Any], str | None]
"""What is wrong with an op of one name, `None` for nothing."""


class Borders:
    """The checks of one module, which look its symbols up once."""

    def __init__(self) -> None:
        self._tables: dict[Operation, dict[str, Operation]] = {}

    def failure(self, op: Operation) -> str | None:
        """What does not fit between `op` and its regions, its successors or the symbols that it names.

        The rules are MLIR's, of the ops that xDSL verifies by themselves only.
        """
        message = _wrong_branch(op) if op.successors else None
        if message is not None:
            return message
        reference = op.properties.get(_REFERENCES[op.name]) if op.name in _REFERENCES else None
        if isinstance(reference, SymbolRefAttr) and not reference.nested_references:
            return _wrong_reference(op, reference, self._symbols(op).get(reference.root_reference.data))
        check = _CHECKS.get(op.name)
        return check(op) if check is not None else None

    def _symbols(self, op: Operation) -> dict[str, Operation]:
        """The symbols of the closest table around `op`."""
        table = op.parent_op()
        while table is not None and not table.has_trait(SymbolTable):
            table = table.parent_op()
        if table is None:
            return {}
        if table not in self._tables:
            names = ((getattr(found, "sym_name", None), found) for found in table.regions[0].block.ops)
            self._tables[table] = {name.data: found for name, found in names if isinstance(name, StringAttr)}
        return self._tables[table]


def _types(values: Iterable[SSAValue]) -> tuple[Attribute, ...]:
    return tuple(value.type for value in values)


def _differ(what: str, got: Iterable[Attribute], expected: Iterable[Attribute]) -> str | None:
    got, expected = tuple(got), tuple(expected)
    if got == expected:
        return None
    return f"{what}: expected ({', '.join(map(str, expected))}), got ({', '.join(map(str, got))})"


def _wrong_branch(op: Operation) -> str | None:
    """Whether each block branched to takes what it is given; no branch leads back to where a region begins."""
    for number, (block, values) in enumerate(zip(op.successors, _passed(op))):
        region = block.parent
        if region is not None and region.blocks.first is block:
            return f"successor {number} is the entry block of its region"
        if values is not None:
            wrong = _differ(f"types passed to successor {number}", _types(values), _types(block.args))
            if wrong is not None:
                return wrong
    return None


def _passed(op: Any) -> Sequence[Sequence[SSAValue] | None]:
    """The values that a branch gives to each of its successors; None where that is not known."""
    if op.name in ("cf.br", "llvm.br"):
        return [op.arguments]
    if op.name in ("cf.cond_br", "llvm.cond_br"):
        return [op.then_arguments, op.else_arguments]
    if op.name == "cf.switch":
        return [op.default_operands, *op.case_operand]
    return [None] * len(op.successors)


def _yields(region: Region, what: str, expected: Sequence[Attribute]) -> str | None:
    """Whether the blocks of `region` that end in a yield give values of the types `expected`."""
    for block in region.blocks:
        last = block.last_op
        if last is not None and not last.successors and last.name.endswith("yield"):
            wrong = _differ(f"types that {what} yields", _types(last.operands), expected)
            if wrong is not None:
                return wrong
    return None


def _wrong_if(op: scf.IfOp) -> str | None:
    if op.results and not op.false_region.blocks:
        return "it has results and no else"
    for what, region in (("then", op.true_region), ("else", op.false_region)):
        if any(block.args for block in region.blocks):
            return f"{what} takes arguments"
        wrong = _yields(region, what, op.result_types)
        if wrong is not None:
            return wrong
    return None


def _wrong_for(op: scf.ForOp) -> str | None:
    return _differ("types of results", op.result_types, _types(op.iter_args))


def _wrong_while(op: scf.WhileOp) -> str | None:
    before, after = op.before_region.block, op.after_region.block
    condition, last = before.last_op, after.last_op
    if condition is None or condition.name != "scf.condition":
        return "its first region does not end in scf.condition"
    if last is None or last.name != "scf.yield":
        return "its second region does not end in scf.yield"
    started, passed = _types(op.arguments), _types(condition.operands[1:])
    return (
        _differ("types of arguments of the first region", _types(before.args), started)
        or _differ("types that scf.condition passes on", passed, _types(after.args))
        or _differ("types that the second region yields", _types(last.operands), started)
        or _differ("types of results", op.result_types, passed)
    )


def _wrong_execute_region(op: scf.ExecuteRegionOp) -> str | None:
    return _yields(op.region, "the region", op.result_types)


def _element(type_: Attribute) -> Attribute:
    return getattr(type_, "element_type", type_)


def _wrong_generic(op: linalg.GenericOp) -> str | None:
    written = _types(op.outputs)
    results = tuple(type_ for type_ in written if type_.name == "tensor")  # pyright: ignore
    return _yields(op.body, "the body", tuple(map(_element, written))) or _differ(
        "types of results", op.result_types, results
    )


def _wrong_size_count(op: tensor.EmptyOp) -> str | None:
    type_ = op.tensor.type
    expected = sum(size == DYNAMIC_INDEX for size in type_.get_shape())
    given = len(op.operands)
    return None if given == expected else f"{type_} has {expected} sizes of run time, {given} are given"


def _wrong_element_count(op: tensor.FromElementsOp) -> str | None:
    type_, given = op.result.type, len(op.operands)
    shape = type_.get_shape()
    if DYNAMIC_INDEX in shape:
        return f"{type_} has sizes of run time"
    return None if given == prod(shape) else f"{type_} has {prod(shape)} elements, {given} are given"


def _wrong_index_count(shaped: int) -> Check:
    """The check that an op has an index for each dimension of operand number `shaped`; its indices come last."""

    def check(op: Operation) -> str | None:
        type_: Any = op.operands[shaped].type
        given, rank = len(op.operands) - shaped - 1, len(type_.get_shape())
        return None if given == rank else f"{type_} takes {rank} indices, {given} are given"

    return check


def _wrong_part(op: Operation) -> str | None:
    """Whether the part of a tensor or buffer has the elements of the whole."""
    part, whole = (op.results[0], op.operands[0]) if op.name != "tensor.insert_slice" else op.operands[:2]
    return _differ("type of elements", [_element(part.type)], [_element(whole.type)])


def _wrong_reference(op: Any, reference: SymbolRefAttr, found: Any) -> str | None:
    """Whether what `op` names is there, and of the types that `op` takes it for."""
    if found is None:
        return f"there is no symbol {reference}"
    if op.name == "memref.get_global":
        if found.name != "memref.global":
            return f"{reference} is no memref.global"
        return _differ(f"type of {reference}", op.result_types, [found.type])
    if op.name == "llvm.call" and found.name == "llvm.func" and not found.function_type.is_variadic:
        type_ = found.function_type
        wrong = _differ(f"types that {reference} is given", _types(op.args), type_.inputs.data)
        return wrong or _differ(f"types that {reference} returns", op.result_types, _returned(type_))
    return None


def _returned(type_: llvm.LLVMFunctionType) -> Sequence[Attribute]:
    """The types that a function of LLVM's returns."""
    return () if type_.output.name == "llvm.void" else (type_.output,)


def _wrong_llvm_function(op: llvm.FuncOp) -> str | None:
    entry: Block | None = op.body.blocks.first
    if entry is None:
        return None
    type_ = op.function_type
    wrong = _differ("types of arguments of the entry block", _types(entry.args), type_.inputs.data)
    if wrong is not None:
        return wrong
    for block in op.body.blocks:
        last = block.last_op
        if last is not None and last.name == "llvm.return":
            wrong = _differ("types that llvm.return returns", _types(last.operands), _returned(type_))
            if wrong is not None:
                return wrong
    return None


_REFERENCES = {"memref.get_global": "name", "llvm.mlir.addressof": "global_name", "llvm.call": "callee"}
"""The property that names a symbol, by the name of the op; `func.call` is verified by xDSL."""
_CHECKS: dict[str, Check] = {
    "scf.if": _wrong_if,
    "scf.for": _wrong_for,
    "scf.while": _wrong_while,
    "scf.execute_region": _wrong_execute_region,
    "linalg.generic": _wrong_generic,
    "tensor.empty": _wrong_size_count,
    "tensor.from_elements": _wrong_element_count,
    "tensor.extract": _wrong_index_count(0),
    "tensor.insert": _wrong_index_count(1),
    "tensor.extract_slice": _wrong_part,
    "tensor.insert_slice": _wrong_part,
    "memref.subview": _wrong_part,
    "llvm.func": _wrong_llvm_function,
}
"""By the name of the op; not by its class, so that no dialect is loaded for it."""
