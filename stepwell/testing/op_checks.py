"""Checks of one `hl` op: its rules against each other, and against numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import FileLineColLoc, IntAttr, ModuleOp, StringAttr, TensorType
from xdsl.ir import Attribute
from xdsl.parser import Parser
from xdsl.rewriter import Rewriter

from stepwell.compiler.frontend.tracing.tracer import Tracer, tracing
from stepwell.compiler.lowering.convert_hl_to_linalg import ConvertHlToLinalgPass
from stepwell.dialects.context import make_context
from stepwell.dialects.hl.rules.base import HLOp, compatible
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.hl.rules.linalg_builder import type_of
from stepwell.dialects.levels import LEVELS
from stepwell.dialects.types import DYNAMIC, dtype_of, tensor_type
from stepwell.runtime.engines.interpreter import run_module
from stepwell.runtime.engines.onnx import compile_hl

from .sampling import samples

RTOL = {"float32": 1e-4, "float64": 1e-9}
ATOL = {"float32": 1e-6, "float64": 1e-12}


def assert_like(got: np.ndarray, expected: np.ndarray, what: str, rtol: float = 0.0, atol: float = 0.0) -> None:
    """The same dtype, shape and values (NaN equals NaN, 0 equals -0), within tolerances."""
    assert (got.dtype, got.shape) == (expected.dtype, expected.shape), f"{what}: {got!r}, expected {expected!r}"
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol, err_msg=what)


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


def check_meaning(op: type[HLOp], sample: Sample, reference: Callable[..., Any], rtol: float = 0.0) -> None:
    """`evaluate` is what `reference` says, called with the operands and the attributes by name."""
    with np.errstate(all="ignore"):
        expected = reference(*sample.operands, **sample.attrs)
    results = op.evaluate(sample.operands, sample.attrs)
    assert all(isinstance(result, np.ndarray) for result in results), f"{op.name}: a result is no array"
    for got, want in zip(results, _tuple(expected), strict=True):
        assert_like(got, np.asarray(want), op.name, rtol=rtol)


def check_inference(op: type[HLOp], sample: Sample) -> None:
    """`infer` agrees with `evaluate`: exactly for static sizes, compatibly for dynamic ones."""
    results = op.evaluate(sample.operands, sample.attrs)
    given = [tensor_type(array.shape, array.dtype) for array in results]
    static = op.infer([tensor_type(array.shape, array.dtype) for array in sample.operands], sample.attrs)
    assert list(static) == given or all(map(compatible, static, given))
    assert all(map(compatible, op.infer(operand_types(sample, dynamic=True), sample.attrs), given))


def check_text(op: type[HLOp], sample: Sample) -> None:
    """What is printed, parsed and printed again is the same, and verifies."""
    module = op_module(op, sample)
    module.verify()
    again = Parser(make_context(), str(module)).parse_module()
    again.verify()
    assert str(again) == str(module)


def lowered_to_linalg(op: type[HLOp], sample: Sample, dynamic: bool) -> ModuleOp:
    """The op by its lowering rule; verified, legal at its level, every op with a location."""
    module = op_module(op, sample, dynamic)
    ConvertHlToLinalgPass().apply(make_context(), module)
    module.verify()
    assert not list(LEVELS["linalg"].illegal_ops(module))
    assert all(inner.location.name != "unknown_loc" for inner in module.walk())
    return module


def check_lowering(op: type[HLOp], sample: Sample, dynamic: bool) -> None:
    """The interpreter computes the same values for the lowered op."""
    module = lowered_to_linalg(op, sample, dynamic)
    _same(op, sample, run_module(module, list(sample.operands)), "linalg")


def check_onnx(op: type[HLOp], sample: Sample, dynamic: bool) -> None:
    """ONNX Runtime computes the same values for the op's nodes."""
    _same(op, sample, compile_hl(op_module(op, sample, dynamic)).run(*sample.operands), "onnx")


def check_rules(
    op: type[HLOp], sample: Sample, dynamic: bool, reference: Callable[..., Any], rtol: float = 0.0
) -> None:
    """Meaning, inference, text, lowering (that it is one) and ONNX."""
    check_meaning(op, sample, reference, rtol)
    check_inference(op, sample)
    check_text(op, sample)
    lowered_to_linalg(op, sample, dynamic)
    check_onnx(op, sample, dynamic)


def check_samples(
    op: type[HLOp], reference: Callable[..., Any], *, examples: int, rtol: float = 0.0, lowering: bool = False
) -> None:
    """`check_rules` on drawn samples, of static and of dynamic sizes; with `lowering`, its results too."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
    )
    @given(sample=samples(op), dynamic=st.booleans())
    def check(sample: Sample, dynamic: bool) -> None:
        check_rules(op, sample, dynamic, reference, rtol)
        if lowering:
            check_lowering(op, sample, dynamic)

    check()


def _same(op: type[HLOp], sample: Sample, results: Sequence[np.ndarray], where: str) -> None:
    for got, want in zip(results, op.evaluate(sample.operands, sample.attrs), strict=True):
        tolerances = RTOL.get(want.dtype.name, 0.0), ATOL.get(want.dtype.name, 0.0)
        assert_like(got, want, f"{op.name}, {where}", *tolerances)


def _tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
