// A dense layer on any number of rows, as a trace leaves it, through every named pipeline and down to loops.

// RUN: stepwell opt %s -p O0 | golden layer.O0.golden
// RUN: stepwell opt %s -p O1 | golden layer.O1.golden
// RUN: stepwell opt %s -p O2 | golden layer.O2.golden
// RUN: stepwell opt %s -p export-onnx | golden layer.export-onnx.golden
// RUN: stepwell opt %s -p O2 --to linalg | golden layer.linalg.golden
// RUN: stepwell opt %s -p "O2,convert-hl-to-linalg,detensorize,O1,fuse-elementwise,dce,bufferize" \
// RUN:   | golden layer.buffers.golden
// RUN-EXPECT: @layer([[1, 2], [0, -1]], [[1, 0, 2], [0, 1, -1]], [0, 1, 2]) == [[1, 3, 2], [0, 0, 3]]

func.func private @relu(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %0 = hl.maximum %x, %zero : (tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  func.return %0 : tensor<?x3xf32>
}

func.func @layer(%x: tensor<?x2xf32>, %w: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<?x3xf32> {
  %two = arith.constant dense<2> : tensor<i32>
  %four = hl.add %two, %two : (tensor<i32>, tensor<i32>) -> tensor<i32>
  %0 = hl.transpose %w {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = hl.matmul %x, %0 {transpose_a = false, transpose_b = true} : (tensor<?x2xf32>, tensor<3x2xf32>) -> tensor<?x3xf32>
  %2 = hl.add %1, %b : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  %3 = func.call @relu(%2) : (tensor<?x3xf32>) -> tensor<?x3xf32>
  func.return %3 : tensor<?x3xf32>
}
