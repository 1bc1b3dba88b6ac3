"""The largest error of an expansion over all float32 numbers, or every so many of them.

PYTHONPATH=tests python -m support.all_floats tan atan      # all: some minutes each
PYTHONPATH=tests python -m support.all_floats --every 64    # all functions, quicker
"""

from __future__ import annotations

import argparse

import numpy as np
from xdsl.dialects import math
from xdsl.ir import Operation

from stepwell.compiler.lowering.elementary import EXPANSIONS
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.pipelines import steps_between
from stepwell.dialects.context import make_context
from stepwell.runtime.engines.native.executable import compile_module

from .math_functions import REFERENCES, loop_over, operand_count, ulp_errors

BATCH = 2**22
"""So many numbers are computed at a time; a multiple of the lanes."""

UNARY = [op for op in EXPANSIONS if operand_count(op) == 1 and op is not math.ErfOp]
"""The functions that NumPy has in float64, which is precise enough to judge float32 by."""


def worst(op: type[Operation], every: int = 1) -> tuple[float, float]:
    """The largest error of `op` in units in the last place, and the number where it is."""
    module = loop_over(op, "f32", vectors=True)
    manager = PassManager(make_context())
    manager.run(module, "expand-math")
    manager.run(module, steps_between("loops", "llvm"))
    code = compile_module(module)
    found = (0.0, 0.0)
    for start in range(0, 2**32, BATCH * every):
        bits = np.arange(start, start + BATCH * every, every, dtype=np.uint64)
        x = np.minimum(bits, 2**32 - 1).astype(np.uint32).view(np.float32)
        got = np.empty_like(x)
        code.run(x, got)
        with np.errstate(all="ignore"):
            exact = REFERENCES[op](x.astype(np.float64))
            wrong = np.flatnonzero((got != exact.astype(np.float32)) & ~(np.isnan(got) & np.isnan(exact)))
        if wrong.size:
            errors = ulp_errors(got[wrong], exact[wrong].astype(np.longdouble))
            at = int(np.argmax(errors))
            found = max(found, (float(errors[at]), float(x[wrong[at]])))
    return found


def main() -> None:
    """Print the errors of the functions that are named, or of all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("functions", nargs="*")
    parser.add_argument("--every", type=int, default=1)
    arguments = parser.parse_args()
    for op in UNARY:
        name = op.name.removeprefix("math.")
        if not arguments.functions or name in arguments.functions:
            error, at = worst(op, arguments.every)
            print(f"{name:<8} {error:.3f} ULP at {at!r}, stated {EXPANSIONS[op].errors[0]}", flush=True)


if __name__ == "__main__":
    main()
