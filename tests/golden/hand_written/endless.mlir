// RUN: stepwell opt %s -p canonicalize | filecheck %s

// A loop without an end stays one.
// CHECK-LABEL: func.func @endless(
// CHECK-NEXT:    cf.br ^[[A:.*]]
// CHECK-NEXT:  ^[[A]]:
// CHECK-NEXT:    cf.br ^[[A]]
func.func @endless() {
  cf.br ^a
^a:
  cf.br ^b
^b:
  cf.br ^a
}

// Blocks that nothing leads to go, also where they lead to each other.
// CHECK-LABEL: func.func @unreachable(
// CHECK-NEXT:    func.return %n : i32
// CHECK-NEXT:  }
func.func @unreachable(%n: i32) -> i32 {
  %no = arith.constant false
  cf.cond_br %no, ^a(%n : i32), ^end(%n : i32)
^a(%x: i32):
  %y = arith.addi %x, %n : i32
  cf.br ^b(%y : i32)
^b(%z: i32):
  %w = arith.muli %z, %n : i32
  cf.cond_br %no, ^end(%w : i32), ^a(%w : i32)
^end(%result: i32):
  func.return %result : i32
}
