// RUN: stepwell opt %s -p hoist-loop-invariants | filecheck %s
// RUN: stepwell opt %s --why-not hoist-loop-invariants 2>&1 | filecheck %s --check-prefix=REMARK
// RUN-EXPECT: @product([[1, 0], [0, 2]], 2) == [[3, 0], [0, 10]]
// RUN-EXPECT: @nested([0], 2) == [4]

// The product is computed once, before the loop.
// CHECK-LABEL: func.func @product(
// CHECK-NEXT:    %[[ZERO:.*]] = arith.constant dense<0> : tensor<i32>
// CHECK-NEXT:    %[[ONE:.*]] = arith.constant dense<1> : tensor<i32>
// CHECK-NEXT:    %[[P:.*]] = hl.matmul %x, %x {transpose_a = false, transpose_b = false} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
// CHECK-NEXT:    %[[I:.*]], %[[Y:.*]] = scf.while (%[[I_1:.*]] = %[[ZERO]], %[[Y_1:.*]] = %x) : (tensor<i32>, tensor<2x2xf32>) -> (tensor<i32>, tensor<2x2xf32>) {
// CHECK-NEXT:      %[[MORE:.*]] = hl.less %[[I_1]], %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
// CHECK-NEXT:      %[[S:.*]] = tensor.extract %[[MORE]][] : tensor<i1>
// CHECK-NEXT:      scf.condition(%[[S]]) %[[I_1]], %[[Y_1]] : tensor<i32>, tensor<2x2xf32>
// CHECK-NEXT:    } do {
// CHECK-NEXT:    ^bb0(%[[I_2:.*]]: tensor<i32>, %[[Y_2:.*]]: tensor<2x2xf32>):
// CHECK-NEXT:      %[[Z:.*]] = hl.add %[[Y_2]], %[[P]] : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
// CHECK-NEXT:      %[[NEXT:.*]] = hl.add %[[I_2]], %[[ONE]] : (tensor<i32>, tensor<i32>) -> tensor<i32>
// CHECK-NEXT:      scf.yield %[[NEXT]], %[[Z]] : tensor<i32>, tensor<2x2xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %[[Y]] : tensor<2x2xf32>
func.func @product(%x: tensor<2x2xf32>, %n: tensor<i32>) -> tensor<2x2xf32> {
  %zero = arith.constant dense<0> : tensor<i32>
  %one = arith.constant dense<1> : tensor<i32>
  %i, %y = scf.while (%i = %zero, %y = %x) : (tensor<i32>, tensor<2x2xf32>) -> (tensor<i32>, tensor<2x2xf32>) {
    %more = hl.less %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %s = tensor.extract %more[] : tensor<i1>
    scf.condition(%s) %i, %y : tensor<i32>, tensor<2x2xf32>
  } do {
  ^bb0(%i: tensor<i32>, %y: tensor<2x2xf32>):
    %p = hl.matmul %x, %x {transpose_a = false, transpose_b = false} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    %z = hl.add %y, %p : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    %next = hl.add %i, %one : (tensor<i32>, tensor<i32>) -> tensor<i32>
    scf.yield %next, %z : tensor<i32>, tensor<2x2xf32>
  }
  func.return %y : tensor<2x2xf32>
}

// An op leaves all loops around it.
// CHECK-LABEL: func.func @nested(
// CHECK-NEXT:    %[[M:.*]] = tensor.extract %n[] : tensor<i32>
// CHECK-NEXT:    %[[K:.*]] = arith.index_cast %[[M]] : i32 to index
// CHECK-NEXT:    %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[ONE:.*]] = arith.constant 1 : index
// CHECK-NEXT:    %[[E:.*]] = hl.exp %x : (tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:    %[[R:.*]] = scf.for %[[I:.*]] = %[[ZERO]] to %[[K]] step %[[ONE]] iter_args(%[[Y:.*]] = %x) -> (tensor<?xf32>) {
// CHECK-NEXT:      %[[Q:.*]] = scf.for %[[J:.*]] = %[[ZERO]] to %[[K]] step %[[ONE]] iter_args(%[[Z:.*]] = %[[Y]]) -> (tensor<?xf32>) {
// CHECK-NEXT:        %[[S:.*]] = hl.add %[[Z]], %[[E]] : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:        scf.yield %[[S]] : tensor<?xf32>
// CHECK-NEXT:      }
// CHECK-NEXT:      scf.yield %[[Q]] : tensor<?xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %[[R]] : tensor<?xf32>
func.func @nested(%x: tensor<?xf32>, %n: tensor<i32>) -> tensor<?xf32> {
  %m = tensor.extract %n[] : tensor<i32>
  %k = arith.index_cast %m : i32 to index
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %r = scf.for %i = %zero to %k step %one iter_args(%y = %x) -> (tensor<?xf32>) {
    %q = scf.for %j = %zero to %k step %one iter_args(%z = %y) -> (tensor<?xf32>) {
      %e = hl.exp %x : (tensor<?xf32>) -> tensor<?xf32>
      %s = hl.add %z, %e : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
      scf.yield %s : tensor<?xf32>
    }
    scf.yield %q : tensor<?xf32>
  }
  func.return %r : tensor<?xf32>
}

// What reads a Variable that the loop writes stays, and so does what may fail: the loop may not be run at all.
// CHECK-LABEL: func.func @stays(
// CHECK-NEXT:    %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[ONE:.*]] = arith.constant 1 : index
// CHECK-NEXT:    %[[R:.*]] = scf.for %[[I:.*]] = %[[ZERO]] to %n step %[[ONE]] iter_args(%[[Z:.*]] = %x) -> (tensor<?xf32>) {
// CHECK-NEXT:      %[[W:.*]] = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
// CHECK-NEXT:      state.assign_add %v, %[[W]] : !state.variable<tensor<f32>>, tensor<f32>
// CHECK-NEXT:      %[[S:.*]] = hl.add %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:      scf.yield %[[S]] : tensor<?xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %[[R]] : tensor<?xf32>
func.func @stays(%v: !state.variable<tensor<f32>>, %x: tensor<?xf32>, %y: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %r = scf.for %i = %zero to %n step %one iter_args(%z = %x) -> (tensor<?xf32>) {
    // REMARK: hoist-loop-invariants.mlir:[[# @LINE + 1]]:5: remark: {{.*}} leaves 'state.read': the loop may write the Variable
    %w = state.read %v : !state.variable<tensor<f32>> -> tensor<f32>
    state.assign_add %v, %w : !state.variable<tensor<f32>>, tensor<f32>
    // REMARK-NEXT: hoist-loop-invariants.mlir:[[# @LINE + 1]]:5: remark: {{.*}} leaves 'hl.add': it checks something at run time
    %s = hl.add %x, %y : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    scf.yield %s : tensor<?xf32>
  }
  func.return %r : tensor<?xf32>
}
