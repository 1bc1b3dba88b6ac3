"""Whether two runs differ by rounding alone: by programs made of a program, that round otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from xdsl.dialects import arith
from xdsl.dialects.builtin import AnyFloat, ModuleOp, TensorType
from xdsl.ir import Operation, SSAValue

from stepwell.compiler.lowering.elementary import EXPANSIONS
from stepwell.dialects.emitter import Emitter
from stepwell.dialects.hl import OPS
from stepwell.dialects.types import dtype_of, tensor_type
from stepwell.runtime.outcomes import RTOL, Difference, Outcome, Tolerance, array_difference, difference

INEXACT = frozenset(name for name, op in OPS.items() if not op.EXACT) | {op.name for op in EXPANSIONS}
"""Ops whose floats the engines may round each in a way of its own, and what these become below tensors."""

SUMS = frozenset(name for name, op in OPS.items() if op.ADDS == "terms")
"""Those that add what they are given, in any order."""

PRODUCTS = frozenset(name for name, op in OPS.items() if op.ADDS == "products")
"""Those that add products."""

HEADROOM = 2.0**8
"""By what sums, and what is summed, may be larger in another order: then they overflow."""


def rounded_otherwise(module: ModuleOp) -> Iterator[ModuleOp]:
    """The program with all inexact floats a little larger, a little smaller, and with sums that overflow sooner."""
    for factor in (1 + RTOL / 2, 1 - RTOL / 2):
        found = module.clone()
        for op in ops_of(found, INEXACT):
            _scale_results(op, factor)
        yield found
    found = module.clone()
    for op in ops_of(found, SUMS | PRODUCTS):
        for number in range(len(op.operands) if op.name in SUMS else 1):
            if _is_float(op.operands[number]):
                op.operands[number] = _scaled(Emitter.before(op), op.operands[number], HEADROOM)
        _scale_results(op, 1 / HEADROOM)
    yield found


def adds_up(module: ModuleOp) -> bool:
    """Whether there are floats in it that numpy adds up in an order, or with roundings, of its own choice."""
    return any(_is_float(op.results[0]) for op in ops_of(module, SUMS | PRODUCTS))


def ops_of(module: ModuleOp, names: frozenset[str]) -> list[Operation]:
    """The ops of these names."""
    return [op for op in module.walk() if op.name in names]


def _is_float(value: SSAValue) -> bool:
    return isinstance(getattr(value.type, "element_type", value.type), AnyFloat)


def _scaled(e: Emitter, value: SSAValue, factor: float) -> SSAValue:
    if not isinstance(value.type, TensorType):
        return e.value(arith.MulfOp(value, e.constant(factor, value.type)))
    number = e.constant(factor, tensor_type((), dtype_of(value.type)))
    return e.value(OPS["hl.mul"].build([value, number], {}))


def _scale_results(op: Operation, factor: float) -> None:
    """Multiply the results that are floats."""
    replace_floats(op, lambda e, value: _scaled(e, value, factor))


def replace_floats(op: Operation, change: Callable[[Emitter, SSAValue], SSAValue]) -> None:
    """Use what `change` makes of the results that are floats instead of them."""
    for result in op.results:
        if _is_float(result):
            users = [(use.operation, use.index) for use in result.uses]
            changed = change(Emitter.after(op), result)
            for user, index in users:
                user.operands[index] = changed


def is_rounding(found: Difference, expected: Outcome, others: Iterable[Outcome]) -> bool:
    """Whether the same result differs too in one of the runs that compute a little otherwise, as engines may.

    A program may make much of little: `1e6 * sin(x) % 1` has no digit in common with its neighbours.
    """
    tolerance = Tolerance(RTOL)
    for ran in others:
        differs = difference(ran, expected, tolerance)
        if differs is None or "the run" in (differs.what, found.what):
            same = differs is not None and differs.what == found.what
        elif found.result is not None:
            same = array_difference("", ran.results[found.result], expected.results[found.result], tolerance)
        else:
            assert found.parameter is not None
            same = array_difference("", ran.variables[found.parameter], expected.variables[found.parameter], tolerance)
        if same:
            return True
    return False
