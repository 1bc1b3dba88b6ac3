// RUN: stepwell opt %s -p convert-scf-to-cf | filecheck %s
// RUN-EXPECT: @sum([1, 2, 3], 2) == 3
// RUN-EXPECT: @choose(True, 3, 4) == 7
// RUN-EXPECT: @choose(False, 3, 4) == 4
// RUN-EXPECT: @halve(100) == 1

// The head of the loop asks whether there is another iteration.
// CHECK-LABEL: func.func @sum(
// CHECK-NEXT:    %[[V0:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[V1:.*]] = arith.constant 1 : index
// CHECK-NEXT:    %[[V2:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:    cf.br ^bb1(%[[V0]], %[[V2]] : index, f32)
// CHECK-NEXT:  ^bb1(%[[I:.*]]: index, %[[S:.*]]: f32):
// CHECK-NEXT:    %[[V3:.*]] = arith.cmpi slt, %[[I]], %n : index
// CHECK-NEXT:    cf.cond_br %[[V3]], ^bb2, ^bb3
// CHECK-NEXT:  ^bb2:
// CHECK-NEXT:    %[[A:.*]] = memref.load %x[%[[I]]] : memref<?xf32>
// CHECK-NEXT:    %[[T:.*]] = arith.addf %[[S]], %[[A]] : f32
// CHECK-NEXT:    %[[V4:.*]] = arith.addi %[[I]], %[[V1]] : index
// CHECK-NEXT:    cf.br ^bb1(%[[V4]], %[[T]] : index, f32)
// CHECK-NEXT:  ^bb3:
// CHECK-NEXT:    func.return %[[S]] : f32
func.func @sum(%x: memref<?xf32>, %n: index) -> f32 {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 0.0 : f32
  %sum = scf.for %i = %0 to %n step %1 iter_args(%s = %2) -> (f32) {
    %a = memref.load %x[%i] : memref<?xf32>
    %t = arith.addf %s, %a : f32
    scf.yield %t : f32
  }
  func.return %sum : f32
}

// The sides meet in a block that takes the result.
// CHECK-LABEL: func.func @choose(
// CHECK-NEXT:    cf.cond_br %p, ^bb1, ^bb2
// CHECK-NEXT:  ^bb1:
// CHECK-NEXT:    %[[V0:.*]] = arith.addi %x, %y : i32
// CHECK-NEXT:    cf.br ^bb3(%[[V0]] : i32)
// CHECK-NEXT:  ^bb2:
// CHECK-NEXT:    cf.br ^bb3(%y : i32)
// CHECK-NEXT:  ^bb3(%[[R:.*]]: i32):
// CHECK-NEXT:    cf.br ^bb4
// CHECK-NEXT:  ^bb4:
// CHECK-NEXT:    func.return %[[R]] : i32
func.func @choose(%p: i1, %x: i32, %y: i32) -> i32 {
  %r = scf.if %p -> (i32) {
    %0 = arith.addi %x, %y : i32
    scf.yield %0 : i32
  } else {
    scf.yield %y : i32
  }
  func.return %r : i32
}

// The condition comes first, and what it gives goes to the body or out of the loop.
// CHECK-LABEL: func.func @halve(
// CHECK-NEXT:    %[[ONE:.*]] = arith.constant 1 : i32
// CHECK-NEXT:    cf.br ^bb1(%n : i32)
// CHECK-NEXT:  ^bb1(%[[I:.*]]: i32):
// CHECK-NEXT:    %[[C:.*]] = arith.cmpi sgt, %[[I]], %[[ONE]] : i32
// CHECK-NEXT:    cf.cond_br %[[C]], ^bb2, ^bb3
// CHECK-NEXT:  ^bb2:
// CHECK-NEXT:    %[[K:.*]] = arith.shrsi %[[I]], %[[ONE]] : i32
// CHECK-NEXT:    cf.br ^bb1(%[[K]] : i32)
// CHECK-NEXT:  ^bb3:
// CHECK-NEXT:    func.return %[[I]] : i32
func.func @halve(%n: i32) -> i32 {
  %one = arith.constant 1 : i32
  %r = scf.while (%i = %n) : (i32) -> i32 {
    %c = arith.cmpi sgt, %i, %one : i32
    scf.condition(%c) %i : i32
  } do {
  ^bb0(%j: i32):
    %k = arith.shrsi %j, %one : i32
    scf.yield %k : i32
  }
  func.return %r : i32
}
