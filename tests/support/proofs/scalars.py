"""From `hl` to straight-line scalar `arith`: the bodies that the ops' own lowerings emit, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.dialects import arith, func, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, IntegerAttr, IntegerType, ModuleOp, TensorType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Block, Operation, SSAValue

from stepwell.compiler.lowering.convert_hl_to_linalg import ConvertHlToLinalgPass
from stepwell.dialects.context import make_context
from stepwell.dialects.types import array_of


class NotScalarError(Exception):
    """A program that is more than scalar integer arithmetic."""


@dataclass
class Scalars:
    """A straight-line program on scalars.

    Attributes:
        block: its parameters and ops, which are of `arith`.
        results: what it computes.
        given: constants of the program itself; the others belong to the lowering of an op.
    """

    block: Block
    results: list[SSAValue] = field(default_factory=list)
    given: set[Operation] = field(default_factory=set)

    @property
    def ops(self) -> list[Operation]:
        """The ops, in order."""
        return list(self.block.ops)


def scalar_program(module: ModuleOp) -> Scalars:
    """Lower an `hl` module on tensors of rank 0 by the ops' own rules, and take the scalar bodies together.

    Raises:
        NotScalarError: where a tensor has a rank, or something else than elementwise ops is left.
    """
    lowered = module.clone()
    ConvertHlToLinalgPass().apply(make_context(), lowered)
    function = lowered.body.block.first_op
    assert isinstance(function, func.FuncOp)
    arguments = function.body.block.args
    program = Scalars(Block(arg_types=[_element(argument.type) for argument in arguments]))
    values: dict[SSAValue, SSAValue] = dict(zip(arguments, program.block.args, strict=True))
    for old, new in values.items():
        new.name_hint = old.name_hint
    for op in function.body.block.ops:
        _take(program, op, values)
    return program


def _take(program: Scalars, op: Operation, values: dict[SSAValue, SSAValue]) -> None:
    """What one op of the lowered function is on scalars."""
    match op:
        case arith.ConstantOp(value=DenseIntOrFPElementsAttr() as value) if isinstance(value.type, TensorType):
            constant = arith.ConstantOp(IntegerAttr(int(array_of(value).reshape(-1)[0]), _element(value.type)))
            program.block.add_op(constant)
            program.given.add(constant)
            values[op.result] = constant.result
        case tensor.EmptyOp():
            pass
        case linalg.GenericOp():
            _inline(program, op, values)
        case func.ReturnOp():
            program.results = [values[operand] for operand in op.operands]
        case _:
            raise NotScalarError(f"{op.name} is not scalar arithmetic")


def _inline(program: Scalars, op: linalg.GenericOp, values: dict[SSAValue, SSAValue]) -> None:
    """The body of a generic without loops, on the scalars of its inputs."""
    if op.iterator_types.data:
        raise NotScalarError("a loop over elements is not scalar arithmetic")
    body = op.body.block
    inner: dict[SSAValue, SSAValue] = {
        argument: values[given] for argument, given in zip(body.args, [*op.inputs, *op.outputs]) if given in values
    }
    for nested in body.ops:
        if isinstance(nested, linalg.YieldOp):
            for result, value in zip(op.results, nested.operands, strict=True):
                values[result] = inner[value]
        else:
            program.block.add_op(nested.clone(value_mapper=inner))


def _element(type_: Attribute) -> IntegerType:
    """The scalar type of a tensor of rank 0 of integers or booleans."""
    if not isinstance(type_, TensorType) or type_.get_num_dims() or not isinstance(type_.element_type, IntegerType):
        raise NotScalarError(f"{type_} is no single integer")
    return type_.element_type


@dataclass(frozen=True)
class Literal:
    """What a constant is at any width.

    Attributes:
        value: the number; with `is_width`, what is added to the width.
        is_width: whether it grows with the width, as the bound of an amount to shift by does.
        given: whether the program says it, so that it has to be a number of the width.
    """

    value: int
    is_width: bool
    given: bool

    def at(self, width: int) -> int:
        """The number at a width, not wrapped."""
        return self.value + width if self.is_width else self.value

    @property
    def least_width(self) -> int:
        """The narrowest integers that have the number; lowerings wrap theirs, so that these fit everywhere."""
        return max(1, self.value.bit_length() + 1 if self.value >= 0 else (~self.value).bit_length() + 1) * self.given


def literals(narrow: Scalars, wide: Scalars) -> list[Literal] | None:
    """For each constant of a program what it is at any width, learned from its forms for int32 and int64.

    `None` where the two are not alike, so that nothing follows for other widths: lowerings may do something for each
    bit.
    """
    if len(narrow.ops) != len(wide.ops):
        return None
    found = []
    for one, other in zip(narrow.ops, wide.ops, strict=True):
        if type(one) is not type(other) or not _same_places(narrow, one, wide, other):
            return None
        if isinstance(one, arith.ConstantOp):
            first, second = number(one), number(other)
            if first != second and second - first != 32:
                return None
            grows = first != second
            found.append(Literal(first - 32 if grows else first, grows, one in narrow.given))
        elif dict(one.properties) != dict(other.properties):
            return None
    return found


def number(op: Operation) -> int:
    """The number of a constant."""
    assert isinstance(op, arith.ConstantOp) and isinstance(op.value, IntegerAttr)
    return int(op.value.value.data)


def _same_places(narrow: Scalars, one: Operation, wide: Scalars, other: Operation) -> bool:
    """Whether two ops take their operands from the same places."""
    return _places(narrow, one.operands) == _places(wide, other.operands)


def _places(program: Scalars, values: Sequence[SSAValue]) -> list[tuple[str, int]]:
    ops = {op: place for place, op in enumerate(program.ops)}
    return [
        ("op", ops[value.owner]) if isinstance(value.owner, Operation) else ("argument", value.index)  # pyright: ignore
        for value in values
    ]
