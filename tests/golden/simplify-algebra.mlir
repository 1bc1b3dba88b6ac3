// RUN: stepwell opt %s -p simplify-algebra | filecheck %s
// RUN: stepwell opt %s --why-not simplify-algebra 2>&1 | filecheck %s --check-prefix=REMARK
// RUN-EXPECT: @gradients([1, 2], [3, -2]) == [-0.5, 1.0]
// RUN-EXPECT: @remainder(-3) == 5
// RUN-EXPECT: @floats_stay([inf, -1, 6]) == ([nan, 0, 0], [nan, -0.0, 0], [inf, -0.33333334, 2])
// RUN-EXPECT: @integers_go([1, 2, 3]) == ([0, 0, 0], [0, 0, 0])

// A sum with a negative is a difference; a quotient by a power of two is a product.
// CHECK-LABEL: func.func @gradients(
// CHECK-NEXT:    %[[V0:.*]] = hl.neg %y : (tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:    %[[V1:.*]] = hl.sub %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:    %[[C:.*]] = arith.constant dense<4.000000e+00> : tensor<f32>
// CHECK-NEXT:    %[[V2:.*]] = arith.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT:    %[[V3:.*]] = hl.mul %[[V1]], %[[V2]] : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
// CHECK-NEXT:    func.return %[[V3]] : tensor<?xf32>
func.func @gradients(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %0 = hl.neg %y : (tensor<?xf32>) -> tensor<?xf32>
  %1 = hl.add %x, %0 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %c = arith.constant dense<4.0> : tensor<f32>
  %2 = hl.div %1, %c : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  func.return %2 : tensor<?xf32>
}

// A remainder by a power of two is a mask.
// CHECK-LABEL: func.func @remainder(
// CHECK-NEXT:    %[[C:.*]] = arith.constant dense<8> : tensor<i32>
// CHECK-NEXT:    %[[V0:.*]] = arith.constant dense<7> : tensor<i32>
// CHECK-NEXT:    %[[V1:.*]] = hl.bitwise_and %n, %[[V0]] : (tensor<i32>, tensor<i32>) -> tensor<i32>
// CHECK-NEXT:    func.return %[[V1]] : tensor<i32>
func.func @remainder(%n: tensor<i32>) -> tensor<i32> {
  %c = arith.constant dense<8> : tensor<i32>
  %0 = hl.mod %n, %c : (tensor<i32>, tensor<i32>) -> tensor<i32>
  func.return %0 : tensor<i32>
}

// None of these is exact for every float.
// CHECK-LABEL: func.func @floats_stay(
// CHECK-NEXT:    %[[V0:.*]] = hl.sub %x, %x : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
// CHECK-NEXT:    %[[C:.*]] = arith.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT:    %[[V1:.*]] = hl.mul %x, %[[C]] : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
// CHECK-NEXT:    %[[D:.*]] = arith.constant dense<3.000000e+00> : tensor<f32>
// CHECK-NEXT:    %[[V2:.*]] = hl.div %x, %[[D]] : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
// CHECK-NEXT:    func.return %[[V0]], %[[V1]], %[[V2]] : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
func.func @floats_stay(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  // REMARK: simplify-algebra.mlir:[[# @LINE + 1]]:3: remark: {{.*}} leaves 'hl.sub': for NaN and infinities the difference is NaN
  %0 = hl.sub %x, %x : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %c = arith.constant dense<0.0> : tensor<f32>
  // REMARK: simplify-algebra.mlir:[[# @LINE + 1]]:3: remark: {{.*}} leaves 'hl.mul': NaN and infinities times 0 are NaN
  %1 = hl.mul %x, %c : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %d = arith.constant dense<3.0> : tensor<f32>
  // REMARK: simplify-algebra.mlir:[[# @LINE + 1]]:3: remark: {{.*}} leaves 'hl.div': the reciprocal is not exact
  %2 = hl.div %x, %d : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  func.return %0, %1, %2 : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// For integers they are.
// CHECK-LABEL: func.func @integers_go(
// CHECK-NEXT:    %[[V0:.*]] = arith.constant dense<0> : tensor<3xi32>
// CHECK-NEXT:    %[[C:.*]] = arith.constant dense<0> : tensor<i32>
// CHECK-NEXT:    %[[V1:.*]] = arith.constant dense<0> : tensor<3xi32>
// CHECK-NEXT:    func.return %[[V0]], %[[V1]] : tensor<3xi32>, tensor<3xi32>
func.func @integers_go(%n: tensor<3xi32>) -> (tensor<3xi32>, tensor<3xi32>) {
  %0 = hl.sub %n, %n : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
  %c = arith.constant dense<0> : tensor<i32>
  %1 = hl.mul %n, %c : (tensor<3xi32>, tensor<i32>) -> tensor<3xi32>
  func.return %0, %1 : tensor<3xi32>, tensor<3xi32>
}
