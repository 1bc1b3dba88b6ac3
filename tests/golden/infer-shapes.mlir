// RUN: stepwell opt %s -p infer-shapes | filecheck %s
// RUN-EXPECT: @through_branches([[0, 1, 2], [3, 4, 5]], False) == [[0, 1, 2], [3, 4, 5]]
// RUN-EXPECT: @loop([0, 0, 0, 0], 2) == [2, 2, 2, 2]

// Sizes that are known on both sides are those of the result, and of the function.
// CHECK-LABEL: func.func @through_branches(
// CHECK-NEXT:    %[[S:.*]] = tensor.extract %p[] : tensor<i1>
// CHECK-NEXT:    %[[R:.*]] = scf.if %[[S]] -> (tensor<2x3xf32>) {
// CHECK-NEXT:      %[[V0:.*]] = hl.exp %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK-NEXT:      scf.yield %[[V0]] : tensor<2x3xf32>
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scf.yield %x : tensor<2x3xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %[[R]] : tensor<2x3xf32>
func.func @through_branches(%x: tensor<2x3xf32>, %p: tensor<i1>) -> tensor<?x?xf32> {
  %s = tensor.extract %p[] : tensor<i1>
  %r = scf.if %s -> (tensor<?x?xf32>) {
    %0 = hl.exp %x : (tensor<2x3xf32>) -> tensor<?x3xf32>
    %1 = tensor.cast %0 : tensor<?x3xf32> to tensor<?x?xf32>
    scf.yield %1 : tensor<?x?xf32>
  } else {
    %2 = tensor.cast %x : tensor<2x3xf32> to tensor<?x?xf32>
    scf.yield %2 : tensor<?x?xf32>
  }
  func.return %r : tensor<?x?xf32>
}

// What a loop carries keeps its type; what is computed in it is refined.
// CHECK-LABEL: func.func @loop(
// CHECK-NEXT:    %[[M:.*]] = tensor.extract %n[] : tensor<i32>
// CHECK-NEXT:    %[[K:.*]] = arith.index_cast %[[M]] : i32 to index
// CHECK-NEXT:    %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[ONE:.*]] = arith.constant 1 : index
// CHECK-NEXT:    %[[V0:.*]] = tensor.cast %x : tensor<4xf32> to tensor<?xf32>
// CHECK-NEXT:    %[[R:.*]] = scf.for %[[I:.*]] = %[[ZERO]] to %[[K]] step %[[ONE]] iter_args(%[[Y:.*]] = %[[V0]]) -> (tensor<?xf32>) {
// CHECK-NEXT:      %[[Z:.*]] = hl.exp %x : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:      %[[W:.*]] = hl.add %[[Y]], %[[Z]] : (tensor<?xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:      %[[V1:.*]] = tensor.cast %[[W]] : tensor<4xf32> to tensor<?xf32>
// CHECK-NEXT:      scf.yield %[[V1]] : tensor<?xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %[[R]] : tensor<?xf32>
func.func @loop(%x: tensor<4xf32>, %n: tensor<i32>) -> tensor<?xf32> {
  %m = tensor.extract %n[] : tensor<i32>
  %k = arith.index_cast %m : i32 to index
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %c = tensor.cast %x : tensor<4xf32> to tensor<?xf32>
  %r = scf.for %i = %zero to %k step %one iter_args(%y = %c) -> (tensor<?xf32>) {
    %z = hl.exp %x : (tensor<4xf32>) -> tensor<?xf32>
    %w = hl.add %y, %z : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    scf.yield %w : tensor<?xf32>
  }
  func.return %r : tensor<?xf32>
}
