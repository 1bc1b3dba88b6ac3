// RUN: stepwell opt %s -p dce | filecheck %s
// RUN-EXPECT: @unused([1.0, -2.0]) == [1.0, -2.0]

// An op dies with the op that uses it.
// CHECK-LABEL: func.func @unused
// CHECK-NEXT:    func.return %x
func.func @unused(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = hl.exp %x : (tensor<?xf32>) -> tensor<?xf32>
  %1 = hl.neg %0 : (tensor<?xf32>) -> tensor<?xf32>
  func.return %x : tensor<?xf32>
}
