// Variables that called functions see under several names.
// RUN-EXPECT: @read_and_passed([1, 2]) == ([1, 2], [9, 2])
// RUN-EXPECT: @passed_twice([1, 2]) == ([1, 2], [9, 9])
// RUN-EXPECT: @computed_ahead([1, 2]) == ([2, 4], [3, 5])

// What was read of a Variable is passed to a function together with the Variable, which it assigns.
func.func @read_and_passed(%v: memref<2xi32>) -> tensor<2xi32> {
  %t = bufferization.to_tensor %v restrict : memref<2xi32> to tensor<2xi32>
  %r = func.call @assign(%v, %t) : (memref<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  func.return %r : tensor<2xi32>
}

func.func private @assign(%v: memref<2xi32>, %t: tensor<2xi32>) -> tensor<2xi32> {
  %0 = arith.constant 0 : index
  %nine = arith.constant 9 : i32
  %n = tensor.insert %nine into %t[%0] : tensor<2xi32>
  bufferization.materialize_in_destination %n in writable %v : (tensor<2xi32>, memref<2xi32>) -> ()
  func.return %t : tensor<2xi32>
}

// Both parameters of a function are one Variable: one is read, the other assigned.
func.func @passed_twice(%v: memref<2xi32>) -> tensor<2xi32> {
  %r = func.call @read_and_assign(%v, %v) : (memref<2xi32>, memref<2xi32>) -> tensor<2xi32>
  func.return %r : tensor<2xi32>
}

func.func private @read_and_assign(%a: memref<2xi32>, %b: memref<2xi32>) -> tensor<2xi32> {
  %nine = arith.constant dense<9> : tensor<2xi32>
  %t = bufferization.to_tensor %a restrict : memref<2xi32> to tensor<2xi32>
  bufferization.materialize_in_destination %nine in writable %b : (tensor<2xi32>, memref<2xi32>) -> ()
  func.return %t : tensor<2xi32>
}

// What is assigned to one of them is computed before the other one is read.
func.func @computed_ahead(%v: memref<2xi32>) -> tensor<2xi32> {
  %r = func.call @compute_and_read(%v, %v) : (memref<2xi32>, memref<2xi32>) -> tensor<2xi32>
  func.return %r : tensor<2xi32>
}

func.func private @compute_and_read(%a: memref<2xi32>, %b: memref<2xi32>) -> tensor<2xi32> {
  %e = tensor.empty() : tensor<2xi32>
  %new = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%e : tensor<2xi32>) {
  ^bb0(%x: i32):
    %i = linalg.index 0 : index
    %n = arith.index_cast %i : index to i32
    %two = arith.constant 2 : i32
    %three = arith.constant 3 : i32
    %d = arith.muli %n, %two : i32
    %s = arith.addi %d, %three : i32
    linalg.yield %s : i32
  } -> tensor<2xi32>
  %old = bufferization.to_tensor %a restrict : memref<2xi32> to tensor<2xi32>
  bufferization.materialize_in_destination %new in writable %b : (tensor<2xi32>, memref<2xi32>) -> ()
  %twice = linalg.add ins(%old, %old : tensor<2xi32>, tensor<2xi32>) outs(%e : tensor<2xi32>) -> tensor<2xi32>
  func.return %twice : tensor<2xi32>
}
