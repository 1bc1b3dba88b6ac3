// RUN: stepwell opt %s -p fold-constants | filecheck %s
// RUN: stepwell opt %s -p "fold-constants{max-elements=1}" | filecheck %s --check-prefix=SMALL
// RUN: stepwell opt %s --why-not fold-constants 2>&1 | filecheck %s --check-prefix=REMARK
// RUN-EXPECT: @arithmetic() == [4, -2147483646]
// RUN-EXPECT: @branch([2.0]) == [-2.0]

// SMALL-LABEL: func.func @arithmetic(
// SMALL:         hl.add

// Integers wrap around, as they do when the program runs.
func.func @arithmetic() -> tensor<2xi32> {
  %0 = arith.constant dense<[1, 2147483647]> : tensor<2xi32>
  %1 = arith.constant dense<3> : tensor<i32>
  %2 = hl.add %0, %1 : (tensor<2xi32>, tensor<i32>) -> tensor<2xi32>
  func.return %2 : tensor<2xi32>
}

// A branch is taken whose condition is known.
// CHECK-LABEL: func.func @branch(
// CHECK-NEXT:    %[[V0:.*]] = arith.constant dense<3> : tensor<i32>
// CHECK-NEXT:    %[[V1:.*]] = arith.constant dense<4> : tensor<i32>
// CHECK-NEXT:    %[[V2:.*]] = arith.constant dense<true> : tensor<i1>
// CHECK-NEXT:    %[[S:.*]] = arith.constant true
// CHECK-NEXT:    %[[R:.*]] = hl.neg %x : (tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:    func.return %[[R]] : tensor<?xf32>
func.func @branch(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = arith.constant dense<3> : tensor<i32>
  %1 = arith.constant dense<4> : tensor<i32>
  %2 = hl.less %0, %1 : (tensor<i32>, tensor<i32>) -> tensor<i1>
  %s = tensor.extract %2[] : tensor<i1>
  %r = scf.if %s -> (tensor<?xf32>) {
    %3 = hl.neg %x : (tensor<?xf32>) -> tensor<?xf32>
    scf.yield %3 : tensor<?xf32>
  } else {
    %4 = hl.exp %x : (tensor<?xf32>) -> tensor<?xf32>
    scf.yield %4 : tensor<?xf32>
  }
  func.return %r : tensor<?xf32>
}

// A large result is computed when the program runs, and is not stored in it.
// CHECK-LABEL: func.func @large(
// CHECK-NEXT:    %[[V0:.*]] = arith.constant dense<1.000000e+00> : tensor<100x100xf32>
// CHECK-NEXT:    %[[V1:.*]] = hl.neg %[[V0]] : (tensor<100x100xf32>) -> tensor<100x100xf32>
// CHECK-NEXT:    func.return %[[V1]] : tensor<100x100xf32>
func.func @large() -> tensor<100x100xf32> {
  %0 = arith.constant dense<1.0> : tensor<100x100xf32>
  // REMARK: fold-constants.mlir:[[# @LINE + 1]]:3: remark: fold-constants leaves 'hl.neg': a result has more than 1024
  %1 = hl.neg %0 : (tensor<100x100xf32>) -> tensor<100x100xf32>
  func.return %1 : tensor<100x100xf32>
}
