// RUN: stepwell opt %s -p convert-hl-to-linalg | filecheck %s
// RUN-EXPECT: @elementwise([1, 2], [3, 4]) == [4, 6]
// RUN-EXPECT: @elementwise([1, 2], [3]) == [4, 5]
// RUN-EXPECT: @sum([[1, 2], [3, 4]]) == [3, 7]
// RUN-EXPECT: @update([1, 2], [3, 4]) == [4, 6]

// Operands of unknown sizes broadcast, which is checked when the program runs.
// CHECK-LABEL: func.func @elementwise(
// CHECK-NEXT:    %[[V0:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[V1:.*]] = tensor.dim %x, %[[V0]] : tensor<?xi32>
// CHECK-NEXT:    %[[V2:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[V3:.*]] = tensor.dim %y, %[[V2]] : tensor<?xi32>
// CHECK-NEXT:    %[[V4:.*]] = arith.constant 1 : index
// CHECK-NEXT:    %[[V5:.*]] = arith.cmpi eq, %[[V1]], %[[V4]] : index
// CHECK-NEXT:    %[[V6:.*]] = arith.select %[[V5]], %[[V3]], %[[V1]] : index
// CHECK-NEXT:    %[[V7:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[V8:.*]] = tensor.dim %x, %[[V7]] : tensor<?xi32>
// CHECK-NEXT:    %[[V9:.*]] = arith.cmpi eq, %[[V8]], %[[V6]] : index
// CHECK-NEXT:    %[[V10:.*]] = arith.constant 1 : index
// CHECK-NEXT:    %[[V11:.*]] = arith.cmpi eq, %[[V8]], %[[V10]] : index
// CHECK-NEXT:    %[[V12:.*]] = arith.ori %[[V9]], %[[V11]] : i1
// CHECK-NEXT:    debug.assert %[[V12]], "shapes do not broadcast: axis 0 has size {0}, expected {1}"(%[[V8]], %[[V6]]) : i1, (index, index)
// CHECK-NEXT:    %[[V13:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[V14:.*]] = tensor.dim %x, %[[V13]] : tensor<?xi32>
// CHECK-NEXT:    %[[V15:.*]] = arith.cmpi ne, %[[V14]], %[[V6]] : index
// CHECK-NEXT:    %[[V16:.*]] = scf.if %[[V15]] -> (tensor<?xi32>) {
// CHECK-NEXT:      %[[V17:.*]] = tensor.empty(%[[V6]]) : tensor<?xi32>
// CHECK-NEXT:      %[[V18:.*]] = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%[[V17]] : tensor<?xi32>) {
// CHECK-NEXT:      ^bb0(%[[V19:.*]]: i32):
// CHECK-NEXT:        %[[V20:.*]] = linalg.index 0 : index
// CHECK-NEXT:        %[[V21:.*]] = arith.constant 0 : index
// CHECK-NEXT:        %[[V22:.*]] = tensor.dim %x, %[[V21]] : tensor<?xi32>
// CHECK-NEXT:        %[[V23:.*]] = arith.constant 1 : index
// CHECK-NEXT:        %[[V24:.*]] = arith.cmpi eq, %[[V22]], %[[V23]] : index
// CHECK-NEXT:        %[[V25:.*]] = arith.constant 0 : index
// CHECK-NEXT:        %[[V26:.*]] = arith.select %[[V24]], %[[V25]], %[[V20]] : index
// CHECK-NEXT:        %[[V27:.*]] = tensor.extract %x[%[[V26]]] : tensor<?xi32>
// CHECK-NEXT:        linalg.yield %[[V27]] : i32
// CHECK-NEXT:      } -> tensor<?xi32>
// CHECK-NEXT:      scf.yield %[[V18]] : tensor<?xi32>
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scf.yield %x : tensor<?xi32>
// CHECK-NEXT:    }
// CHECK-NEXT:    %[[V28:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[V29:.*]] = tensor.dim %y, %[[V28]] : tensor<?xi32>
// CHECK-NEXT:    %[[V30:.*]] = arith.cmpi eq, %[[V29]], %[[V6]] : index
// CHECK-NEXT:    %[[V31:.*]] = arith.constant 1 : index
// CHECK-NEXT:    %[[V32:.*]] = arith.cmpi eq, %[[V29]], %[[V31]] : index
// CHECK-NEXT:    %[[V33:.*]] = arith.ori %[[V30]], %[[V32]] : i1
// CHECK-NEXT:    debug.assert %[[V33]], "shapes do not broadcast: axis 0 has size {0}, expected {1}"(%[[V29]], %[[V6]]) : i1, (index, index)
// CHECK-NEXT:    %[[V34:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[V35:.*]] = tensor.dim %y, %[[V34]] : tensor<?xi32>
// CHECK-NEXT:    %[[V36:.*]] = arith.cmpi ne, %[[V35]], %[[V6]] : index
// CHECK-NEXT:    %[[V37:.*]] = scf.if %[[V36]] -> (tensor<?xi32>) {
// CHECK-NEXT:      %[[V38:.*]] = tensor.empty(%[[V6]]) : tensor<?xi32>
// CHECK-NEXT:      %[[V39:.*]] = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%[[V38]] : tensor<?xi32>) {
// CHECK-NEXT:      ^bb0(%[[V40:.*]]: i32):
// CHECK-NEXT:        %[[V41:.*]] = linalg.index 0 : index
// CHECK-NEXT:        %[[V42:.*]] = arith.constant 0 : index
// CHECK-NEXT:        %[[V43:.*]] = tensor.dim %y, %[[V42]] : tensor<?xi32>
// CHECK-NEXT:        %[[V44:.*]] = arith.constant 1 : index
// CHECK-NEXT:        %[[V45:.*]] = arith.cmpi eq, %[[V43]], %[[V44]] : index
// CHECK-NEXT:        %[[V46:.*]] = arith.constant 0 : index
// CHECK-NEXT:        %[[V47:.*]] = arith.select %[[V45]], %[[V46]], %[[V41]] : index
// CHECK-NEXT:        %[[V48:.*]] = tensor.extract %y[%[[V47]]] : tensor<?xi32>
// CHECK-NEXT:        linalg.yield %[[V48]] : i32
// CHECK-NEXT:      } -> tensor<?xi32>
// CHECK-NEXT:      scf.yield %[[V39]] : tensor<?xi32>
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scf.yield %y : tensor<?xi32>
// CHECK-NEXT:    }
// CHECK-NEXT:    %[[V49:.*]] = tensor.empty(%[[V6]]) : tensor<?xi32>
// CHECK-NEXT:    %[[V50:.*]] = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%[[V16]], %[[V37]] : tensor<?xi32>, tensor<?xi32>) outs(%[[V49]] : tensor<?xi32>) {
// CHECK-NEXT:    ^bb0(%[[V51:.*]]: i32, %[[V52:.*]]: i32, %[[V53:.*]]: i32):
// CHECK-NEXT:      %[[V54:.*]] = arith.addi %[[V51]], %[[V52]] : i32
// CHECK-NEXT:      linalg.yield %[[V54]] : i32
// CHECK-NEXT:    } -> tensor<?xi32>
// CHECK-NEXT:    func.return %[[V50]] : tensor<?xi32>
func.func @elementwise(%x: tensor<?xi32>, %y: tensor<?xi32>) -> tensor<?xi32> {
  %0 = hl.add %x, %y : (tensor<?xi32>, tensor<?xi32>) -> tensor<?xi32>
  func.return %0 : tensor<?xi32>
}

