builtin.module {
  func.func @__call__(%x: tensor<1x2xf32>, %w: !state.variable<tensor<2x2xf32>>) -> tensor<1x2xf32> {
    %0 = state.read %w : !state.variable<tensor<2x2xf32>> -> tensor<2x2xf32> loc("tests/support/saved_golden.py":42:12)
    %1 = hl.matmul %x, %0 {transpose_a = false, transpose_b = false} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32> loc("tests/support/saved_golden.py":42:12)
    %2 = arith.constant dense<3.000000e+00> : tensor<f32> loc("tests/support/saved_golden.py":43:50)
    %3 = hl.mul %1, %2 : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32> loc("tests/support/saved_golden.py":43:50)
    func.return %3 : tensor<1x2xf32> loc("tests/support/saved_golden.py":39:0)
  } loc("tests/support/saved_golden.py":39:0)
} loc("tests/support/saved_golden.py":39:0)
