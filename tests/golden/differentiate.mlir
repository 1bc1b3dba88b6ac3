// RUN: stepwell opt %s -p differentiate,canonicalize,cse,dce | filecheck %s
// RUN: stepwell opt %s -p differentiate,canonicalize,cse,dce --locations | filecheck %s --check-prefix=LINE
// RUN: stepwell opt %s -p "differentiate{functions=power arguments=0}" | filecheck %s --check-prefix=ONE
// RUN: stepwell opt %s -p differentiate --why-not differentiate 2>&1 | filecheck %s --check-prefix=WHY
// RUN-EXPECT: @f([1.0, -2.0], 0.5) == [0.5, -1.0]

// LINE: hl.mul %dresult, {{.*}} loc("differentiate.mlir":{{[0-9]+}}:3)
// ONE-NOT: func.func @f_vjp
// ONE: func.func @power_vjp({{.*}}) -> tensor<f32>
// WHY: no argument is of floats

// The arguments, and the gradient of the result; those of the arguments are returned.
// CHECK-LABEL: func.func @f(
// CHECK:       func.func @f_vjp(
// CHECK-SAME:    %x: tensor<2xf32>, %y: tensor<f32>, %dresult: tensor<2xf32>) -> (tensor<2xf32>, tensor<f32>) {
// CHECK-NEXT:    %[[DX:.*]] = hl.mul %dresult, %y : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
// CHECK-NEXT:    %[[P:.*]] = hl.mul %dresult, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:    %[[DY:.*]] = hl.sum %[[P]]
// CHECK-NEXT:    func.return %[[DX]], %[[DY]] : tensor<2xf32>, tensor<f32>
// CHECK-NEXT:  }
// CHECK-LABEL: func.func @counts(
// CHECK-NOT:   func.func @counts_vjp

func.func @f(%x: tensor<2xf32>, %y: tensor<f32>) -> tensor<2xf32> {
  %0 = hl.mul %x, %y : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  func.return %0 : tensor<2xf32>
}
func.func @counts(%n: tensor<i32>) -> tensor<i32> {
  func.return %n : tensor<i32>
}
// The loop keeps the values of its steps; the reverse loop has them, and adds up the gradient of the Variable.
// CHECK-LABEL: func.func @power(
// CHECK:       func.func @power_vjp(
// CHECK:         %r, %[[S:.*]] = scf.for %i = {{.*}} iter_args(%h = %x, %[[STACK:.*]] = {{.*}}) -> (tensor<f32>, tensor<3xf32>) {
// CHECK:           %[[ROW:.*]] = hl.expand_dims %h
// CHECK-NEXT:      %[[NEXT:.*]] = hl.dynamic_update_slice %[[STACK]], %[[ROW]]
// CHECK-NEXT:      scf.yield %{{.*}}, %[[NEXT]] : tensor<f32>, tensor<3xf32>
// CHECK:         %[[DX:.*]], %[[DW:.*]] = scf.for %{{.*}} iter_args(%[[DH:.*]] = %dresult, %[[SUM:.*]] = %{{.*}}) -> (tensor<f32>, tensor<f32>) {
// CHECK:           %[[PART:.*]] = hl.dynamic_slice %[[S]]
// CHECK-NEXT:      %[[H:.*]] = hl.squeeze %[[PART]]
// CHECK-NEXT:      %[[NEXT:.*]] = hl.mul %[[DH]], %{{.*}}
// CHECK-NEXT:      %[[TERM:.*]] = hl.mul %[[DH]], %[[H]]
// CHECK-NEXT:      %[[TOTAL:.*]] = hl.add %[[SUM]], %[[TERM]]
// CHECK-NEXT:      scf.yield %[[NEXT]], %[[TOTAL]]
// CHECK:         func.return %[[DX]], %[[DW]] : tensor<f32>, tensor<f32>
func.func @power(%x: tensor<f32>, %w: !state.variable<tensor<f32>>) -> tensor<f32> {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %3 = arith.constant 3 : index
  %r = scf.for %i = %0 to %3 step %1 iter_args(%h = %x) -> (tensor<f32>) {
    %4 = state.read %w : !state.variable<tensor<f32>> -> tensor<f32>
    %5 = hl.mul %h, %4 : (tensor<f32>, tensor<f32>) -> tensor<f32>
    scf.yield %5 : tensor<f32>
  }
  func.return %r : tensor<f32>
}
