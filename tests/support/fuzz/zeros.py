"""Whether two runs differ by the signs of zeros alone, of which ONNX says nothing: by programs made of a program."""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue

from stepwell.dialects.dtypes import dtype_of
from stepwell.dialects.emitter import Emitter
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.types import tensor_type
from stepwell.testing.rounding import INEXACT, ops_of, replace_floats

CHOICES = frozenset(name for name, op in OPS.items() if op.CHOOSES)
"""Ops that may give 0 or -0, where they are given both, in ONNX Runtime: the standard says nothing of that.

Nor does it of the zeros that inexact ops come to. `Where` adds what is chosen to zeros there: -0 becomes 0."""


def zeros_otherwise(module: ModuleOp) -> Iterator[ModuleOp]:
    """The program with all zeros that are chosen or inexact positive, and with all of them negative."""
    for negative in (False, True):
        found = module.clone()
        for op in ops_of(found, CHOICES | INEXACT):
            replace_floats(op, lambda e, value, negative=negative: _zero_of_sign(e, value, negative))
        yield found


def _zero_of_sign(e: Emitter, value: SSAValue, negative: bool) -> SSAValue:
    """The value, in which 0 and -0 are one of them: sums of both are 0."""
    zero = e.constant(0, tensor_type((), dtype_of(value.type)))
    if not negative:
        return e.value(OPS["hl.add"].build([value, zero], {}))
    opposite = e.value(OPS["hl.neg"].build([value], {}))
    return e.value(OPS["hl.neg"].build([e.value(OPS["hl.add"].build([opposite, zero], {}))], {}))
