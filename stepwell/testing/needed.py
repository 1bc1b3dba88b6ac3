"""The outcome expected of a run, where another run need not fail at a tensor operation whose results are unused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.transforms.dead_code_elimination import dce

from stepwell.compiler.passes.inline import InlinePass
from stepwell.dialects.context import make_context
from stepwell.dialects.hl.registry import OPS
from stepwell.runtime.outcomes import Outcome, observe


def expected_beside(
    got: Outcome, expected: Outcome, module: ModuleOp, inputs: Sequence[np.ndarray], max_ops: int | None = None
) -> Outcome:
    """What `got` is compared with: the outcome of the program, without its dead operations where one of them fails.

    A compiler may remove a tensor operation whose results are unused, and with it that it fails.

    Args:
        got: the outcome of the compiled program.
        expected: the outcome of the original program.
        module: the program as it is.
        inputs: what both were run on.
        max_ops: for one more run of the program.
    """
    if got.failure is not None or expected.failed_op not in OPS:
        return expected
    found = module.clone()
    InlinePass().apply(make_context(), found)
    dce(found)
    return observe(found, inputs, max_ops=max_ops, any_failure=True)
