// Arithmetic whose results do not fit into one word.

func.func @product(%a: i64, %b: i64) -> (i64, i64) {
  %low, %high = arith.mulsi_extended %a, %b : i64
  func.return %low, %high : i64, i64
}
// RUN-EXPECT: @product(-3, 9223372036854775807) == (-9223372036854775805, -2)

func.func @unsigned_product(%a: i64, %b: i64) -> (i64, i64) {
  %low, %high = arith.mului_extended %a, %b : i64
  func.return %low, %high : i64, i64
}
// RUN-EXPECT: @unsigned_product(-1, -1) == (1, -2)
