// RUN: stepwell opt %s -p dce | filecheck %s
// RUN-EXPECT: @unused([1.0, -2.0]) == [1.0, -2.0]
// RUN-EXPECT: @effects(1, 2, True) == (2, 2)
// RUN-EXPECT: @effects(1, 2, False) == 2

// An op dies with the op that uses it.
// CHECK-LABEL: func.func @unused(
// CHECK-NEXT:    func.return %x : tensor<?xf32>
func.func @unused(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = hl.exp %x : (tensor<?xf32>) -> tensor<?xf32>
  %1 = hl.neg %0 : (tensor<?xf32>) -> tensor<?xf32>
  func.return %x : tensor<?xf32>
}

// A branch with an effect stays although nobody uses its result; one without goes.
// CHECK-LABEL: func.func @effects(
// CHECK-NEXT:    %[[S:.*]] = tensor.extract %p[] : tensor<i1>
// CHECK-NEXT:    %[[R:.*]] = scf.if %[[S]] -> (tensor<f32>) {
// CHECK-NEXT:      state.assign %v, %x : !state.variable<tensor<f32>>, tensor<f32>
// CHECK-NEXT:      scf.yield %x : tensor<f32>
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scf.yield %x : tensor<f32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %x : tensor<f32>
func.func @effects(%v: !state.variable<tensor<f32>>, %x: tensor<f32>, %p: tensor<i1>) -> tensor<f32> {
  %s = tensor.extract %p[] : tensor<i1>
  %r = scf.if %s -> (tensor<f32>) {
    state.assign %v, %x : !state.variable<tensor<f32>>, tensor<f32>
    scf.yield %x : tensor<f32>
  } else {
    scf.yield %x : tensor<f32>
  }
  %q = scf.if %s -> (tensor<f32>) {
    %0 = hl.exp %x : (tensor<f32>) -> tensor<f32>
    scf.yield %0 : tensor<f32>
  } else {
    scf.yield %x : tensor<f32>
  }
  func.return %x : tensor<f32>
}
