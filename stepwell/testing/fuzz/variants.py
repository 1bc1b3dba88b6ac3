"""Programs that are made of a program to judge it by: one that does not print, and ones that round otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xdsl.dialects import func
from xdsl.dialects.builtin import FunctionType, ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.rewriter import Rewriter

from stepwell.dialects.debug import PrintOp
from stepwell.dialects.emitter import Emitter
from stepwell.dialects.hl import OPS
from stepwell.dialects.types import dtype_of, tensor_type
from stepwell.runtime.outcomes import RTOL
from stepwell.tools.run_text import find_entry

INEXACT = frozenset(
    f"hl.{name}"
    for name in (
        *("exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "tanh", "sigmoid", "sin", "cos", "erf", "pow"),
        *("sum", "mean", "prod", "sum_to", "matmul", "avg_pool", "add_patches", "scatter_add"),
        *("convolution", "convolution_backprop_input", "convolution_backprop_filter"),
    )
)
"""Ops whose floats the engines may round each in a way of its own."""

SUMS = frozenset(f"hl.{name}" for name in ("sum", "mean", "sum_to", "avg_pool", "add_patches", "scatter_add"))
"""Those that add what they are given, in any order."""

PRODUCTS = frozenset(
    f"hl.{name}" for name in ("matmul", "convolution", "convolution_backprop_input", "convolution_backprop_filter")
)
"""Those that add products."""

CHOICES = frozenset(f"hl.{name}" for name in ("maximum", "minimum", "max", "min", "max_pool"))
"""Ops that may give 0 or -0, where they are given both, in ONNX Runtime: the standard says nothing of that.

Nor does it of the zeros that inexact ops come to."""

HEADROOM = 2.0**8
"""By what sums, and what is summed, may be larger in another order: then they overflow."""


def without_prints(module: ModuleOp) -> ModuleOp:
    """A program that gives what its function prints as further results, and prints nothing.

    Prints in branches, loops and called functions are left out.
    """
    found = module.clone()
    entry = find_entry(found, "the module", None)
    assert isinstance(entry, func.FuncOp)
    shown: list[SSAValue] = []
    for op in [op for op in found.walk() if isinstance(op, PrintOp)]:
        shown += op.values if op.parent_block() is entry.body.block else []
        Rewriter.erase_op(op)
    last = entry.body.block.last_op
    assert last is not None
    results = [*last.operands, *shown]
    Emitter.before(last).add(func.ReturnOp(*results))
    Rewriter.erase_op(last)
    entry.function_type = FunctionType.from_lists(entry.function_type.inputs.data, [value.type for value in results])
    return found


def prints(module: ModuleOp) -> bool:
    """Whether anything is printed."""
    return any(isinstance(op, PrintOp) for op in module.walk())


def rounded_otherwise(module: ModuleOp) -> Iterator[ModuleOp]:
    """The program with all inexact floats a little larger, a little smaller, and with sums that overflow sooner."""
    for factor in (1 + RTOL / 2, 1 - RTOL / 2):
        found = module.clone()
        for op in _ops(found, INEXACT):
            _scale_results(op, factor)
        yield found
    found = module.clone()
    for op in _ops(found, SUMS | PRODUCTS):
        for number in range(len(op.operands) if op.name in SUMS else 1):
            if _is_float(op.operands[number]):
                op.operands[number] = _scaled(Emitter.before(op), op.operands[number], HEADROOM)
        _scale_results(op, 1 / HEADROOM)
    yield found


def zeros_otherwise(module: ModuleOp) -> Iterator[ModuleOp]:
    """The program with all zeros that are chosen or inexact positive, and with all of them negative."""
    for negative in (False, True):
        found = module.clone()
        for op in _ops(found, CHOICES | INEXACT):
            _replace_results(op, lambda e, value, negative=negative: _zero_of_sign(e, value, negative))
        yield found


def _zero_of_sign(e: Emitter, value: SSAValue, negative: bool) -> SSAValue:
    """The value, in which 0 and -0 are one of them: sums of both are 0."""
    zero = e.constant(0, tensor_type((), dtype_of(value.type)))
    if not negative:
        return e.value(OPS["hl.add"].build([value, zero], {}))
    opposite = e.value(OPS["hl.neg"].build([value], {}))
    return e.value(OPS["hl.neg"].build([e.value(OPS["hl.add"].build([opposite, zero], {}))], {}))


def _ops(module: ModuleOp, names: frozenset[str]) -> list[Operation]:
    return [op for op in module.walk() if op.name in names]


def _is_float(value: SSAValue) -> bool:
    return dtype_of(value.type).kind == "f"


def _scaled(e: Emitter, value: SSAValue, factor: float) -> SSAValue:
    number = e.constant(factor, tensor_type((), dtype_of(value.type)))
    return e.value(OPS["hl.mul"].build([value, number], {}))


def _scale_results(op: Operation, factor: float) -> None:
    """Multiply the results that are floats."""
    _replace_results(op, lambda e, value: _scaled(e, value, factor))


def _replace_results(op: Operation, change: Callable[[Emitter, SSAValue], SSAValue]) -> None:
    """Use what `change` makes of the results that are floats instead of them."""
    for result in op.results:
        if _is_float(result):
            users = [(use.operation, use.index) for use in result.uses]
            changed = change(Emitter.after(op), result)
            for user, index in users:
                user.operands[index] = changed
