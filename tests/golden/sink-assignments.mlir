// RUN: stepwell opt %s -p sink-assignments | filecheck %s
// RUN-EXPECT: @step([1.0, 2.0], [3.0, 4.0], [5.0, 6.0]) == ([9.0, 12.0], [6.0, 8.0], [9.0, 12.0])
// RUN-EXPECT: @checked([1.0, 2.0], [5.0, 6.0], True) == ([10.0, 12.0], [5.0, 6.0])

// The sum that is assigned to %m is what %w is computed from; both are assigned at the end.
// CHECK-LABEL: func.func @step(
// CHECK-NEXT:    %[[M:.*]] = bufferization.to_tensor %m restrict : memref<2xf32> to tensor<2xf32>
// CHECK-NEXT:    %[[E:.*]] = tensor.empty() : tensor<2xf32>
// CHECK-NEXT:    %[[S:.*]] = linalg.add ins(%[[M]], %x : tensor<2xf32>, tensor<2xf32>) outs(%[[E]] : tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:    %[[W:.*]] = bufferization.to_tensor %w restrict : memref<2xf32> to tensor<2xf32>
// CHECK-NEXT:    %[[T:.*]] = linalg.add ins(%[[W]], %[[S]] : tensor<2xf32>, tensor<2xf32>) outs(%[[E]] : tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:    bufferization.materialize_in_destination %[[S]] in writable %m : (tensor<2xf32>, memref<2xf32>) -> ()
// CHECK-NEXT:    bufferization.materialize_in_destination %[[T]] in writable %w : (tensor<2xf32>, memref<2xf32>) -> ()
// CHECK-NEXT:    func.return %[[T]] : tensor<2xf32>
func.func @step(%m: memref<2xf32>, %w: memref<2xf32>, %x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = bufferization.to_tensor %m restrict : memref<2xf32> to tensor<2xf32>
  %1 = tensor.empty() : tensor<2xf32>
  %2 = linalg.add ins(%0, %x : tensor<2xf32>, tensor<2xf32>) outs(%1 : tensor<2xf32>) -> tensor<2xf32>
  bufferization.materialize_in_destination %2 in writable %m : (tensor<2xf32>, memref<2xf32>) -> ()
  %3 = bufferization.to_tensor %w restrict : memref<2xf32> to tensor<2xf32>
  %4 = bufferization.to_tensor %m restrict : memref<2xf32> to tensor<2xf32>
  %5 = linalg.add ins(%3, %4 : tensor<2xf32>, tensor<2xf32>) outs(%1 : tensor<2xf32>) -> tensor<2xf32>
  bufferization.materialize_in_destination %5 in writable %w : (tensor<2xf32>, memref<2xf32>) -> ()
  func.return %5 : tensor<2xf32>
}

// A failure finds what was assigned before it.
// CHECK-LABEL: func.func @checked(
// CHECK-NEXT:    %[[E:.*]] = tensor.empty() : tensor<2xf32>
// CHECK-NEXT:    %[[S:.*]] = linalg.add ins(%x, %x : tensor<2xf32>, tensor<2xf32>) outs(%[[E]] : tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:    bufferization.materialize_in_destination %x in writable %m : (tensor<2xf32>, memref<2xf32>) -> ()
// CHECK-NEXT:    debug.assert %ok, "expected it to be so"() : i1, ()
// CHECK-NEXT:    func.return %[[S]] : tensor<2xf32>
func.func @checked(%m: memref<2xf32>, %x: tensor<2xf32>, %ok: i1) -> tensor<2xf32> {
  %0 = tensor.empty() : tensor<2xf32>
  bufferization.materialize_in_destination %x in writable %m : (tensor<2xf32>, memref<2xf32>) -> ()
  %1 = linalg.add ins(%x, %x : tensor<2xf32>, tensor<2xf32>) outs(%0 : tensor<2xf32>) -> tensor<2xf32>
  debug.assert %ok, "expected it to be so"() : i1, ()
  func.return %1 : tensor<2xf32>
}
