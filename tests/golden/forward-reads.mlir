// RUN: stepwell opt %s -p forward-reads | filecheck %s
// RUN-EXPECT: @scaled(1, 2, 3, 2) == (8, 7, 8)
// RUN-EXPECT: @branches(1, 2, True) == (3, 3)
// RUN-EXPECT: @branches(1, 2, False) == (2, 2)
// RUN-EXPECT: @rounds(1, 2, 2) == (3, 3)
// RUN-EXPECT: @assigned(1, 5) == (25, 5)

// The step size is read once for both Variables that it is for; what was added to is read again.
// CHECK-LABEL: func.func @scaled(
// CHECK-NEXT:    %[[V0:.*]] = state.read %rate : !state.variable<tensor<f32>> -> tensor<f32>
// CHECK-NEXT:    %[[V1:.*]] = hl.mul %[[V0]], %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
// CHECK-NEXT:    state.assign_add %v, %[[V1]] : !state.variable<tensor<f32>>, tensor<f32>
// CHECK-NEXT:    %[[V2:.*]] = hl.mul %[[V0]], %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
// CHECK-NEXT:    state.assign_add %w, %[[V2]] : !state.variable<tensor<f32>>, tensor<f32>
// CHECK-NEXT:    %[[V3:.*]] = state.read %w : !state.variable<tensor<f32>> -> tensor<f32>
// CHECK-NEXT:    func.return %[[V3]] : tensor<f32>
func.func @scaled(%v: !state.variable<tensor<f32>>, %w: !state.variable<tensor<f32>>, %rate: !state.variable<tensor<f32>>, %x: tensor<f32>) -> tensor<f32> {
  %0 = state.read %rate : !state.variable<tensor<f32>> -> tensor<f32>
  %1 = hl.mul %0, %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
  state.assign_add %v, %1 : !state.variable<tensor<f32>>, tensor<f32>
  %2 = state.read %rate : !state.variable<tensor<f32>> -> tensor<f32>
  %3 = hl.mul %2, %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
  state.assign_add %w, %3 : !state.variable<tensor<f32>>, tensor<f32>
  %4 = state.read %w : !state.variable<tensor<f32>> -> tensor<f32>
  func.return %4 : tensor<f32>
}

// Both branches know what was read before them; behind them it may have been written.
// CHECK-LABEL: func.func @branches(
// CHECK-NEXT:    %[[S:.*]] = tensor.extract %p[] : tensor<i1>
// CHECK-NEXT:    %[[V0:.*]] = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
// CHECK-NEXT:    scf.if %[[S]] {
// CHECK-NEXT:      %[[V1:.*]] = hl.add %[[V0]], %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
// CHECK-NEXT:      state.assign %v, %[[V1]] : !state.variable<tensor<f32>>, tensor<f32>
// CHECK-NEXT:    } else {
// CHECK-NEXT:      state.assign_add %v, %[[V0]] : !state.variable<tensor<f32>>, tensor<f32>
// CHECK-NEXT:    }
// CHECK-NEXT:    %[[V2:.*]] = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
// CHECK-NEXT:    func.return %[[V2]] : tensor<f32>
func.func @branches(%v: !state.variable<tensor<f32>>, %x: tensor<f32>, %p: tensor<i1>) -> tensor<f32> {
  %s = tensor.extract %p[] : tensor<i1>
  %0 = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
  scf.if %s {
    %1 = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
    %2 = hl.add %1, %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
    state.assign %v, %2 : !state.variable<tensor<f32>>, tensor<f32>
    scf.yield
  } else {
    %3 = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
    state.assign_add %v, %3 : !state.variable<tensor<f32>>, tensor<f32>
    scf.yield
  }
  %4 = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
  func.return %4 : tensor<f32>
}

// A loop knows what was read before it of a Variable that it does not write.
// CHECK-LABEL: func.func @rounds(
// CHECK-NEXT:    %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[ONE:.*]] = arith.constant 1 : index
// CHECK-NEXT:    %[[M:.*]] = tensor.extract %n[] : tensor<i32>
// CHECK-NEXT:    %[[COUNT:.*]] = arith.index_cast %[[M]] : i32 to index
// CHECK-NEXT:    %[[V0:.*]] = state.read %w : !state.variable<tensor<f32>> -> tensor<f32>
// CHECK-NEXT:    state.assign_sub %v, %[[V0]] : !state.variable<tensor<f32>>, tensor<f32>
// CHECK-NEXT:    scf.for %[[I:.*]] = %[[ZERO]] to %[[COUNT]] step %[[ONE]] {
// CHECK-NEXT:      %[[V1:.*]] = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
// CHECK-NEXT:      %[[V2:.*]] = hl.add %[[V0]], %[[V1]] : (tensor<f32>, tensor<f32>) -> tensor<f32>
// CHECK-NEXT:      state.assign %v, %[[V2]] : !state.variable<tensor<f32>>, tensor<f32>
// CHECK-NEXT:    }
// CHECK-NEXT:    %[[V3:.*]] = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
// CHECK-NEXT:    func.return %[[V3]] : tensor<f32>
func.func @rounds(%v: !state.variable<tensor<f32>>, %w: !state.variable<tensor<f32>>, %n: tensor<i32>) -> tensor<f32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %m = tensor.extract %n[] : tensor<i32>
  %count = arith.index_cast %m : i32 to index
  %0 = state.read %w : !state.variable<tensor<f32>> -> tensor<f32>
  state.assign_sub %v, %0 : !state.variable<tensor<f32>>, tensor<f32>
  scf.for %i = %zero to %count step %one {
    %1 = state.read %w : !state.variable<tensor<f32>> -> tensor<f32>
    %2 = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
    %3 = hl.add %1, %2 : (tensor<f32>, tensor<f32>) -> tensor<f32>
    state.assign %v, %3 : !state.variable<tensor<f32>>, tensor<f32>
    scf.yield
  }
  %4 = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
  func.return %4 : tensor<f32>
}

// What was assigned is what is read.
// CHECK-LABEL: func.func @assigned(
// CHECK-NEXT:    state.assign %v, %x : !state.variable<tensor<f32>>, tensor<f32>
// CHECK-NEXT:    %[[V0:.*]] = hl.mul %x, %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
// CHECK-NEXT:    func.return %[[V0]] : tensor<f32>
func.func @assigned(%v: !state.variable<tensor<f32>>, %x: tensor<f32>) -> tensor<f32> {
  state.assign %v, %x : !state.variable<tensor<f32>>, tensor<f32>
  %0 = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
  %1 = hl.mul %0, %0 : (tensor<f32>, tensor<f32>) -> tensor<f32>
  func.return %1 : tensor<f32>
}
