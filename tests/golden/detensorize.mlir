// RUN: stepwell opt %s -p detensorize | filecheck %s
// RUN-EXPECT: @scalar(1.5) == 3.0
// RUN-EXPECT: @counter(7) == 9

// A tensor of rank 0 is a scalar, but for where a function takes and gives it.
// CHECK-LABEL: func.func @scalar(
// CHECK-NEXT:    %[[V0:.*]] = tensor.extract %x[] : tensor<f32>
// CHECK-NEXT:    %[[V1:.*]] = arith.addf %[[V0]], %[[V0]] : f32
// CHECK-NEXT:    %[[V2:.*]] = tensor.from_elements %[[V1]] : tensor<f32>
// CHECK-NEXT:    func.return %[[V2]] : tensor<f32>
func.func @scalar(%x: tensor<f32>) -> tensor<f32> {
  %0 = tensor.empty() : tensor<f32>
  %1 = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%x : tensor<f32>) outs(%0 : tensor<f32>) {
  ^bb0(%2: f32, %3: f32):
    %4 = arith.addf %2, %2 : f32
    linalg.yield %4 : f32
  } -> tensor<f32>
  func.return %1 : tensor<f32>
}

// What a loop carries is a scalar too, and what it only looks at is read once.
// CHECK-LABEL: func.func @counter(
// CHECK-NEXT:    %[[B:.*]] = tensor.extract %n[] : tensor<i32>
// CHECK-NEXT:    %[[V0:.*]] = arith.constant 0 : i32
// CHECK-NEXT:    %[[V1:.*]] = scf.while (%[[I:.*]] = %[[V0]]) : (i32) -> i32 {
// CHECK-NEXT:      %[[C:.*]] = arith.cmpi slt, %[[I]], %[[B]] : i32
// CHECK-NEXT:      scf.condition(%[[C]]) %[[I]] : i32
// CHECK-NEXT:    } do {
// CHECK-NEXT:    ^bb0(%[[I_1:.*]]: i32):
// CHECK-NEXT:      %[[V2:.*]] = arith.constant 3 : i32
// CHECK-NEXT:      %[[V3:.*]] = arith.addi %[[I_1]], %[[V2]] : i32
// CHECK-NEXT:      scf.yield %[[V3]] : i32
// CHECK-NEXT:    }
// CHECK-NEXT:    %[[V4:.*]] = tensor.from_elements %[[V1]] : tensor<i32>
// CHECK-NEXT:    func.return %[[V4]] : tensor<i32>
func.func @counter(%n: tensor<i32>) -> tensor<i32> {
  %0 = arith.constant dense<0> : tensor<i32>
  %1 = scf.while (%i = %0) : (tensor<i32>) -> tensor<i32> {
    %a = tensor.extract %i[] : tensor<i32>
    %b = tensor.extract %n[] : tensor<i32>
    %c = arith.cmpi slt, %a, %b : i32
    scf.condition(%c) %i : tensor<i32>
  } do {
  ^bb0(%i: tensor<i32>):
    %2 = tensor.empty() : tensor<i32>
    %3 = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%i : tensor<i32>) outs(%2 : tensor<i32>) {
    ^bb1(%4: i32, %5: i32):
      %6 = arith.constant 3 : i32
      %7 = arith.addi %4, %6 : i32
      linalg.yield %7 : i32
    } -> tensor<i32>
    scf.yield %3 : tensor<i32>
  }
  func.return %1 : tensor<i32>
}
