"""What is known while tracing: computed then where it is small, else when the function runs, or when asked for."""

import numpy as np
import pytest

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.passes.fold_constants import FoldConstantsPass
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.dialects.context import make_context
from stepwell.runtime.engines import ENGINES

SIDE = 1200  # more elements than are computed while tracing


def test_a_large_constant_is_computed_by_the_function():
    text = sw.ir(sw.function(lambda: sw.reduce_sum(sw.zeros([30000, 30000]) + 1)))
    assert "hl.broadcast_to" in text and "30000x30000" in text
    assert "hl.broadcast_to" not in sw.ir(sw.function(lambda: sw.reduce_sum(sw.zeros([30, 30]) + 1)))


@pytest.mark.parametrize("engine", ENGINES)
def test_it_has_the_same_value(engine):
    large = np.full((SIDE, SIDE), 2.0, np.float32)
    f = sw.function(lambda x: sw.reduce_sum(sw.ones([SIDE, SIDE]) * 3) + sw.reduce_sum(large * sw.constant(1.0)) + x)
    assert float(sw.function(f.python_function, engine=engine)(sw.constant(1.0))) == 5 * SIDE * SIDE + 1


def test_its_elements_are_there_when_they_are_asked_for():
    seen, kept = [], []

    @sw.function
    def f(x):
        ones = sw.ones([SIDE, SIDE])
        seen.append(float(np.asarray(ones * 2).sum()))
        if sw.reduce_sum(ones) > 10:
            x = x + 1
        if not kept:
            kept.append(sw.Variable(ones + 1))
            kept.append(ones + 3)
        return x + kept[0][0, 0]

    assert float(f(sw.constant(1.0))) == 4
    assert seen[0] == 2 * SIDE * SIDE
    assert float(kept[1][0, 0]) == 4
    assert float(sw.function(lambda: kept[1][0, 0] + 1)()) == 5


def test_no_pass_stores_a_large_constant():
    module = parse_module(
        """func.func @f(%x: tensor<2000x2000xi32>) -> (tensor<2000x2000xi32>, tensor<?x?xf32>) {
          %0 = arith.constant dense<0> : tensor<i32>
          %1 = hl.mul %x, %0 : (tensor<2000x2000xi32>, tensor<i32>) -> tensor<2000x2000xi32>
          %2 = arith.constant dense<1.0> : tensor<f32>
          %3 = arith.constant dense<30000> : tensor<i32>
          %4 = hl.broadcast_to %2, %3, %3 {shape = [-9223372036854775808, -9223372036854775808]} : (tensor<f32>, tensor<i32>, tensor<i32>) -> tensor<?x?xf32>
          func.return %1, %4 : tensor<2000x2000xi32>, tensor<?x?xf32>
        }""",  # noqa: E501
        "f.mlir",
    )
    PassManager(make_context()).run(module, "simplify-algebra")
    FoldConstantsPass().apply(make_context(), module)
    text = str(module)
    assert text.count("hl.broadcast_to") == 2 and "hl.mul" not in text
