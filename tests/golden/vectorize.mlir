// RUN: stepwell opt %s --target skylake-avx512 -p vectorize | filecheck %s
// RUN: stepwell opt %s -p "vectorize{target=x86-64}" | filecheck %s --check-prefix=SSE
// RUN: stepwell opt %s --why-not vectorize 2>&1 | filecheck %s --check-prefix=REMARK
// RUN-EXPECT: @map([1, 2, 3, 4], [0, 0, 0, 0], 3) == [2, 4, 6, 0]
// RUN-EXPECT: @strided([[1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0], [4, 0, 0, 0]], [0, 0, 0, 0]) == [1, 2, 3, 4]
// RUN-EXPECT: @unmarked([1, 2, 3, 4, 5, 6, 7, 8]) == [1, 1, 1, 1, 1, 1, 1, 1]

// Whole vectors first; what is left over is one more under a mask.
// SSE-LABEL: func.func @map(
// SSE:         vector.load %x[%{{.*}}] : memref<?xf32>, vector<4xf32>
func.func @map(%x: memref<?xf32>, %out: memref<?xf32>, %n: index) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  scf.for %i = %0 to %n step %1 {
    %a = memref.load %x[%i] : memref<?xf32>
    %b = arith.addf %a, %a : f32
    memref.store %b, %out[%i] : memref<?xf32>
  } {stepwell.parallel}
  func.return
}

// Several partial sums, one in each lane, are added up behind the loop.
// CHECK-LABEL: func.func @sum(
// CHECK:         %[[S:.*]], %{{.*}}, %{{.*}}, %{{.*}} = scf.for
// CHECK-COUNT-4:   vector.load %x[%{{.*}}] : memref<64xi32>, vector<16xi32>
// CHECK:         } {stepwell.reduction, stepwell.vectorized}
// CHECK:         %[[ALL:.*]] = vector.reduction <add>, %{{.*}} : vector<16xi32> into i32
// CHECK-NEXT:    %[[R:.*]] = arith.addi %{{.*}}, %[[ALL]] : i32
// CHECK-NEXT:    func.return %[[R]] : i32
func.func @sum(%x: memref<64xi32>) -> i32 {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 64 : index
  %zero = arith.constant 0 : i32
  %r = scf.for %i = %0 to %2 step %1 iter_args(%s = %zero) -> (i32) {
    %a = memref.load %x[%i] : memref<64xi32>
    %t = arith.addi %s, %a : i32
    scf.yield %t : i32
  } {stepwell.reduction}
  func.return %r : i32
}

// What is not walked in unit steps stays.
// CHECK-LABEL: func.func @strided(
// CHECK-NOT:     vector
// CHECK:         memref.load %x
// CHECK-NOT:     vector
func.func @strided(%x: memref<4x4xf32>, %out: memref<4xf32>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 4 : index
  // REMARK: vectorize.mlir:[[# @LINE + 1]]:3: remark: vectorize leaves 'scf.for': an access that is not in unit steps
  scf.for %i = %0 to %2 step %1 {
    %a = memref.load %x[%i, %0] : memref<4x4xf32>
    memref.store %a, %out[%i] : memref<4xf32>
  } {stepwell.parallel}
  func.return
}

// Each iteration needs the one before.
// CHECK-LABEL: func.func @unmarked(
// CHECK-NOT:     vector
// CHECK:         memref.store
// CHECK-NOT:     vector
func.func @unmarked(%x: memref<8xf32>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 7 : index
  scf.for %i = %0 to %2 step %1 {
    %a = memref.load %x[%i] : memref<8xf32>
    %j = arith.addi %i, %1 : index
    memref.store %a, %x[%j] : memref<8xf32>
  }
  func.return
}
