// RUN: stepwell opt %s -p inline | filecheck %s
// RUN: stepwell opt %s -p inline --locations | filecheck %s --check-prefix=LINE
// RUN-EXPECT: @f([2, 3], True) == [16, 81]

// LINE: hl.mul {{.*}} loc("inline.mlir":9:3)
// CHECK-NOT: func.func private

func.func private @square(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = hl.mul %x, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  func.return %0 : tensor<?xf32>
}
func.func private @fourth(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = func.call @square(%x) : (tensor<?xf32>) -> tensor<?xf32>
  %1 = func.call @square(%0) : (tensor<?xf32>) -> tensor<?xf32>
  func.return %1 : tensor<?xf32>
}
// Calls of calls are replaced, in branches too; private functions are gone, and ops keep their lines.
// CHECK-LABEL: func.func @f(
// CHECK-NEXT:    %[[S:.*]] = tensor.extract %p[] : tensor<i1>
// CHECK-NEXT:    %[[R:.*]] = scf.if %[[S]] -> (tensor<?xf32>) {
// CHECK-NEXT:      %[[V0:.*]] = hl.mul %x, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:      %[[V1:.*]] = hl.mul %[[V0]], %[[V0]] : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:      scf.yield %[[V1]] : tensor<?xf32>
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scf.yield %x : tensor<?xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    func.return %[[R]] : tensor<?xf32>
func.func @f(%x: tensor<?xf32>, %p: tensor<i1>) -> tensor<?xf32> {
  %s = tensor.extract %p[] : tensor<i1>
  %r = scf.if %s -> (tensor<?xf32>) {
    %0 = func.call @fourth(%x) : (tensor<?xf32>) -> tensor<?xf32>
    scf.yield %0 : tensor<?xf32>
  } else {
    scf.yield %x : tensor<?xf32>
  }
  func.return %r : tensor<?xf32>
}
