"""What is read by windows, of which a consumer reads one place only, does not say how far loops run."""

from __future__ import annotations

import numpy as np
import pytest

from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.testing.engines import AT_LEVELS, WAYS

TEXT = """
func.func @main(%x: tensor<1xSIZEx1xf32>, %fill: tensor<f32>) -> tensor<1x1x3x1xi1> {
  %0 = hl.extract_patches %x, %fill WINDOW : (tensor<1xSIZEx1xf32>, tensor<f32>) -> tensor<1x1x3x1xf32>
  %1 = hl.greater_equal %0, %0 : (tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>) -> tensor<1x1x3x1xi1>
  func.return %1 : tensor<1x1x3x1xi1>
}
"""
WINDOW = '{window = array<i64: 3>, strides = array<i64: 2>, padding = "VALID", dilations = array<i64: 1>}'


@pytest.mark.parametrize("size", ["3", "4"])
@pytest.mark.parametrize("way", [*AT_LEVELS, "native"])
def test_a_loop_runs_as_far_as_the_window(way, size):
    x = np.array([1, np.nan, 3, 4][: int(size)], np.float32).reshape(1, -1, 1)
    module = parse_module(TEXT.replace("SIZE", size).replace("WINDOW", WINDOW), "program.mlir")
    (result,) = WAYS[way](module, [x, np.float32(0)])
    assert result.reshape(-1).tolist() == [True, False, True]
