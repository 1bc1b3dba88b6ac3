"""Computations over the same input are done in one pass over it, unless one of them needs what another gives."""

from __future__ import annotations

import numpy as np

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.named import STEPS
from stepwell.dialects.context import make_context
from stepwell.runtime.engines.interpreter import run_module

TEXT = """
func.func @main(%x: tensor<2xi32>, %test: i1) -> tensor<2xi32> {
  %1 = hl.neg %x : (tensor<2xi32>) -> tensor<2xi32>
  %2 = hl.add %x, %1 : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  %3 = hl.mul %1, %x : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  %4, %5 = scf.if %test -> (tensor<2xi32>, tensor<2xi32>) {
    scf.yield %2, %1 : tensor<2xi32>, tensor<2xi32>
  } else {
    scf.yield %3, %x : tensor<2xi32>, tensor<2xi32>
  }
  %6 = hl.sub %4, %5 : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  func.return %6 : tensor<2xi32>
}
"""


def test_no_computation_reads_what_it_is_fused_with():
    module = parse_module(TEXT, "program.mlir")
    PassManager(make_context(), verify_each=True).run(module, STEPS["linalg"])
    x = np.array([3, -5], np.int32)
    np.testing.assert_array_equal(run_module(module, [x, True])[0], [3, -5])
    np.testing.assert_array_equal(run_module(module, [x, False])[0], [-12, -20])
