// A loop and a branch on integers, down to every level.

// RUN: stepwell opt %s -p O2 | golden collatz.hl.golden
// RUN: stepwell opt %s -p O2 --to linalg | golden collatz.linalg.golden
// RUN: stepwell opt %s -p O2 --to loops | golden collatz.loops.golden
// RUN: stepwell opt %s -p O2 --to cfg | golden collatz.cfg.golden
// RUN: stepwell opt %s -p O2 --to llvm | golden collatz.llvm.golden
// RUN-EXPECT: @collatz(27) == 111

func.func @collatz(%n: tensor<i32>) -> tensor<i32> {
  %zero = arith.constant dense<0> : tensor<i32>
  %one = arith.constant dense<1> : tensor<i32>
  %last, %steps = scf.while (%n_1 = %n, %steps_1 = %zero) : (tensor<i32>, tensor<i32>) -> (tensor<i32>, tensor<i32>) {
    %0 = hl.not_equal %n_1, %one : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %1 = tensor.extract %0[] : tensor<i1>
    scf.condition(%1) %n_1, %steps_1 : tensor<i32>, tensor<i32>
  } do {
  ^bb0(%n_2: tensor<i32>, %steps_2: tensor<i32>):
    %two = arith.constant dense<2> : tensor<i32>
    %three = arith.constant dense<3> : tensor<i32>
    %2 = hl.mod %n_2, %two : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %3 = hl.equal %2, %zero : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %4 = tensor.extract %3[] : tensor<i1>
    %5 = scf.if %4 -> (tensor<i32>) {
      %6 = hl.floordiv %n_2, %two : (tensor<i32>, tensor<i32>) -> tensor<i32>
      scf.yield %6 : tensor<i32>
    } else {
      %7 = hl.mul %three, %n_2 : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %8 = hl.add %7, %one : (tensor<i32>, tensor<i32>) -> tensor<i32>
      scf.yield %8 : tensor<i32>
    }
    %9 = hl.add %steps_2, %one : (tensor<i32>, tensor<i32>) -> tensor<i32>
    scf.yield %5, %9 : tensor<i32>, tensor<i32>
  }
  func.return %steps : tensor<i32>
}
