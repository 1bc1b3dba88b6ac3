// Branches that other programs do not have.
// RUN-EXPECT: @one_target(True, 1.5, 7) == (3.0, 7)
// RUN-EXPECT: @one_target(False, 1.5, 7) == (1.5, -7)

// Both sides of a branch lead to one block, with other operands.
func.func @one_target(%c: i1, %x: f32, %n: i64) -> (f32, i64) {
  %y = arith.addf %x, %x : f32
  %zero = arith.constant 0 : i64
  %m = arith.subi %zero, %n : i64
  cf.cond_br %c, ^one(%y, %n : f32, i64), ^one(%x, %m : f32, i64)
^one(%a: f32, %b: i64):
  func.return %a, %b : f32, i64
}
