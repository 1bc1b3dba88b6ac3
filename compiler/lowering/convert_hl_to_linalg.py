"""`convert-hl-to-linalg`: each tensor operation by its own rule; Variables become memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import arith, bufferization, func, tensor
from xdsl.dialects.builtin import (
    DenseArrayBase,
    DictionaryAttr,
    FunctionType,
    IndexType,
    MemRefType,
    ModuleOp,
    UnitAttr,
    i64,
)
from xdsl.ir import Operation, SSAValue

from ...dialects import state
from ...dialects.dtypes import INT64
from ...dialects.emitter import Emitter
from ...dialects.hl.arithmetic import AddOp, SubOp
from ...dialects.hl.rules.base import Because, HLOp, InferenceError
from ...dialects.hl.rules.linalg_builder import dim, dims, empty, type_of
from ...dialects.hl.rules.movement_lowering import cast_to, check_equal, check_same_size
from ...dialects.hl.rules.sizes.refinement import forget_sizes, refined
from ...dialects.host import PYTHON_CALL, PYTHON_RESULTS, CallOp, PythonOp
from ...dialects.signs import signless
from ...dialects.types import DYNAMIC, shape_of, tensor_type
from ...dialects.walk import ops_in
from ..pipeline.base import Pass
from .signless import compute_in_float32, take_signs_away


@dataclass(frozen=True)
class ConvertHlToLinalgPass(Pass):
    """Lower every `hl` op to structured ops with index maps, and every Variable parameter to a `memref`.

    Before:

        func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {
          %0 = hl.exp %x : (tensor<2xf32>) -> tensor<2xf32>
          func.return %0 : tensor<2xf32>
        }

    After:

        func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {
          %0 = arith.constant 2 : index
          %1 = tensor.empty() : tensor<2xf32>
          %2 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<2xf32>) outs(%1 : tensor<2xf32>) {
          ^bb0(%3: f32, %4: f32):
            %5 = math.exp %3 : f32
            linalg.yield %5 : f32
          } -> tensor<2xf32>
          func.return %2 : tensor<2xf32>
        }

    At this level producers and consumers can be fused, since every op states which elements it reads. An op without a
    lowering becomes a `host.call` of its NumPy implementation.
    """  # noqa: E501

    name = "convert-hl-to-linalg"
    requires: ClassVar[str | None] = "hl"
    ensures: ClassVar[str | None] = "linalg"
    reorders_sums: ClassVar[bool] = True  # numpy's own order, the meaning of `hl`, depends on sizes and the CPU

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Convert every op."""
        for nested in ops_in(op):
            if isinstance(nested, HLOp):
                _replace(nested, _lower(nested))
            elif isinstance(nested, PythonOp):
                _replace(nested, _python_call(nested))
            elif nested.name.startswith("state."):
                _lower_state(nested)
            elif isinstance(nested, tensor.CastOp):
                _check_cast(nested)
        compute_in_float32(op)
        take_signs_away(op)
        for function in op.ops:
            if isinstance(function, func.FuncOp):
                _convert_signature(function)


def _replace(op: Operation, values: Sequence[SSAValue]) -> None:
    for result, value in zip(op.results, values, strict=True):
        if value.name_hint is None:
            value.name_hint = result.name_hint
        result.replace_all_uses_with(value)
    op.detach()
    op.erase()


def _lower(op: HLOp) -> Sequence[SSAValue]:
    """What replaces the results; they are lowered with all that the operands tell of their sizes."""
    given = [type_of(result) for result in op.results]
    try:
        known = op.infer([type_of(operand) for operand in op.operands], op.attrs())
    except InferenceError:
        forget_sizes(op)
        known = given
    for result, old, new in zip(op.results, given, known, strict=True):
        result._type = refined(old, new)  # pyright: ignore[reportAttributeAccessIssue]
    values, e = _lower_refined(op), Emitter.before(op)
    return [cast_to(e, value, old) for value, old in zip(values, given, strict=True)]


def _lower_refined(op: HLOp) -> Sequence[SSAValue]:
    e = Emitter.before(op)
    if isinstance(type(op).lower, Because):
        return _host_call(e, op)
    return type(op).lowering(e, op)


