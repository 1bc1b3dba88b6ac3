"""Names for the sizes of results: which of them are sizes of arguments, whatever these are.

Each named size is given a number of its own that no program has, the types of all values are inferred again, and a
size of a result that is one of these numbers is the size with that name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xdsl.dialects import arith, func, scf, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Block, Operation, SSAValue

from ....dialects.dtypes import dtype_of
from ....dialects.hl.arithmetic import AddOp, MulOp, SubOp
from ....dialects.hl.movement import BroadcastToOp
from ....dialects.hl.rules.base import HLOp, InferenceError
from ....dialects.hl.selection import CastOp
from ....dialects.hl.shape import DimOp, ReshapeOp
from ....dialects.types import DYNAMIC, shape_of, tensor_type
from .loops.loops import LoopView, known_integer
from .loops.ops import CollectedOp, CollectOp

_FIRST = 1_000_003
"""The number that represents the first name; the others are larger."""

_ROUNDS = 4
"""How often the types of what a loop carries may become less definite before nothing is said of them."""


def name_result_sizes(function: func.FuncOp, inputs: Sequence[Sequence[int | str | None]]) -> list[list[str | None]]:
    """The names of the sizes of a function's results, None where they have none.

    Args:
        function: the function, after loops have been made to collect.
        inputs: for each parameter its sizes: numbers, names, or None.
    """
    names = {name for sizes in inputs for name in sizes if isinstance(name, str)}
    numbers = {name: _FIRST + 2 * at for at, name in enumerate(sorted(names))}
    sizes = _Sizes()
    for argument, known in zip(function.body.block.args, inputs, strict=True):
        if isinstance(argument.type, TensorType):
            shape = [numbers.get(size, DYNAMIC) if not isinstance(size, int) else size for size in known]  # pyright: ignore
            sizes.types[argument] = tensor_type(shape, dtype_of(argument.type))
    results = sizes.run(function.body.block)
    back: Mapping[int, str] = {number: name for name, number in numbers.items()}
    return [[back.get(size) for size in shape_of(sizes.type(result))] for result in results]


class _Sizes:
    """Types of values, and integers, as far as they follow from those of the arguments."""

    def __init__(self) -> None:
        self.types: dict[SSAValue, TensorType[Attribute]] = {}
        self.integers: dict[SSAValue, int] = {}
        self._collected: list[tuple[TensorType[Attribute], int]] = []

    def type(self, value: SSAValue) -> TensorType[Attribute]:
        """What is known of the type of a tensor."""
        assert isinstance(value.type, TensorType)
        return self.types.get(value, value.type)

    def integer(self, value: SSAValue) -> int | None:
        """What is known of an integer."""
        return self.integers[value] if value in self.integers else known_integer(value)

    def run(self, block: Block) -> list[SSAValue]:
        """Look at the ops of a block; return what its last one hands on."""
        for op in block.ops:
            if isinstance(op, func.ReturnOp | scf.YieldOp | scf.ConditionOp):
                return list(op.operands)
            self._look_at(op)
        raise AssertionError("a block without terminator")

    def _look_at(self, op: Operation) -> None:
        if isinstance(op, scf.ForOp):
            count = self.integer(op.ub) if known_integer(op.lb) == 0 and known_integer(op.step) == 1 else None
            self._loop(op, op.iter_args, op.body.block, op.body.block.args[1:], count)
        elif isinstance(op, scf.WhileOp) and LoopView.of(op) is not None:
            self._loop(op, op.arguments, op.after_region.block, op.after_region.block.args, None)
        elif isinstance(op, scf.IfOp) and op.results:
            yielded = [self.run(region.block) for region in (op.true_region, op.false_region)]
            for result, *values in zip(op.results, *yielded, strict=True):
                self._set(result, [self.types.get(value) or value.type for value in values])
        elif isinstance(op, CollectedOp):
            part, count = self._collected[op.index.value.data]
            self.types[op.result] = tensor_type((count, *shape_of(part)), dtype_of(part))
        elif isinstance(op, tensor.CastOp):
            self._set(op.dest, [self.type(op.source)])
        elif isinstance(op, HLOp):
            self._infer(op)
        self._compute(op)

    def _set(self, value: SSAValue, types: Sequence[Attribute]) -> None:
        """Let a value have what its types have in common."""
        if all(isinstance(type_, TensorType) for type_ in types):
            shapes = [shape_of(type_) for type_ in types]  # pyright: ignore
            common = [sizes[0] if len({*sizes}) == 1 else DYNAMIC for sizes in zip(*shapes, strict=True)]
            self.types[value] = tensor_type(common, dtype_of(value.type))

    def _loop(
        self, op: Operation, starts: Sequence[SSAValue], body: Block, carried: Sequence[SSAValue], count: int | None
    ) -> None:
        """Look at a loop until what it carries is of the type that it had before."""
        types: list[Attribute] = [self.types.get(value, value.type) for value in starts]
        for _ in range(_ROUNDS):
            for argument, type_ in zip(carried, types, strict=True):
                self._set(argument, [type_])
            yielded = self.run(body)
            for argument, before, value in zip(carried, types, yielded, strict=True):
                self._set(argument, [before, self.types.get(value, value.type)])
            after: list[Attribute] = [self.types.get(argument, argument.type) for argument in carried]
            if after == types:
                break
            types = after
        else:
            types = [argument.type for argument in carried]
        for result, type_ in zip(op.results, types, strict=True):
            self._set(result, [type_])
        parts = [inner for inner in body.ops if isinstance(inner, CollectOp)]
        self._collected = [(self.type(part.value), DYNAMIC if count is None else count) for part in parts]

    def _infer(self, op: HLOp) -> None:
        """Infer the results' types again from those of the operands, with sizes that are known now."""
        operands, attrs = list(op.operands), op.attrs()
        if isinstance(op, BroadcastToOp | ReshapeOp):
            given, shape, kept = iter(operands[1:]), [], operands[:1]
            for size in attrs["shape"]:
                value = next(given) if size == DYNAMIC else None
                known = size if value is None else self.integer(value)
                shape.append(DYNAMIC if known is None else known)
                kept += [value] if value is not None and known is None else []
            operands, attrs = kept, attrs | {"shape": tuple(shape)}
        try:
            types = type(op).infer([self.type(operand) for operand in operands], attrs)
        except InferenceError:  # sizes of several names have to be equal, or one of them 1
            return
        for result, inferred in zip(op.results, types, strict=True):
            merged = zip(shape_of(inferred), shape_of(result.type), strict=True)  # pyright: ignore
            self.types[result] = tensor_type([a if b == DYNAMIC else b for a, b in merged], dtype_of(result.type))

    def _compute(self, op: Operation) -> None:
        """Follow integers from the sizes that they are."""
        value: int | None = None
        if isinstance(op, DimOp):
            size = shape_of(self.type(op.x))[op.attrs()["axis"]]
            value = None if size == DYNAMIC else size
        elif isinstance(op, CastOp | tensor.ExtractOp | tensor.FromElementsOp | arith.IndexCastOp):
            integral = dtype_of(op.results[0].type).is_integer and len(op.operands) == 1
            value = self.integers.get(op.operands[0]) if integral else None
        elif isinstance(op, AddOp | SubOp | MulOp) and dtype_of(op.result.type).is_integer:
            a, b = self.integer(op.x), self.integer(op.y)
            if a is not None and b is not None and not shape_of(op.result.type):  # pyright: ignore
                value = a + b if isinstance(op, AddOp) else a - b if isinstance(op, SubOp) else a * b
        if value is not None:
            self.integers[op.results[0]] = value
        elif op.results:  # an earlier look at a loop may have known it
            self.integers.pop(op.results[0], None)
