// RUN: stepwell opt %s -p convert-linalg-to-loops | filecheck %s
// RUN-EXPECT: @contiguous([[1, 2, 3, 4]], [[0, 0, 0, 0]]) == [[2, 4, 6, 8]]
// RUN-EXPECT: @transposed([[1, 2, 3], [4, 5, 6]], [[0, 0], [0, 0], [0, 0]]) == [[1, 4], [2, 5], [3, 6]]
// RUN-EXPECT: @sum([[1, 2, 3], [4, 5, 6]], [10, 20]) == [16, 35]

// Neighbouring loops over contiguous memory become one.
// CHECK-LABEL: func.func @contiguous(
// CHECK-NEXT:    %[[V0:.*]] = memref.collapse_shape %x [[0 : i64, 1 : i64]] : memref<?x4xf32> into memref<?xf32>
// CHECK-NEXT:    %[[V1:.*]] = memref.collapse_shape %out [[0 : i64, 1 : i64]] : memref<?x4xf32> into memref<?xf32>
// CHECK-NEXT:    %[[V2:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[V3:.*]] = memref.dim %x, %[[V2]] : memref<?x4xf32>
// CHECK-NEXT:    %[[V4:.*]] = arith.constant 4 : index
// CHECK-NEXT:    %[[V5:.*]] = arith.muli %[[V3]], %[[V4]] : index
// CHECK-NEXT:    %[[V6:.*]] = arith.constant 1 : index
// CHECK-NEXT:    scf.for %[[V7:.*]] = %[[V2]] to %[[V5]] step %[[V6]] {
// CHECK-NEXT:      %[[A:.*]] = memref.load %[[V0]][%[[V7]]] : memref<?xf32>
// CHECK-NEXT:      %[[SUM:.*]] = arith.addf %[[A]], %[[A]] : f32
// CHECK-NEXT:      memref.store %[[SUM]], %[[V1]][%[[V7]]] : memref<?xf32>
// CHECK-NEXT:    } {stepwell.parallel}
// CHECK-NEXT:    func.return
func.func @contiguous(%x: memref<?x4xf32>, %out: memref<?x4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<?x4xf32>) outs(%out : memref<?x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %sum = arith.addf %a, %a : f32
    linalg.yield %sum : f32
  }
  func.return
}

// The inner loop walks the result in unit steps.
// CHECK-LABEL: func.func @transposed(
// CHECK-NEXT:    %[[V0:.*]] = arith.constant 3 : index
// CHECK-NEXT:    %[[V1:.*]] = arith.constant 2 : index
// CHECK-NEXT:    %[[V2:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[V3:.*]] = arith.constant 1 : index
// CHECK-NEXT:    scf.for %[[V4:.*]] = %[[V2]] to %[[V0]] step %[[V3]] {
// CHECK-NEXT:      scf.for %[[V5:.*]] = %[[V2]] to %[[V1]] step %[[V3]] {
// CHECK-NEXT:        %[[A:.*]] = memref.load %x[%[[V5]], %[[V4]]] : memref<2x3xf32>
// CHECK-NEXT:        memref.store %[[A]], %out[%[[V4]], %[[V5]]] : memref<3x2xf32>
// CHECK-NEXT:      } {stepwell.parallel}
// CHECK-NEXT:    } {stepwell.parallel}
// CHECK-NEXT:    func.return
func.func @transposed(%x: memref<2x3xf32>, %out: memref<3x2xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : memref<2x3xf32>) outs(%out : memref<3x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  }
  func.return
}

// A sum is kept in a register while its loop runs.
// CHECK-LABEL: func.func @sum(
// CHECK-NEXT:    %[[V0:.*]] = arith.constant 2 : index
// CHECK-NEXT:    %[[V1:.*]] = arith.constant 3 : index
// CHECK-NEXT:    %[[V2:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[V3:.*]] = arith.constant 1 : index
// CHECK-NEXT:    scf.for %[[V4:.*]] = %[[V2]] to %[[V0]] step %[[V3]] {
// CHECK-NEXT:      %[[V5:.*]] = memref.load %out[%[[V4]]] : memref<2xf32>
// CHECK-NEXT:      %[[V6:.*]] = scf.for %[[V7:.*]] = %[[V2]] to %[[V1]] step %[[V3]] iter_args(%[[O:.*]] = %[[V5]]) -> (f32) {
// CHECK-NEXT:        %[[A:.*]] = memref.load %x[%[[V4]], %[[V7]]] : memref<2x3xf32>
// CHECK-NEXT:        %[[S:.*]] = arith.addf %[[O]], %[[A]] : f32
// CHECK-NEXT:        scf.yield %[[S]] : f32
// CHECK-NEXT:      } {stepwell.reduction}
// CHECK-NEXT:      memref.store %[[V6]], %out[%[[V4]]] : memref<2xf32>
// CHECK-NEXT:    } {stepwell.parallel}
// CHECK-NEXT:    func.return
func.func @sum(%x: memref<2x3xf32>, %out: memref<2xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x3xf32>) outs(%out : memref<2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %o, %a : f32
    linalg.yield %s : f32
  }
  func.return
}

// A result that was filled just before is not filled: the reduction starts from the number.
// CHECK-LABEL: func.func @filled(
// CHECK:         %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-NOT:     memref.store %[[ZERO]]
// CHECK:         scf.for
// CHECK-NEXT:      %{{.*}} = scf.for %{{.*}} iter_args(%[[TOTAL:.*]] = %[[ZERO]])
// CHECK:         func.return
// RUN-EXPECT: @filled([[1, 2, 3], [4, 5, 6]], [10, 20]) == [6, 15]
func.func @filled(%x: memref<2x3xf32>, %out: memref<2xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%out : memref<2xf32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x3xf32>) outs(%out : memref<2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %sum = arith.addf %o, %a : f32
    linalg.yield %sum : f32
  }
  func.return
}
