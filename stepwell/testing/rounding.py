"""Whether two runs differ by rounding alone: by runs of the program in which results are rounded otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ml_dtypes
import numpy as np
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import AnyFloat, ModuleOp
from xdsl.ir import Operation, SSAValue

from stepwell.compiler.lowering.elementary import EXPANSIONS
from stepwell.dialects.dtypes import dtype_of
from stepwell.dialects.emitter import Emitter
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import HLOp
from stepwell.dialects.hl.rules.elementwise import ElementwiseOp
from stepwell.dialects.types import tensor_type
from stepwell.runtime.outcomes import RTOL, Difference, Outcome, Tolerance, difference, observe

INEXACT = frozenset(name for name, op in OPS.items() if not op.EXACT) | {op.name for op in EXPANSIONS}
"""Ops whose floats the engines may round each in a way of its own, and what these become below tensors."""

SUMS = frozenset(name for name, op in OPS.items() if op.ADDS == "terms")
"""Those that add what they are given, in any order."""

PRODUCTS = frozenset(name for name, op in OPS.items() if op.ADDS == "products")
"""Those that add products."""

ARITHMETIC = frozenset(name for name, op in OPS.items() if issubclass(op, ElementwiseOp)) | {
    op.name for op in (arith.AddfOp, arith.SubfOp, arith.MulfOp, arith.DivfOp, math.FmaOp)
}
"""Those whose results are rounded, among others: what a pass computes otherwise that is not exact."""

HEADROOM = 2.0**8
"""By what sums, and what is summed, may be larger in another order: then they overflow."""

BY_ELEMENT = Tolerance(1e-300, by_element=True)
"""A few roundings, of each element by itself."""

_RUNS = 8
"""How many runs are rounded otherwise, at most: elements that have few values are the same in some of them."""

_ROUNDINGS = 4
"""How many times the distance of subnormal floats a small result may be off."""

_ILL_CONDITIONED = 16 * RTOL
"""By what part an element moves whose value says nothing: of any number, few digits of `1e6 * sin(x) % 1` are right."""


def rounded_otherwise(module: ModuleOp, inputs: Sequence[np.ndarray], *, arithmetic: bool = False) -> Iterator[Outcome]:
    """Runs in which all inexact floats are a little larger or smaller, and one with sums that overflow sooner.

    Args:
        module: the program.
        inputs: an array for each parameter.
        arithmetic: whether elementwise arithmetic, too, may be rounded otherwise.
    """
    names = INEXACT | SUMS | PRODUCTS | (ARITHMETIC if arithmetic else frozenset())
    for seed in range(_RUNS):
        yield observe(module, inputs, any_failure=True, change=_Roundings(names, np.random.default_rng(seed)))
    yield observe(_with_headroom(module), inputs, any_failure=True)


@dataclass
class _Roundings:
    """Moves each float that an op of some names computes by up to `RTOL` of it; of the sum of its terms, for a sum."""

    names: frozenset[str]
    source: np.random.Generator

    def __call__(self, op: Operation, operands: Sequence[Any], results: Sequence[Any]) -> Sequence[Any]:
        """The results of an op as they are to be."""
        if op.name not in self.names:
            return results
        if isinstance(op, HLOp) and op.ADDS:
            sizes = _sums_of_sizes(op, operands)
            return [self._moved(result, size) for result, size in zip(results, sizes, strict=True)]
        return [_but_zeros_of_zeros(self._moved(result, result), result, operands[0]) for result in results]

    def _moved(self, value: Any, size: Any) -> Any:
        """A value moved by up to a part of a size, and at least by a few subnormal floats."""
        if not isinstance(value, np.ndarray | np.generic) or not dtype_of(value).is_floating:
            return value
        dtype: Any = value.dtype
        limits = ml_dtypes.finfo(dtype)
        by = max(RTOL, _ROUNDINGS * float(limits.eps)) * np.abs(np.asarray(size, np.float64))
        by = by + _ROUNDINGS * float(limits.smallest_subnormal)
        found = np.asarray(value, np.float64) + self.source.uniform(-1, 1, value.shape) * by
        found = np.where(np.isfinite(value), found, value).astype(value.dtype)
        return found if isinstance(value, np.ndarray) else found[()]


def _but_zeros_of_zeros(moved: Any, value: Any, first: Any) -> Any:
    """What was moved, but where the result and the operand are 0: functions are exact there."""
    if moved is value or np.shape(first) != np.shape(value):
        return moved
    found = np.where((value == 0) & (np.asarray(first) == 0), value, moved)
    return found if isinstance(value, np.ndarray) else found[()]


def _sums_of_sizes(op: HLOp, operands: Sequence[Any]) -> Sequence[np.ndarray]:
    """What an op that adds makes of absolute values: how large the terms were together that it added."""
    sizes = [np.abs(x) if dtype_of(np.asarray(x)).is_floating else np.asarray(x) for x in operands]
    return type(op).computed(sizes, op.attrs())


def _with_headroom(module: ModuleOp) -> ModuleOp:
    """The program with sums that overflow sooner."""
    found = module.clone()
    for op in ops_of(found, SUMS | PRODUCTS):
        for index in range(len(op.operands) if op.name in SUMS else 1):
            if _is_float(op.operands[index]):
                op.operands[index] = _scaled(Emitter.before(op), op.operands[index], HEADROOM)
        replace_floats(op, lambda e, value: _scaled(e, value, 1 / HEADROOM))
    return found


def adds_up(module: ModuleOp) -> bool:
    """Whether there are floats in it that numpy adds up in an order, or with roundings, of its own choice."""
    return any(_is_float(op.results[0]) for op in ops_of(module, SUMS | PRODUCTS))


def ops_of(module: ModuleOp, names: frozenset[str]) -> list[Operation]:
    """The ops of these names."""
    return [op for op in module.walk() if op.name in names]


def _is_float(value: SSAValue) -> bool:
    return isinstance(getattr(value.type, "element_type", value.type), AnyFloat)


def _scaled(e: Emitter, value: SSAValue, factor: float) -> SSAValue:
    number = e.constant(factor, tensor_type((), dtype_of(value.type)))
    return e.value(OPS["hl.mul"].build([value, number], {}))


def replace_floats(op: Operation, change: Callable[[Emitter, SSAValue], SSAValue]) -> None:
    """Use what `change` makes of the results that are floats instead of them."""
    for result in op.results:
        if _is_float(result):
            users = [(use.operation, use.index) for use in result.uses]
            changed = change(Emitter.after(op), result)
            for user, index in users:
                user.operands[index] = changed


def beyond_rounding(
    got: Outcome, expected: Outcome, others: Iterable[Outcome], tolerance: Tolerance
) -> Difference | None:
    """How outcomes differ, apart from elements that moved as far in a run that is rounded otherwise, as engines may.

    Args:
        got, expected: the outcomes.
        others: those of the runs that are rounded otherwise; not one is run where nothing differs.
        tolerance: how far elements may be off in any case.
    """
    found = difference(got, expected, tolerance)
    if found is None:
        return None
    for other in others:
        differs = difference(other, expected, tolerance)
        if found.what == "the run":
            if differs is not None and differs.what == "the run":
                return None
        elif differs is not None and differs.what != "the run":
            got = _explained(got, expected, other)
            found = difference(got, expected, tolerance)
            if found is None:
                return None
    return found


def _explained(got: Outcome, expected: Outcome, other: Outcome) -> Outcome:
    """An outcome with the expected elements where another run shows that these may be as far off.

    So are all elements of an array of which half are ill-conditioned: by chance, others are the same in that run.
    """
    results = map(_explained_array, got.results, expected.results, other.results)
    variables = map(_explained_array, got.variables, expected.variables, other.variables)
    return replace(got, results=tuple(results), variables=tuple(variables))


def _explained_array(got: np.ndarray, expected: np.ndarray, other: np.ndarray) -> np.ndarray:
    if other.shape != expected.shape:  # the shape depends on numbers that are rounded
        return got if got.shape == expected.shape else expected
    if got.shape != expected.shape:
        return got
    differs, moved = (~Tolerance().same(array, expected) for array in (got, other))
    far_enough = far_away = np.True_
    if dtype_of(expected).is_floating:
        with np.errstate(all="ignore"):
            wide = expected.astype(np.float64)
            error, far = (np.abs(array.astype(np.float64) - wide) for array in (got, other))
            far_away = ~(far <= _ILL_CONDITIONED * np.abs(wide))
            far_enough = far_away | (far >= error)
    if 2 * np.count_nonzero(differs & moved & far_away) >= np.count_nonzero(differs):
        return expected
    return np.where(moved & far_enough, expected, got)
