builtin.module {
  func.func @__call__(%x: tensor<1x2xf32>, %w: !state.variable<tensor<2x2xf32>>) -> tensor<1x2xf32> {
    %0 = state.read %w : !state.variable<tensor<2x2xf32>> -> tensor<2x2xf32> loc("tests/support/saved_golden.py":42:12)
    %1 = hl.matmul %x, %0 {transpose_a = false, transpose_b = false} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32> loc("tests/support/saved_golden.py":42:12)
    func.return %1 : tensor<1x2xf32> loc("tests/support/saved_golden.py":39:0)
  } loc("tests/support/saved_golden.py":39:0)
} loc("tests/support/saved_golden.py":39:0)
