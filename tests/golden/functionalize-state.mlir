// RUN: stepwell opt %s -p functionalize-state | filecheck %s
// RUN-EXPECT: @count(10, 2, 3) == (16, 16)
// RUN-EXPECT: @maybe(1, 2, True) == 2

// A loop carries the Variable that it assigns; one that is only read is a plain argument.
// CHECK-LABEL: func.func @count(
// CHECK-NEXT:    %[[ZERO:.*]] = arith.constant dense<0> : tensor<i32>
// CHECK-NEXT:    %[[ONE:.*]] = arith.constant dense<1> : tensor<i32>
// CHECK-NEXT:    %[[LAST:.*]], %[[R:.*]] = scf.while (%[[I:.*]] = %[[ZERO]], %[[V0:.*]] = %v) : (tensor<i32>, tensor<i32>) -> (tensor<i32>, tensor<i32>) {
// CHECK-NEXT:      %[[MORE:.*]] = hl.less %[[I]], %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
// CHECK-NEXT:      %[[S:.*]] = tensor.extract %[[MORE]][] : tensor<i1>
// CHECK-NEXT:      scf.condition(%[[S]]) %[[I]], %[[V0]] : tensor<i32>, tensor<i32>
// CHECK-NEXT:    } do {
// CHECK-NEXT:    ^bb0(%[[I_1:.*]]: tensor<i32>, %[[V1:.*]]: tensor<i32>):
// CHECK-NEXT:      %[[V2:.*]] = hl.add %[[V1]], %w : (tensor<i32>, tensor<i32>) -> tensor<i32>
// CHECK-NEXT:      %[[NEXT:.*]] = hl.add %[[I_1]], %[[ONE]] : (tensor<i32>, tensor<i32>) -> tensor<i32>
// CHECK-NEXT:      scf.yield %[[NEXT]], %[[V2]] : tensor<i32>, tensor<i32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %[[R]], %[[R]] : tensor<i32>, tensor<i32>
func.func @count(%v: !state.variable<tensor<i32>>, %w: !state.variable<tensor<i32>>, %n: tensor<i32>) -> tensor<i32> {
  %zero = arith.constant dense<0> : tensor<i32>
  %one = arith.constant dense<1> : tensor<i32>
  %last = scf.while (%i = %zero) : (tensor<i32>) -> tensor<i32> {
    %more = hl.less %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %s = tensor.extract %more[] : tensor<i1>
    scf.condition(%s) %i : tensor<i32>
  } do {
  ^bb0(%i: tensor<i32>):
    %by = state.read %w : !state.variable<tensor<i32>> -> tensor<i32>
    state.assign_add %v, %by : !state.variable<tensor<i32>>, tensor<i32>
    %next = hl.add %i, %one : (tensor<i32>, tensor<i32>) -> tensor<i32>
    scf.yield %next : tensor<i32>
  }
  %r = state.read %v : !state.variable<tensor<i32>> -> tensor<i32>
  func.return %r : tensor<i32>
}

// A branch that assigns gets another side, which gives the value before.
// CHECK-LABEL: func.func @maybe(
// CHECK-NEXT:    %[[S:.*]] = tensor.extract %p[] : tensor<i1>
// CHECK-NEXT:    %[[V0:.*]] = scf.if %[[S]] -> (tensor<f32>) {
// CHECK-NEXT:      scf.yield %x : tensor<f32>
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scf.yield %v : tensor<f32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %[[V0]] : tensor<f32>
func.func @maybe(%v: !state.variable<tensor<f32>>, %x: tensor<f32>, %p: tensor<i1>) {
  %s = tensor.extract %p[] : tensor<i1>
  scf.if %s {
    state.assign %v, %x : !state.variable<tensor<f32>>, tensor<f32>
  }
  func.return
}
