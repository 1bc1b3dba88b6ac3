"""Checks of one `hl` op: its rules against each other, and against numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp

from stepwell.compiler.lowering.convert_hl_to_linalg import ConvertHlToLinalgPass
from stepwell.dialects.context import make_context
from stepwell.dialects.dtypes import dtype_of
from stepwell.dialects.hl.rules.base import HLOp
from stepwell.dialects.hl.rules.facets import Sample
from stepwell.dialects.levels import LEVELS
from stepwell.dialects.types import tensor_type
from stepwell.runtime.engines.interpreter import run_module
from stepwell.runtime.engines.onnx import compile_hl
from stepwell.testing.everywhere import ATOL, RTOL
from stepwell.testing.op_checks import check_inference, op_module
from stepwell.testing.op_report import check_round_trip
from stepwell.testing.sampling import samples

from . import effort


def assert_like(got: np.ndarray, expected: np.ndarray, what: str, rtol: float = 0.0, atol: float = 0.0) -> None:
    """The same dtype, shape and values (NaN equals NaN, 0 equals -0), within tolerances."""
    assert (got.dtype, got.shape) == (expected.dtype, expected.shape), f"{what}: {got!r}, expected {expected!r}"
    got, expected = (x.astype(dtype_of(x).accumulates_in) for x in (got, expected))
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol, err_msg=what)


def check_meaning(op: type[HLOp], sample: Sample, reference: Callable[..., Any], rtol: float = 0.0) -> None:
    """`evaluate` is what `reference` says, called with the operands and the attributes by name."""
    types = [tensor_type(x.shape, x.dtype) for x in sample.operands]
    wide = op.wide_types(types) is not None
    results = op.computed(sample.operands, sample.attrs)
    assert all(isinstance(result, np.ndarray) for result in results), f"{op.name}: a result is no array"
    with np.errstate(all="ignore"):
        given = [x.astype(op.computes_in(dtype_of(x)), copy=False) for x in sample.operands]
        expected = [np.asarray(want) for want in _tuple(reference(*given, **sample.attrs))]
        for got, want in zip(results, expected, strict=True):
            want = want.astype(got.dtype) if wide and not dtype_of(got).is_bool else want
            assert_like(got, want, op.name, rtol=max(rtol, RTOL[got.dtype.name]) if wide and rtol else rtol)


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
    check_round_trip(op, sample)
    lowered_to_linalg(op, sample, dynamic)
    check_onnx(op, sample, dynamic)


def check_samples(
    op: type[HLOp], reference: Callable[..., Any], *, examples: int, rtol: float = 0.0, lowering: bool = False
) -> None:
    """`check_rules` on drawn samples, of static and of dynamic sizes; with `lowering`, its results too."""

    @settings(
        max_examples=effort.examples(examples),
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
    for got, want in zip(results, op.computed(sample.operands, sample.attrs), strict=True):
        tolerances = RTOL.get(want.dtype.name, 0.0), ATOL.get(want.dtype.name, 0.0)
        assert_like(got, want, f"{op.name}, {where}", *tolerances)


def _tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
