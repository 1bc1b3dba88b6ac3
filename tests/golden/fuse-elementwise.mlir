// RUN: stepwell opt %s -p fuse-elementwise | filecheck %s
// RUN: stepwell opt %s --why-not fuse-elementwise 2>&1 | filecheck %s --check-prefix=REMARK
// RUN-EXPECT: @chain([0, 0, 0, 1]) ~= [-1, -1, -1, -2.7182817]
// RUN-EXPECT: @into_reduction([[1, 2, 3, 4], [0, 0, 0, 2], [1, 1, 1, 1]]) == [30, 4, 4]
// RUN-EXPECT: @dear([0, 0, 0, 1]) ~= ([2.7182817, 1, 1, 1], [-1, -1, -1, -2.7182817])

// One loop does both; what is between them is never in memory.
// CHECK-LABEL: func.func @chain(
// CHECK-NEXT:    %[[V0:.*]] = tensor.empty() : tensor<4xf32>
// CHECK-NEXT:    %[[V1:.*]] = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%[[V0]] : tensor<4xf32>) {
// CHECK-NEXT:    ^bb0(%[[V2:.*]]: f32, %[[V3:.*]]: f32):
// CHECK-NEXT:      %[[V4:.*]] = math.exp %[[V2]] : f32
// CHECK-NEXT:      %[[V5:.*]] = arith.negf %[[V4]] : f32
// CHECK-NEXT:      linalg.yield %[[V5]] : f32
// CHECK-NEXT:    } -> tensor<4xf32>
// CHECK-NEXT:    func.return %[[V1]] : tensor<4xf32>
func.func @chain(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tensor.empty() : tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
  ^bb0(%2: f32, %3: f32):
    %4 = math.exp %2 : f32
    linalg.yield %4 : f32
  } -> tensor<4xf32>
  %5 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%1 : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
  ^bb0(%6: f32, %7: f32):
    %8 = arith.negf %6 : f32
    linalg.yield %8 : f32
  } -> tensor<4xf32>
  func.return %5 : tensor<4xf32>
}

// A producer goes into the reduction that sums it up.
// CHECK-LABEL: func.func @into_reduction(
// CHECK-NEXT:    %[[V0:.*]] = arith.constant dense<0.000000e+00> : tensor<3xf32>
// CHECK-NEXT:    %[[V1:.*]] = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<3x4xf32>) outs(%[[V0]] : tensor<3xf32>) {
// CHECK-NEXT:    ^bb0(%[[V2:.*]]: f32, %[[V3:.*]]: f32):
// CHECK-NEXT:      %[[V4:.*]] = arith.mulf %[[V2]], %[[V2]] : f32
// CHECK-NEXT:      %[[V5:.*]] = arith.addf %[[V3]], %[[V4]] : f32
// CHECK-NEXT:      linalg.yield %[[V5]] : f32
// CHECK-NEXT:    } -> tensor<3xf32>
// CHECK-NEXT:    func.return %[[V1]] : tensor<3xf32>
func.func @into_reduction(%x: tensor<3x4xf32>) -> tensor<3xf32> {
  %0 = tensor.empty() : tensor<3x4xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<3x4xf32>) outs(%0 : tensor<3x4xf32>) {
  ^bb0(%2: f32, %3: f32):
    %4 = arith.mulf %2, %2 : f32
    linalg.yield %4 : f32
  } -> tensor<3x4xf32>
  %5 = arith.constant dense<0.0> : tensor<3xf32>
  %6 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%1 : tensor<3x4xf32>) outs(%5 : tensor<3xf32>) {
  ^bb0(%7: f32, %8: f32):
    %9 = arith.addf %8, %7 : f32
    linalg.yield %9 : f32
  } -> tensor<3xf32>
  func.return %6 : tensor<3xf32>
}

// An exponential that two need, in different orders, is computed once and written.
// CHECK-LABEL: func.func @dear(
// CHECK:         linalg.generic
// CHECK:           math.exp
// CHECK-NOT:       math.exp
// CHECK:         linalg.generic
// CHECK:         linalg.generic
func.func @dear(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = tensor.empty() : tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
  ^bb0(%2: f32, %3: f32):
    %4 = math.exp %2 : f32
    linalg.yield %4 : f32
  } -> tensor<4xf32>
  // REMARK-DAG: fuse-elementwise.mlir:[[# @LINE + 1]]:3: remark: {{.*}}: it has other users and is too expensive to recompute
  %5 = linalg.generic {indexing_maps = [affine_map<(d0) -> (-d0 + 3)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%1 : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
  ^bb0(%6: f32, %7: f32):
    linalg.yield %6 : f32
  } -> tensor<4xf32>
  %8 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%1 : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
  ^bb0(%9: f32, %10: f32):
    %11 = arith.negf %9 : f32
    linalg.yield %11 : f32
  } -> tensor<4xf32>
  func.return %5, %8 : tensor<4xf32>, tensor<4xf32>
}
