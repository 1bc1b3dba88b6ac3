"""`fuse-elementwise` on long programs: the work grows with their length, and nothing grows beyond bounds."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from xdsl.dialects.linalg.ops import GenericOp

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.passes.fusion import rules
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.named import STEPS
from stepwell.dialects.context import make_context

UNFUSED = STEPS["linalg"].removesuffix(",fuse-elementwise,dce")


def _used_twice(x, length):
    """Each value is read by the next, and by a reduction over it."""
    for _ in range(length):
        x = x - sw.reduce_mean(x * sw.transpose(x), axis=1, keepdims=True)
    return x


def _of_many_inputs(x, length):
    """A sum of many different tensors."""
    found = [sw.reduce_max(x * float(number), axis=0) for number in range(length)]
    return sw.add_n(found)


def _of_constants(x, length):
    """A sum of fills and of what is computed."""
    for number in range(length):
        x = sw.where(x > float(number), sw.zeros([8, 8]) + x, sw.fill([8, 8], float(number)))
    return x


def _fused(program, length):
    """The module after fusion, and how many functions the pass called."""
    compiled = sw.function(lambda x: program(x, length), autograph=False)
    x = sw.constant(np.ones((8, 8), np.float32))
    module = parse_module(sw.ir(compiled, x, level="hl"), "text")
    manager = PassManager(make_context())
    manager.run(module, UNFUSED)
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        manager.run(module, "fuse-elementwise")
    finally:
        sys.setprofile(before)
    return module, calls


@pytest.mark.parametrize("program", [_used_twice, _of_many_inputs, _of_constants])
def test_the_work_grows_with_the_length_of_the_program(program):
    """Twice the length is about twice the work, not four times."""
    _, short = _fused(program, 40)
    module, long = _fused(program, 80)
    assert long < 2.8 * short
    assert all(len(op.inputs) <= rules.MAX_INPUTS for op in module.walk() if isinstance(op, GenericOp))
    sizes = [sum(1 for _ in op.body.walk()) for op in module.walk() if isinstance(op, GenericOp)]
    assert max(sizes) <= rules.MAX_BODY + 1