// A reduction starts from its neutral value; the index map of the result leaves the axis out.
// CHECK-LABEL: func.func @sum(
// CHECK-NEXT:    %[[V0:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:    %[[V1:.*]] = arith.constant 2 : index
// CHECK-NEXT:    %[[V2:.*]] = tensor.empty() : tensor<2xf32>
// CHECK-NEXT:    %[[V3:.*]] = linalg.fill ins(%[[V0]] : f32) outs(%[[V2]] : tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:    %[[V4:.*]] = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<2x2xf32>) outs(%[[V3]] : tensor<2xf32>) {
// CHECK-NEXT:    ^bb0(%[[V5:.*]]: f32, %[[V6:.*]]: f32):
// CHECK-NEXT:      %[[V7:.*]] = arith.addf %[[V6]], %[[V5]] : f32
// CHECK-NEXT:      linalg.yield %[[V7]] : f32
// CHECK-NEXT:    } -> tensor<2xf32>
// CHECK-NEXT:    func.return %[[V4]] : tensor<2xf32>
func.func @sum(%x: tensor<2x2xf32>) -> tensor<2xf32> {
  %0 = hl.sum %x {axes = array<i64: 1>, keepdims = false} : (tensor<2x2xf32>) -> tensor<2xf32>
  func.return %0 : tensor<2xf32>
}

// A Variable becomes memory that is updated in place.
// CHECK-LABEL: func.func @update(
// CHECK-NEXT:    %[[V0:.*]] = bufferization.to_tensor %v restrict : memref<2xf32> to tensor<2xf32>
// CHECK-NEXT:    %[[V1:.*]] = arith.constant 2 : index
// CHECK-NEXT:    %[[V2:.*]] = tensor.empty() : tensor<2xf32>
// CHECK-NEXT:    %[[V3:.*]] = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%[[V0]], %x : tensor<2xf32>, tensor<2xf32>) outs(%[[V2]] : tensor<2xf32>) {
// CHECK-NEXT:    ^bb0(%[[V4:.*]]: f32, %[[V5:.*]]: f32, %[[V6:.*]]: f32):
// CHECK-NEXT:      %[[V7:.*]] = arith.addf %[[V4]], %[[V5]] : f32
// CHECK-NEXT:      linalg.yield %[[V7]] : f32
// CHECK-NEXT:    } -> tensor<2xf32>
// CHECK-NEXT:    bufferization.materialize_in_destination %[[V3]] in writable %v : (tensor<2xf32>, memref<2xf32>) -> ()
// CHECK-NEXT:    func.return
func.func @update(%v: !state.variable<tensor<2xf32>>, %x: tensor<2xf32>) {
  state.assign_add %v, %x : !state.variable<tensor<2xf32>>, tensor<2xf32>
  func.return
}
