// Tensors as people may write them.
// RUN-EXPECT: @whole_of_rank_0(2.0) == 2.0
// RUN-EXPECT: @parts([[[[1], [2], [3]]], [[[4], [5], [6]]]], 1, 2) == ([[4, 6]], [[[[1], [4], [6]]], [[[4], [5], [6]]]])
// RUN-EXPECT: @old_value([[1, 2, 7]]) == ([[1, 2, 7]], [[9, 2, 7]])
// RUN-EXPECT: @switched([1, 2], 0) == ([9, 2], [9, 2])
// RUN-EXPECT: @switched([1, 2], 5) == ([9, 9], [9, 2])
// RUN-EXPECT: @switched([1, 2], 7) == ([1, 2], [9, 2])
// RUN-EXPECT: @in_a_region([1, 2], 5) == ([5, 2, 1, 2], 5)

func.func @whole_of_rank_0(%x: tensor<f32>) -> tensor<f32> {
  %0 = tensor.empty() : tensor<f32>
  %1 = tensor.extract_slice %x[] [] [] : tensor<f32> to tensor<f32>
  %2 = tensor.insert_slice %1 into %1[] [] [] : tensor<f32> into tensor<f32>
  func.return %2 : tensor<f32>
}

// Branches that give tensors: over what came in, or over what is needed later.
func.func @switched(%x: tensor<2xi32>, %i: index) -> (tensor<2xi32>, tensor<2xi32>) {
  %0 = arith.constant 0 : index
  %nine = arith.constant 9 : i32
  %a = tensor.insert %nine into %x[%0] : tensor<2xi32>
  %r = scf.index_switch %i -> tensor<2xi32>
  case 0 {
    %b = tensor.insert %nine into %x[%i] : tensor<2xi32>
    scf.yield %b : tensor<2xi32>
  }
  case 5 {
    %one = arith.constant 1 : index
    %c = tensor.insert %nine into %a[%one] : tensor<2xi32>
    scf.yield %c : tensor<2xi32>
  }
  default {
    scf.yield %x : tensor<2xi32>
  }
  func.return %r, %a : tensor<2xi32>, tensor<2xi32>
}

func.func @in_a_region(%x: tensor<?xi32>, %n: i32) -> (tensor<?xi32>, i32) {
  %0 = arith.constant 0 : index
  %r, %m = scf.execute_region -> (tensor<?xi32>, i32) {
    %a = tensor.insert %n into %x[%0] : tensor<?xi32>
    %b = tensor.concat dim(0) %a, %x : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
    scf.yield %b, %n : tensor<?xi32>, i32
  }
  func.return %r, %m : tensor<?xi32>, i32
}

// A Variable of a size that is known at run time only, read before it is assigned.
func.func @old_value(%v: memref<1x?xi32>) -> tensor<1x?xi32> {
  %0 = arith.constant 0 : index
  %nine = arith.constant 9 : i32
  %old = bufferization.to_tensor %v restrict : memref<1x?xi32> to tensor<1x?xi32>
  %new = tensor.insert %nine into %old[%0, %0] : tensor<1x?xi32>
  bufferization.materialize_in_destination %new in writable %v : (tensor<1x?xi32>, memref<1x?xi32>) -> ()
  func.return %old : tensor<1x?xi32>
}

// Parts without some of their axes: of those whose size is 1 at run time only those go that are known to be.
func.func @parts(%x: tensor<2x1x3x1xi32>, %one: index, %two: index) -> (tensor<?x?xi32>, tensor<2x1x3x1xi32>) {
  %part = tensor.extract_slice %x[1, 0, 0, 0] [%one, 1, %two, 1] [1, 1, 2, 1] : tensor<2x1x3x1xi32> to tensor<?x?xi32>
  %whole = tensor.insert_slice %part into %x[0, 0, 1, 0] [%one, 1, %two, 1] [1, 1, 1, 1] : tensor<?x?xi32> into tensor<2x1x3x1xi32>
  func.return %part, %whole : tensor<?x?xi32>, tensor<2x1x3x1xi32>
}
