// RUN: stepwell opt %s -p "insert-nan-checks{inf=false}" | filecheck %s
// RUN-EXPECT: @logarithm(1.0) == 0.0
// RUN-EXPECT: @moves([[1, 2, 3], [4, nan, 6]], [1, 2]) == ([[1, 4], [2, nan], [3, 6]], [2, 4])

// Whether the operand is to blame is looked at only where the result is NaN.
// CHECK-LABEL: func.func @logarithm(
// CHECK-NEXT:    %[[V0:.*]] = hl.log %x : (tensor<f32>) -> tensor<f32>
// CHECK-NEXT:    %[[V1:.*]] = hl.isnan %[[V0]] : (tensor<f32>) -> tensor<i1>
// CHECK-NEXT:    %[[V2:.*]] = tensor.extract %[[V1]][] : tensor<i1>
// CHECK-NEXT:    scf.if %[[V2]] {
// CHECK-NEXT:      %[[V3:.*]] = hl.isnan %x : (tensor<f32>) -> tensor<i1>
// CHECK-NEXT:      %[[V4:.*]] = tensor.extract %[[V3]][] : tensor<i1>
// CHECK-NEXT:      %[[V5:.*]] = tensor.extract %x[] : tensor<f32>
// CHECK-NEXT:      %[[V6:.*]] = tensor.extract %x[] : tensor<f32>
// CHECK-NEXT:      debug.assert %[[V4]], "log: made NaN of operands without: operand 0 from {0} to {1}"(%[[V5]], %[[V6]]) : i1, (f32, f32)
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %[[V0]] : tensor<f32>
func.func @logarithm(%x: tensor<f32>) -> tensor<f32> {
  %0 = hl.log %x : (tensor<f32>) -> tensor<f32>
  func.return %0 : tensor<f32>
}

// What moves elements, and integers, needs no check.
// CHECK-LABEL: func.func @moves(
// CHECK-NEXT:    %[[V0:.*]] = hl.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
// CHECK-NEXT:    %[[V1:.*]] = hl.add %n, %n : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
// CHECK-NEXT:    func.return %[[V0]], %[[V1]] : tensor<3x2xf32>, tensor<2xi32>
func.func @moves(%x: tensor<2x3xf32>, %n: tensor<2xi32>) -> (tensor<3x2xf32>, tensor<2xi32>) {
  %0 = hl.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = hl.add %n, %n : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  func.return %0, %1 : tensor<3x2xf32>, tensor<2xi32>
}
