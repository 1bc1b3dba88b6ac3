// RUN: stepwell opt %s -p bufferize | filecheck %s
// RUN-EXPECT: @fresh([1, 2, 3, 4]) == [2, 4, 6, 8]
// RUN-EXPECT: @freed([1, 2, 3, 4]) == [4, 16, 36, 64]
// RUN-EXPECT: @variable([1, 2, 3, 4], [4, 3, 2, 0]) == [5, 5, 5, 4]
// RUN-EXPECT: @old_value([1, 2, 3, 4], [4, 3, 2, 1]) == ([1, 2, 3, 4], [4, 3, 2, 1])

// A returned tensor is fresh memory.
// CHECK-LABEL: func.func @fresh(
// CHECK-NEXT:    %[[V0:.*]] = memref.alloc() {alignment = 64 : i64} : memref<4xf32>
// CHECK-NEXT:    linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : memref<4xf32>) outs(%[[V0]] : memref<4xf32>) {
// CHECK-NEXT:    ^bb0(%[[V1:.*]]: f32, %[[V2:.*]]: f32):
// CHECK-NEXT:      %[[V3:.*]] = arith.addf %[[V1]], %[[V1]] : f32
// CHECK-NEXT:      linalg.yield %[[V3]] : f32
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %[[V0]] : memref<4xf32>
func.func @fresh(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tensor.empty() : tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
  ^bb0(%2: f32, %3: f32):
    %4 = arith.addf %2, %2 : f32
    linalg.yield %4 : f32
  } -> tensor<4xf32>
  func.return %1 : tensor<4xf32>
}

// Memory for what is in between is freed after its last use.
// CHECK-LABEL: func.func @freed(
// CHECK-NEXT:    %[[V0:.*]] = memref.alloc() {alignment = 64 : i64} : memref<4xf32>
// CHECK-NEXT:    linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : memref<4xf32>) outs(%[[V0]] : memref<4xf32>) {
// CHECK-NEXT:    ^bb0(%[[V1:.*]]: f32, %[[V2:.*]]: f32):
// CHECK-NEXT:      %[[V3:.*]] = arith.addf %[[V1]], %[[V1]] : f32
// CHECK-NEXT:      linalg.yield %[[V3]] : f32
// CHECK-NEXT:    }
// CHECK-NEXT:    %[[V4:.*]] = memref.alloc() {alignment = 64 : i64} : memref<4xf32>
// CHECK-NEXT:    linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%[[V0]] : memref<4xf32>) outs(%[[V4]] : memref<4xf32>) {
// CHECK-NEXT:    ^bb0(%[[V5:.*]]: f32, %[[V6:.*]]: f32):
// CHECK-NEXT:      %[[V7:.*]] = arith.mulf %[[V5]], %[[V5]] : f32
// CHECK-NEXT:      linalg.yield %[[V7]] : f32
// CHECK-NEXT:    }
// CHECK-NEXT:    memref.dealloc %[[V0]] : memref<4xf32>
// CHECK-NEXT:    func.return %[[V4]] : memref<4xf32>
func.func @freed(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tensor.empty() : tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
  ^bb0(%2: f32, %3: f32):
    %4 = arith.addf %2, %2 : f32
    linalg.yield %4 : f32
  } -> tensor<4xf32>
  %5 = tensor.empty() : tensor<4xf32>
  %6 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%1 : tensor<4xf32>) outs(%5 : tensor<4xf32>) {
  ^bb0(%7: f32, %8: f32):
    %9 = arith.mulf %7, %7 : f32
    linalg.yield %9 : f32
  } -> tensor<4xf32>
  func.return %6 : tensor<4xf32>
}

// What is stored to a Variable is written there, without memory of its own.
// CHECK-LABEL: func.func @variable(
// CHECK-NEXT:    debug.mask_interrupts
// CHECK-NEXT:    linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%v, %x : memref<4xf32>, memref<4xf32>) outs(%v : memref<4xf32>) {
// CHECK-NEXT:    ^bb0(%[[V0:.*]]: f32, %[[V1:.*]]: f32, %[[V2:.*]]: f32):
// CHECK-NEXT:      %[[V3:.*]] = arith.addf %[[V0]], %[[V1]] : f32
// CHECK-NEXT:      linalg.yield %[[V3]] : f32
// CHECK-NEXT:    }
// CHECK-NEXT:    debug.unmask_interrupts
// CHECK-NEXT:    func.return
func.func @variable(%v: memref<4xf32>, %x: tensor<4xf32>) {
  %0 = bufferization.to_tensor %v restrict : memref<4xf32> to tensor<4xf32>
  %1 = tensor.empty() : tensor<4xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%0, %x : tensor<4xf32>, tensor<4xf32>) outs(%1 : tensor<4xf32>) {
  ^bb0(%3: f32, %4: f32, %5: f32):
    %6 = arith.addf %3, %4 : f32
    linalg.yield %6 : f32
  } -> tensor<4xf32>
  bufferization.materialize_in_destination %2 in writable %v : (tensor<4xf32>, memref<4xf32>) -> ()
  func.return
}

// What is still read is copied before it is written over.
// CHECK-LABEL: func.func @old_value(
// CHECK-NEXT:    %[[V0:.*]] = memref.alloc() {alignment = 64 : i64} : memref<4xf32>
// CHECK-NEXT:    "memref.copy"(%v, %[[V0]]) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:    "memref.copy"(%x, %v) : (memref<4xf32>, memref<4xf32>) -> ()
// CHECK-NEXT:    func.return %[[V0]] : memref<4xf32>
func.func @old_value(%v: memref<4xf32>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = bufferization.to_tensor %v restrict : memref<4xf32> to tensor<4xf32>
  bufferization.materialize_in_destination %x in writable %v : (tensor<4xf32>, memref<4xf32>) -> ()
  func.return %0 : tensor<4xf32>
}
