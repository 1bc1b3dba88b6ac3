// RUN: stepwell opt %s -p insert-runtime-checks | filecheck %s
// RUN-EXPECT: @loaded([[1, 2, 3]], 0, 2) == 3
// RUN-EXPECT: @divided(7, 2) == 3

// An index that is known to be right is not checked.
// CHECK-LABEL: func.func @loaded(
// CHECK-NEXT:    arith.constant 0 : index
// CHECK-NEXT:    arith.constant 1 : index
// CHECK-NEXT:    %[[N:.*]] = memref.dim %x
// CHECK-NEXT:    %[[OK:.*]] = arith.cmpi ult, %j, %[[N]] : index
// CHECK-NEXT:    debug.assert %[[OK]], "memref.load: index {0} is out of range for axis 1 of size {1}"(%j, %[[N]])
// CHECK-NEXT:    memref.load
func.func @loaded(%x: memref<1x?xi32>, %i: i32, %j: index) -> i32 {
  %0 = arith.constant 0 : index
  %1 = memref.load %x[%0, %j] : memref<1x?xi32>
  func.return %1 : i32
}

// CHECK-LABEL: func.func @divided(
// CHECK:         debug.assert %{{.*}}, "arith.divsi: division by zero"
// CHECK:         debug.assert %{{.*}}, "arith.divsi: the smallest number divided by -1 is too large"
// CHECK:         arith.divsi
func.func @divided(%a: i32, %b: i32) -> i32 {
  %0 = arith.divsi %a, %b : i32
  func.return %0 : i32
}

// Memory is not freed, and no flag makes a sum undefined.
// CHECK-LABEL: func.func @freed(
// CHECK-NOT:     memref.dealloc
// CHECK-NOT:     nsw
func.func @freed(%a: i32) -> i32 {
  %0 = memref.alloc() : memref<i32>
  memref.dealloc %0 : memref<i32>
  %1 = arith.addi %a, %a overflow<nsw> : i32
  func.return %1 : i32
}
