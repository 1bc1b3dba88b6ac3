// RUN: stepwell opt %s -p cse | filecheck %s
// RUN-EXPECT: @twice([0, 1]) ~= [1, 7.389056]
// RUN-EXPECT: @outer_for_inner([2], True) == [-2]
// RUN-EXPECT: @outer_for_inner([2], False) == [2]
// RUN-EXPECT: @reads(3) == (3, 3, 6, 6)

// The second of two equal ops is not computed.
// CHECK-LABEL: func.func @twice(
// CHECK-NEXT:    %[[V0:.*]] = hl.exp %x : (tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:    %[[V1:.*]] = hl.mul %[[V0]], %[[V0]] : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:    func.return %[[V1]] : tensor<?xf32>
func.func @twice(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = hl.exp %x : (tensor<?xf32>) -> tensor<?xf32>
  %1 = hl.exp %x : (tensor<?xf32>) -> tensor<?xf32>
  %2 = hl.mul %0, %1 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  func.return %2 : tensor<?xf32>
}

// A branch takes what was computed before it; what a branch computes is not there behind it.
// CHECK-LABEL: func.func @outer_for_inner(
// CHECK-NEXT:    %[[V0:.*]] = hl.neg %x : (tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:    %[[S:.*]] = tensor.extract %p[] : tensor<i1>
// CHECK-NEXT:    %[[R:.*]] = scf.if %[[S]] -> (tensor<?xf32>) {
// CHECK-NEXT:      scf.yield %[[V0]] : tensor<?xf32>
// CHECK-NEXT:    } else {
// CHECK-NEXT:      %[[V1:.*]] = hl.abs %x : (tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:      scf.yield %[[V1]] : tensor<?xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    %[[V2:.*]] = hl.abs %x : (tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:    %[[V3:.*]] = hl.add %[[R]], %[[V2]] : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:    %[[V4:.*]] = hl.add %[[V3]], %[[V0]] : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:    func.return %[[V4]] : tensor<?xf32>
func.func @outer_for_inner(%x: tensor<?xf32>, %p: tensor<i1>) -> tensor<?xf32> {
  %0 = hl.neg %x : (tensor<?xf32>) -> tensor<?xf32>
  %s = tensor.extract %p[] : tensor<i1>
  %r = scf.if %s -> (tensor<?xf32>) {
    %1 = hl.neg %x : (tensor<?xf32>) -> tensor<?xf32>
    scf.yield %1 : tensor<?xf32>
  } else {
    %2 = hl.abs %x : (tensor<?xf32>) -> tensor<?xf32>
    scf.yield %2 : tensor<?xf32>
  }
  %3 = hl.abs %x : (tensor<?xf32>) -> tensor<?xf32>
  %4 = hl.add %r, %3 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %5 = hl.add %4, %0 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  func.return %5 : tensor<?xf32>
}

// Reads of a Variable are merged, but for those behind a write.
// CHECK-LABEL: func.func @reads(
// CHECK-NEXT:    %[[V0:.*]] = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
// CHECK-NEXT:    state.assign_add %v, %[[V0]] : !state.variable<tensor<f32>>, tensor<f32>
// CHECK-NEXT:    %[[V1:.*]] = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
// CHECK-NEXT:    func.return %[[V0]], %[[V0]], %[[V1]] : tensor<f32>, tensor<f32>, tensor<f32>
func.func @reads(%v: !state.variable<tensor<f32>>) -> (tensor<f32>, tensor<f32>, tensor<f32>) {
  %0 = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
  %1 = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
  state.assign_add %v, %0 : !state.variable<tensor<f32>>, tensor<f32>
  %2 = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
  func.return %0, %1, %2 : tensor<f32>, tensor<f32>, tensor<f32>
}
