// RUN: stepwell opt %s -p block-sums | filecheck %s
// RUN: stepwell opt %s --why-not block-sums 2>&1 | filecheck %s --check-prefix=REMARK
// RUN-EXPECT: @total([1, 2, 3, 4], 4, 0.5) == 10.5
// RUN-EXPECT: @total([1, inf, 3, 4], 4, 0.5) == inf
// RUN-EXPECT: @total([1, 2, 3, 4], 0, -0.0) == -0.0
// RUN-EXPECT: @joined([1, 2, 3, 4], 4) == 20
// RUN-EXPECT: @nested([[1, 2], [3, 4]], 2) == 10
// RUN-EXPECT: @largest_too([1, 2, 4, 3], 4) == (10, 4)

// A loop over blocks of 32 carries the sum and its error; what is behind the loop adds the two.
// CHECK-LABEL: func.func @total(
// CHECK:         %[[SIZE:.*]] = arith.constant 32 : index
// CHECK:         %[[S:.*]], %[[C:.*]] = scf.for %{{.*}} = %0 to %n step %[[SIZE]] iter_args(%{{.*}} = %start, %{{.*}} = %{{.*}}) -> (f32, f32)
// CHECK:           arith.minsi
// CHECK:           scf.for
// CHECK:           } {stepwell.reduction, stepwell.block}
// CHECK:         %[[BOTH:.*]] = arith.addf %[[S]], %[[C]] : f32
// CHECK:         %[[COUNTS:.*]] = arith.cmpf one, %[[C]], %{{.*}} : f32
// CHECK:         arith.select %[[COUNTS]], %[[BOTH]], %[[S]] : f32
func.func @total(%x: memref<4xf32>, %n: index, %start: f32) -> f32 {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %r = scf.for %i = %0 to %n step %1 iter_args(%s = %start) -> (f32) {
    %a = memref.load %x[%i] : memref<4xf32>
    %t = arith.addf %s, %a : f32
    scf.yield %t : f32
  } {stepwell.reduction}
  func.return %r : f32
}

// Partial results that are added up behind the loop are one sum.
// CHECK-LABEL: func.func @joined(
// CHECK:         scf.for {{.*}} -> (f32, f32)
// CHECK:           scf.for {{.*}} -> (f32, f32)
// CHECK:           } {stepwell.reduction, stepwell.block}
// CHECK-NEXT:      arith.addf
func.func @joined(%x: memref<4xf32>, %n: index) -> f32 {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %zero = arith.constant -0.0 : f32
  %r, %q = scf.for %i = %0 to %n step %1 iter_args(%s = %zero, %t = %zero) -> (f32, f32) {
    %a = memref.load %x[%i] : memref<4xf32>
    %u = arith.addf %s, %a : f32
    %v = arith.addf %t, %a : f32
    scf.yield %u, %v : f32, f32
  } {stepwell.reduction}
  %all = arith.addf %r, %q : f32
  func.return %all : f32
}

// Of a sum of sums both loops are split.
// CHECK-LABEL: func.func @nested(
// CHECK-COUNT-4: scf.for
func.func @nested(%x: memref<2x2xf32>, %n: index) -> f32 {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.for %i = %0 to %n step %1 iter_args(%s = %zero) -> (f32) {
    %q = scf.for %j = %0 to %n step %1 iter_args(%t = %s) -> (f32) {
      %a = memref.load %x[%i, %j] : memref<2x2xf32>
      %u = arith.addf %t, %a : f32
      scf.yield %u : f32
    } {stepwell.reduction}
    scf.yield %q : f32
  } {stepwell.reduction}
  func.return %r : f32
}

// What is no sum goes through both loops.
// CHECK-LABEL: func.func @largest_too(
// CHECK:         scf.for {{.*}} -> (f32, f32, f32)
// CHECK:           scf.for {{.*}} -> (f32, f32)
func.func @largest_too(%x: memref<4xf32>, %n: index) -> (f32, f32) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %r, %m = scf.for %i = %0 to %n step %1 iter_args(%s = %zero, %t = %zero) -> (f32, f32) {
    %a = memref.load %x[%i] : memref<4xf32>
    %u = arith.addf %s, %a : f32
    %v = arith.maximumf %t, %a : f32
    scf.yield %u, %v : f32, f32
  } {stepwell.reduction}
  func.return %r, %m : f32, f32
}

// CHECK-LABEL: func.func @short(
// CHECK-COUNT-1: scf.for
// CHECK-NOT:     scf.for
// REMARK: it has no more than 64 iterations
func.func @short(%x: memref<64xf32>) -> f32 {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.for %i = %0 to %64 step %1 iter_args(%s = %zero) -> (f32) {
    %a = memref.load %x[%i] : memref<64xf32>
    %t = arith.addf %s, %a : f32
    scf.yield %t : f32
  } {stepwell.reduction}
  func.return %r : f32
}

// The sum of integers is exact; a sum that is looked at on the way has to be what it is.
// CHECK-LABEL: func.func @exact(
// CHECK-COUNT-1: scf.for
// CHECK-NOT:     scf.for
// REMARK: it carries no sum of floats
func.func @exact(%x: memref<?xi32>, %y: memref<?xf32>, %n: index) -> (i32, f32) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %zero = arith.constant 0 : i32
  %none = arith.constant 0.0 : f32
  %r, %q = scf.for %i = %0 to %n step %1 iter_args(%s = %zero, %p = %none) -> (i32, f32) {
    %a = memref.load %x[%i] : memref<?xi32>
    %t = arith.addi %s, %a : i32
    %f = memref.load %y[%i] : memref<?xf32>
    %g = arith.addf %p, %f : f32
    memref.store %g, %y[%i] : memref<?xf32>
    scf.yield %t, %g : i32, f32
  } {stepwell.reduction}
  func.return %r, %q : i32, f32
}
