builtin.module {
  func.func @serve(%x: tensor<?x2xf32>, %w: !state.variable<tensor<2x2xf32>>) -> tensor<?x2xf32> {
    %0 = state.read %w : !state.variable<tensor<2x2xf32>> -> tensor<2x2xf32> loc("tests/support/saved_golden.py":48:21)
    %1 = hl.matmul %x, %0 {transpose_a = false, transpose_b = false} : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("tests/support/saved_golden.py":48:21)
    func.return %1 : tensor<?x2xf32> loc("tests/support/saved_golden.py":45:0)
  } loc("tests/support/saved_golden.py":45:0)
} loc("tests/support/saved_golden.py":45:0)
