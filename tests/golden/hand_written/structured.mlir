// Structured control flow that tracing does not make.
// RUN-EXPECT: @chosen(0, [5]) == (10, 5)
// RUN-EXPECT: @chosen(7, [5]) == (20, 5)
// RUN-EXPECT: @chosen(-1, [5]) == (30, 5)
// RUN-EXPECT: @chosen(-9223372036854775808, [5]) == (30, 5)
// RUN-EXPECT: @chosen(4294967303, [5]) == (30, 5)
// RUN-EXPECT: @nothing(5, [1]) == [6]
// RUN-EXPECT: @once(4, [0]) == (5, [4])
// RUN-EXPECT: @totals([[1, 2], [3, 4], [5, 6]], 2) == (19, 5, [[101, 2], [103, 4], [105, 6]])
// RUN-EXPECT: @empty(3, 7) == 7

func.func @chosen(%i: index, %m: memref<1xi32>) -> (i32, i32) {
  %0 = arith.constant 0 : index
  %five = memref.load %m[%0] : memref<1xi32>
  %r = scf.index_switch %i -> i32
  case 0 {
    %a = arith.constant 10 : i32
    scf.yield %a : i32
  }
  case 7 {
    %b = arith.constant 20 : i32
    scf.yield %b : i32
  }
  default {
    %c = arith.constant 30 : i32
    scf.yield %c : i32
  }
  func.return %r, %five : i32, i32
}

// No results, no cases.
func.func @nothing(%i: index, %m: memref<1xi32>) {
  %0 = arith.constant 0 : index
  scf.index_switch %i
  default {
    %a = memref.load %m[%0] : memref<1xi32>
    %n = arith.index_cast %i : index to i32
    %b = arith.addi %a, %n : i32
    memref.store %b, %m[%0] : memref<1xi32>
    scf.yield
  }
  func.return
}

func.func @once(%n: i32, %m: memref<1xi32>) -> i32 {
  %0 = arith.constant 0 : index
  %r = scf.execute_region -> (i32) {
    memref.store %n, %m[%0] : memref<1xi32>
    %1 = arith.constant 1 : i32
    %more = arith.addi %n, %1 : i32
    scf.yield %more : i32
  }
  func.return %r : i32
}

// In steps, with the total of all elements that are seen and the largest of them.
func.func @totals(%m: memref<3x2xi32>, %step: index) -> (i32, i32) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  %3 = arith.constant 3 : index
  %ten = arith.constant 10 : i32
  %none = arith.constant 0 : i32
  %sum, %most = "scf.parallel"(%0, %0, %3, %2, %1, %step, %ten, %none) <{operandSegmentSizes = array<i32: 2, 2, 2, 2>}> ({
  ^bb0(%i: index, %j: index):
    %a = memref.load %m[%i, %j] : memref<3x2xi32>
    %hundred = arith.constant 100 : i32
    %b = arith.addi %a, %hundred : i32
    memref.store %b, %m[%i, %j] : memref<3x2xi32>
    scf.reduce(%a, %a : i32, i32) {
    ^bb1(%x: i32, %y: i32):
      %s = arith.addi %x, %y : i32
      scf.reduce.return %s : i32
    } {
    ^bb1(%x: i32, %y: i32):
      %s = arith.maxsi %x, %y : i32
      scf.reduce.return %s : i32
    }
  }) : (index, index, index, index, index, index, i32, i32) -> (i32, i32)
  func.return %sum, %most : i32, i32
}

// No iterations: the total is what it starts from.
func.func @empty(%n: index, %start: i32) -> i32 {
  %1 = arith.constant 1 : index
  %sum = "scf.parallel"(%n, %n, %1, %start) <{operandSegmentSizes = array<i32: 1, 1, 1, 1>}> ({
  ^bb0(%i: index):
    scf.reduce(%start : i32) {
    ^bb1(%x: i32, %y: i32):
      %s = arith.addi %x, %y : i32
      scf.reduce.return %s : i32
    }
  }) : (index, index, index, i32) -> i32
  func.return %sum : i32
}
