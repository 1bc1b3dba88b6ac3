// RUN: stepwell opt %s -p fuse-elementwise | filecheck %s
// RUN: stepwell opt %s --why-not fuse-elementwise 2>&1 | filecheck %s --check-prefix=REMARK
// RUN-EXPECT: @products([[1, -2, 3], [0, 0, -128]], [[1, 1, 1, 1], [0, 0, 0, -1], [2, -128, 1, 0]], [[1, 1, 1, 1], [0, 0, 0, 0]]) == [[8, 386, 5, 0], [-256, -16384, -128, 0]]
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

// Into a contraction, which is lowered to a kernel, only extensions of narrow integers are fused.
// CHECK-LABEL: func.func @products(
// CHECK:         math.absi
// CHECK:         linalg.generic
// CHECK-SAME:      iterator_types = ["parallel", "parallel", "reduction"]} ins(%{{.*}}, %a : tensor<3x4xi8>, tensor<2x3xi8>)
// CHECK-NEXT:    ^bb0(%[[B:.*]]: i8, %[[A:.*]]: i8, %{{.*}}: i32):
// CHECK-DAG:       %[[X:.*]] = arith.extsi %[[A]] : i8 to i32
// CHECK-DAG:       %[[Y:.*]] = arith.extui %[[B]] : i8 to i32
// CHECK:           arith.muli %[[X]], %[[Y]] : i32
func.func @products(%a: tensor<2x3xi8>, %b: tensor<3x4xi8>, %c: tensor<2x4xi32>) -> tensor<2x4xi32> {
  %0 = tensor.empty() : tensor<2x3xi32>
  %1 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<2x3xi8>) outs(%0 : tensor<2x3xi32>) {
  ^bb0(%2: i8, %3: i32):
    %4 = arith.extsi %2 : i8 to i32
    linalg.yield %4 : i32
  } -> tensor<2x3xi32>
  %5 = tensor.empty() : tensor<3x4xi8>
  %6 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%b : tensor<3x4xi8>) outs(%5 : tensor<3x4xi8>) {
  ^bb0(%7: i8, %8: i8):
    %9 = math.absi %7 : i8
    linalg.yield %9 : i8
  } -> tensor<3x4xi8>
  %10 = tensor.empty() : tensor<3x4xi32>
  %11 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%6 : tensor<3x4xi8>) outs(%10 : tensor<3x4xi32>) {
  ^bb0(%12: i8, %13: i32):
    %14 = arith.extui %12 : i8 to i32
    linalg.yield %14 : i32
  } -> tensor<3x4xi32>
  %15 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%1, %11 : tensor<2x3xi32>, tensor<3x4xi32>) outs(%c : tensor<2x4xi32>) {
  ^bb0(%16: i32, %17: i32, %18: i32):
    %19 = arith.muli %16, %17 : i32
    %20 = arith.addi %18, %19 : i32
    linalg.yield %20 : i32
  } -> tensor<2x4xi32>
  func.return %15 : tensor<2x4xi32>
}