def _host_call(e: Emitter, op: HLOp) -> Sequence[SSAValue]:
    """A call to the op's numpy meaning, which writes into tensors of the sizes that the op says."""
    sizes = type(op).host_sizes(e, op) or [dims(e, op.operands[0])] * len(op.results)
    outs = [empty(e, type_of(result), own) for result, own in zip(op.results, sizes, strict=True)]
    call = CallOp(op.name, op.operands, outs, op.result_types, DictionaryAttr(op.properties))
    return e.add(call).res


def _python_call(op: PythonOp) -> Sequence[SSAValue]:
    """A call that runs the function and says the sizes of its results, then one that has these."""
    e = Emitter.before(op)
    types = [type_of(result) for result in op.res]
    ranks = [type_.get_num_dims() for type_ in types]
    told = tensor_type((1 + sum(ranks),), INT64)
    attrs = {"callee": op.callee, "ranks": DenseArrayBase.from_list(i64, ranks)}
    call = CallOp(PYTHON_CALL, list(op.ins), [empty(e, told, [e.index(1 + sum(ranks))])], [told], DictionaryAttr(attrs))
    (sizes,) = e.add(call).res
    outs, place = [], 1
    for type_, rank in zip(types, ranks, strict=True):
        elements = [e.value(tensor.ExtractOp(sizes, [e.index(place + axis)], i64)) for axis in range(rank)]
        outs.append(empty(e, type_, [e.value(arith.IndexCastOp(element, IndexType())) for element in elements]))
        place += rank
    if not types:
        return []
    return e.add(CallOp(PYTHON_RESULTS, [sizes], outs, types, DictionaryAttr({"callee": op.callee}))).res


def _check_cast(op: tensor.CastOp) -> None:
    """A cast that says more of the sizes than was known is a promise of the program: below, nothing looks at it."""
    e = Emitter.before(op)
    for axis, (known, promised) in enumerate(
        zip(shape_of(type_of(op.source)), shape_of(type_of(op.dest)), strict=True)
    ):
        if known == DYNAMIC and promised != DYNAMIC:
            message = f"expected a size of {{1}} in dimension {axis}, got {{0}}"
            check_equal(e, dim(e, op.source, axis), e.index(promised), message)


def _lower_state(op: Operation) -> None:
    """Reads and writes of the memory that the parameter is about to become."""
    e = Emitter.before(op)
    variable = op.operands[0]
    assert isinstance(variable.type, state.VariableType)
    if isinstance(op, state.ReadOp):
        _replace(op, [_read(e, variable)])
        return
    value = op.operands[1]
    _check_sizes(e, variable, value)
    if isinstance(op, state.AssignAddOp | state.AssignSubOp):
        combine = AddOp if isinstance(op, state.AssignAddOp) else SubOp
        update = e.add(combine.build([_read(e, variable), value]))
        (value,) = _lower(update)
        update.detach()
        update.erase()
    e.add(
        bufferization.MaterializeInDestinationOp(
            operands=[value, variable], result_types=[[]], properties={"writable": UnitAttr()}
        )
    )
    _replace(op, [])


def _check_sizes(e: Emitter, variable: SSAValue, value: SSAValue) -> None:
    """A Variable keeps its sizes, those too that are known only when the program runs."""
    assert isinstance(variable.type, state.VariableType)
    sizes = shape_of(variable.type.value_type)
    if DYNAMIC not in sizes:
        return
    held = _read(e, variable)
    for axis, size in enumerate(sizes):
        if size == DYNAMIC:
            check_same_size(e, value, axis, held, axis, state.SIZE_MESSAGE.format(axis))


def _read(e: Emitter, variable: SSAValue) -> SSAValue:
    assert isinstance(variable.type, state.VariableType)
    return e.value(
        bufferization.ToTensorOp.create(
            operands=[variable], result_types=[variable.type.value_type], properties={"restrict": UnitAttr()}
        )
    )


def _convert_signature(function: func.FuncOp) -> None:
    if not function.body.blocks:
        return
    block = function.body.block
    for argument in block.args:
        if isinstance(argument.type, state.VariableType):
            value_type = argument.type.value_type
            argument._type = MemRefType(signless(value_type.element_type), value_type.get_shape())  # pyright: ignore
    outputs = function.function_type.outputs.data
    function.function_type = FunctionType.from_lists([argument.type for argument in block.args], outputs)
