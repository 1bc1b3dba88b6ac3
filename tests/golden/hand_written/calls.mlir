// Calls of private functions: what they give back, and memory that they see under several names.
// RUN-EXPECT: @scalars(3, 2.5) == (6, False, 1.25)
// RUN-EXPECT: @memory(3) == [3, 4]
// RUN-EXPECT: @part([1, 2, 3, 4], 5) == [1, 2, 5, 4]
// RUN-EXPECT: @factorial(5) == 120
// RUN-EXPECT: @vectors([1, 2, 3, 4], 10) == [11, 12, 13, 14]
// RUN-EXPECT: @overlapping([1, 2]) == (9, [9, 2])
// RUN-EXPECT: @chosen(True, [1], [2]) == [7]

func.func @scalars(%n: i32, %x: f64) -> (i32, i1, f64) {
  %r:3 = func.call @several(%n, %x) : (i32, f64) -> (i32, i1, f64)
  func.return %r#0, %r#1, %r#2 : i32, i1, f64
}

func.func private @several(%n: i32, %x: f64) -> (i32, i1, f64) {
  %a = arith.addi %n, %n : i32
  %b = arith.cmpi sgt, %n, %a : i32
  %half = arith.constant 5.0e-01 : f64
  %c = arith.mulf %x, %half : f64
  func.return %a, %b, %c : i32, i1, f64
}

// Fresh memory of a called function, of a size that the caller does not know.
func.func @memory(%n: i32) -> memref<?xi32> {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %m = func.call @fresh(%n) : (i32) -> memref<?xi32>
  %one = arith.constant 1 : i32
  %v = memref.load %m[%0] : memref<?xi32>
  %w = arith.addi %v, %one : i32
  memref.store %w, %m[%1] : memref<?xi32>
  %other = func.call @fresh(%one) : (i32) -> memref<?xi32>
  memref.dealloc %other : memref<?xi32>
  func.return %m : memref<?xi32>
}

func.func private @fresh(%n: i32) -> memref<?xi32> {
  %0 = arith.constant 0 : index
  %m = memref.alloc() : memref<2xi32>
  memref.store %n, %m[%0] : memref<2xi32>
  %r = "memref.cast"(%m) : (memref<2xi32>) -> memref<?xi32>
  func.return %r : memref<?xi32>
}

// A part of the caller's memory, through which it then writes.
func.func @part(%x: memref<4xi32>, %n: i32) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %p = func.call @upper(%x, %1) : (memref<4xi32>, index) -> memref<2xi32, strided<[1], offset: ?>>
  memref.store %n, %p[%0] : memref<2xi32, strided<[1], offset: ?>>
  func.return
}

func.func private @upper(%x: memref<4xi32>, %i: index) -> memref<2xi32, strided<[1], offset: ?>> {
  %2 = arith.addi %i, %i : index
  %p = memref.subview %x[%2][2][1] : memref<4xi32> to memref<2xi32, strided<[1], offset: ?>>
  func.return %p : memref<2xi32, strided<[1], offset: ?>>
}

func.func @factorial(%n: i32) -> i32 {
  %one = arith.constant 1 : i32
  %r = func.call @product(%n, %one) : (i32, i32) -> i32
  func.return %r : i32
}

func.func private @product(%n: i32, %so_far: i32) -> i32 {
  %0 = arith.constant 0 : i32
  %goes_on = arith.cmpi sgt, %n, %0 : i32
  cf.cond_br %goes_on, ^more, ^done
^more:
  %one = arith.constant 1 : i32
  %next = arith.muli %so_far, %n : i32
  %less = arith.subi %n, %one : i32
  %r = func.call @product(%less, %next) : (i32, i32) -> i32
  func.return %r : i32
^done:
  func.return %so_far : i32
}

// Both arguments are the same memory: what is written to one is read from the other.
func.func @overlapping(%x: memref<2xi32>) -> i32 {
  %r = func.call @write_and_read(%x, %x) : (memref<2xi32>, memref<2xi32>) -> i32
  func.return %r : i32
}

func.func private @write_and_read(%x: memref<2xi32>, %y: memref<2xi32>) -> i32 {
  %0 = arith.constant 0 : index
  %nine = arith.constant 9 : i32
  %before = memref.load %y[%0] : memref<2xi32>
  memref.store %nine, %x[%0] : memref<2xi32>
  %r = memref.load %y[%0] : memref<2xi32>
  func.return %r : i32
}

// Which argument is written to is decided as the program runs.
func.func @chosen(%c: i1, %x: memref<1xi32>, %y: memref<1xi32>) {
  cf.cond_br %c, ^one(%x : memref<1xi32>), ^one(%y : memref<1xi32>)
^one(%m: memref<1xi32>):
  %0 = arith.constant 0 : index
  %seven = arith.constant 7 : i32
  memref.store %seven, %m[%0] : memref<1xi32>
  func.return
}

// A vector, whose place on the stack has to be aligned.
func.func @vectors(%x: memref<4xi32>, %n: i32) {
  %0 = arith.constant 0 : index
  %one, %v = func.call @more(%x, %n) : (memref<4xi32>, i32) -> (i1, vector<4xi32>)
  vector.store %v, %x[%0] : memref<4xi32>, vector<4xi32>
  func.return
}

func.func private @more(%x: memref<4xi32>, %n: i32) -> (i1, vector<4xi32>) {
  %0 = arith.constant 0 : index
  %true = arith.constant true
  %a = vector.load %x[%0] : memref<4xi32>, vector<4xi32>
  %b = vector.broadcast %n : i32 to vector<4xi32>
  %c = arith.addi %a, %b : vector<4xi32>
  func.return %true, %c : i1, vector<4xi32>
}
