"""Modules of single ops, and whether what an op infers is what it computes."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import FileLineColLoc, IntAttr, ModuleOp, StringAttr, TensorType
from xdsl.ir import Attribute
from xdsl.rewriter import Rewriter

from stepwell.compiler.frontend.tracing.tracer import Tracer, tracing
from stepwell.dialects.dtypes import dtype_of
from stepwell.dialects.hl.rules.base import HLOp, compatible
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.hl.rules.linalg_builder import type_of
from stepwell.dialects.types import DYNAMIC, tensor_type


def op_module(op: type[HLOp], sample: Sample, dynamic: bool = False, vague: bool = False) -> ModuleOp:
    """A function that applies `op` to its parameters.

    Args:
        dynamic: whether every size of them but 1 is `?`.
        vague: whether every size of the results is `?`, as where passes have found out more of the operands only.
    """
    return ops_module([(op, sample, dynamic)], vague)


def ops_module(cases: Sequence[tuple[type[HLOp], Sample, bool]], vague: bool = False) -> ModuleOp:
    """A function that applies ops to its parameters, each op to some of its own, and returns all results in order.

    Args:
        cases: for each op its sample, and whether every size of its operands but 1 is `?`.
        vague: whether every size of the results is `?`.
    """
    tracer, results = Tracer("main"), []
    tracer.location = FileLineColLoc(StringAttr("op.py"), IntAttr(1), IntAttr(0))
    with tracing(tracer), tracer.at(tracer.location):
        for op, sample, dynamic in cases:
            types = operand_types(sample, dynamic)
            made = tracer.emit(op, [tracer.argument(type_, "x") for type_ in types], sample.attrs)
            for result in list(made.results) if vague else ():
                unknown = tensor_type([DYNAMIC] * type_of(result).get_num_dims(), dtype_of(result.type))
                Rewriter.replace_value_with_new_type(result, unknown)
            results += made.results
        return tracer.finish(results)


def operand_types(sample: Sample, dynamic: bool) -> list[TensorType[Attribute]]:
    """The types of a sample's operands; with `dynamic` every size but 1 is `?`."""
    return [
        tensor_type([None if dynamic and size != 1 else size for size in array.shape], array.dtype)
        for array in sample.operands
    ]


def check_inference(op: type[HLOp], sample: Sample) -> None:
    """`infer` agrees with `evaluate`: exactly for static sizes, compatibly for dynamic ones."""
    results = op.computed(sample.operands, sample.attrs)
    given = [tensor_type(array.shape, array.dtype) for array in results]
    static = op.infer([tensor_type(array.shape, array.dtype) for array in sample.operands], sample.attrs)
    assert list(static) == given or all(map(compatible, static, given))
    assert all(map(compatible, op.infer(operand_types(sample, dynamic=True), sample.attrs), given))
