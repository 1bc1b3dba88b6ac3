// RUN: stepwell opt %s -p insert-timers --locations | filecheck %s

// A slot for the loop, with the lines in it, and one for what is around it; the times go to a new argument.
// CHECK-LABEL: func.func @copy(
// CHECK-SAME:    %[[TIMES:[^:]*]]: memref<7xi64>)
// CHECK-SAME:    {what = "loop", places = ["insert-timers.mlir:[[# @LINE + 11]]:3"
// CHECK:         debug.lap %[[TIMES]][0 : i64]
// CHECK:         scf.for
// CHECK:         }
// CHECK-NEXT:    debug.lap %[[TIMES]][1 : i64]
// CHECK-NEXT:    debug.lap %[[TIMES]][2 : i64]
// CHECK-NEXT:    func.return
func.func @copy(%x: memref<8xf32>, %y: memref<8xf32>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 8 : index
  scf.for %i = %0 to %2 step %1 {
    %a = memref.load %x[%i] : memref<8xf32>
    memref.store %a, %y[%i] : memref<8xf32>
  }
  func.return
}
