// RUN: stepwell opt %s -p canonicalize | filecheck %s
// RUN-EXPECT: @transposes([[1, 2, 3], [4, 5, 6]]) == [[1, 2, 3], [4, 5, 6]]
// RUN-EXPECT: @neutral([7], [-0.0]) == ([7], [0.0], [-0.0])
// RUN-EXPECT: @nested([[1, 2], [3, 4]], True) == [[10, 14], [14, 20]]

// Two transposes are one, and one that keeps the order is none.
// CHECK-LABEL: func.func @transposes(
// CHECK-NEXT:    func.return %x : tensor<2x3xf32>
func.func @transposes(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = hl.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = hl.transpose %0 {perm = array<i64: 1, 0>} : (tensor<3x2xf32>) -> tensor<2x3xf32>
  func.return %1 : tensor<2x3xf32>
}

// 0 is neutral for sums of integers. For floats -0 is: 0 would turn -0 into 0, so that the sum with 0 stays.
// CHECK-LABEL: func.func @neutral(
// CHECK-NEXT:    %[[V0:.*]] = arith.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT:    %[[V1:.*]] = hl.add %y, %[[V0]] : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
// CHECK-NEXT:    func.return %x, %[[V1]], %y : tensor<?xi32>, tensor<?xf32>, tensor<?xf32>
func.func @neutral(%x: tensor<?xi32>, %y: tensor<?xf32>) -> (tensor<?xi32>, tensor<?xf32>, tensor<?xf32>) {
  %0 = arith.constant dense<0> : tensor<i32>
  %1 = hl.add %x, %0 : (tensor<?xi32>, tensor<i32>) -> tensor<?xi32>
  %2 = arith.constant dense<0.0> : tensor<f32>
  %3 = hl.add %y, %2 : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %4 = arith.constant dense<-0.0> : tensor<f32>
  %5 = hl.add %y, %4 : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  func.return %1, %3, %5 : tensor<?xi32>, tensor<?xf32>, tensor<?xf32>
}

// A choice that is known is that value; the size of the other one has to be known, too, as it may not fit.
// CHECK-LABEL: func.func @choice(
// CHECK-NEXT:    %[[V0:.*]] = arith.constant dense<true> : tensor<i1>
// CHECK-NEXT:    %[[V1:.*]] = hl.select %[[V0]], %x, %z : (tensor<i1>, tensor<2xf32>, tensor<?xf32>) -> tensor<2xf32>
// CHECK-NEXT:    func.return %x, %[[V1]] : tensor<2xf32>, tensor<2xf32>
func.func @choice(%x: tensor<2xf32>, %y: tensor<2xf32>, %z: tensor<?xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %0 = arith.constant dense<true> : tensor<i1>
  %1 = hl.select %0, %x, %y : (tensor<i1>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %2 = hl.select %0, %x, %z : (tensor<i1>, tensor<2xf32>, tensor<?xf32>) -> tensor<2xf32>
  func.return %1, %2 : tensor<2xf32>, tensor<2xf32>
}

// What is nested is simplified too: a transpose becomes a flag of the product, what is unused is removed.
// CHECK-LABEL: func.func @nested(
// CHECK-NEXT:    %[[S:.*]] = tensor.extract %p[] : tensor<i1>
// CHECK-NEXT:    %[[R:.*]] = scf.if %[[S]] -> (tensor<2x2xf32>) {
// CHECK-NEXT:      %[[V0:.*]] = hl.matmul %x, %x {transpose_a = true, transpose_b = false} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
// CHECK-NEXT:      scf.yield %[[V0]] : tensor<2x2xf32>
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scf.yield %x : tensor<2x2xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %[[R]] : tensor<2x2xf32>
func.func @nested(%x: tensor<2x2xf32>, %p: tensor<i1>) -> tensor<2x2xf32> {
  %s = tensor.extract %p[] : tensor<i1>
  %r = scf.if %s -> (tensor<2x2xf32>) {
    %unused = hl.exp %x : (tensor<2x2xf32>) -> tensor<2x2xf32>
    %0 = hl.transpose %x {perm = array<i64: 1, 0>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
    %1 = hl.matmul %0, %x {transpose_a = false, transpose_b = false} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    scf.yield %1 : tensor<2x2xf32>
  } else {
    scf.yield %x : tensor<2x2xf32>
  }
  func.return %r : tensor<2x2xf32>
}
