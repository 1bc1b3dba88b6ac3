// RUN: stepwell opt %s -p convert-cfg-to-llvm | filecheck %s
// RUN-EXPECT: @double([1, 2, 3, 4], 2) == [1, 2, 6, 4]
// RUN-EXPECT: @last([[1, 2, 3], [4, 5, 6]]) == 6
// RUN-EXPECT: @checked(3) == 3

// Memory is a pointer; a scalar is one too, and is loaded first. What the engine has to know stands in attributes.
// CHECK-LABEL: llvm.func @double(
// CHECK-SAME:    %x: !llvm.ptr {llvm.noalias}, %[[P:[^:]*]]: !llvm.ptr {llvm.noalias}) -> i32
// CHECK-SAME:    stepwell.arguments = [memref<4xf32>, memref<index>], stepwell.results = [], stepwell.written = [0 : i64]
// CHECK:         %[[I:.*]] = llvm.load %[[P]] : !llvm.ptr -> i64
// CHECK-NEXT:    %[[AT:.*]] = llvm.getelementptr inbounds %x[%[[I]]] : (!llvm.ptr, i64) -> !llvm.ptr, f32
// CHECK-NEXT:    %[[A:.*]] = llvm.load %[[AT]] : !llvm.ptr -> f32
// CHECK-NEXT:    %[[B:.*]] = llvm.fadd %[[A]], %[[A]] : f32
// CHECK:         llvm.store %[[B]], %{{.*}} : f32, !llvm.ptr
func.func @double(%x: memref<4xf32>, %i: index) {
  %0 = memref.load %x[%i] : memref<4xf32>
  %1 = arith.addf %0, %0 : f32
  memref.store %1, %x[%i] : memref<4xf32>
  func.return
}

// An unknown size follows its pointer; memory for a result is asked for, and may be refused.
// CHECK-LABEL: llvm.func @last(
// CHECK-SAME:    %[[X:[^:]*]]: !llvm.ptr {llvm.noalias}, %[[N:[^:]*]]: i64) -> i32
// CHECK:         %[[I:.*]] = llvm.sub %[[N]], %{{.*}} : i64
// CHECK:         llvm.getelementptr inbounds %[[X]][%[[I]], %{{.*}}] : (!llvm.ptr, i64, i64) -> !llvm.ptr, !llvm.array<3 x i32>
// CHECK:         %[[R:.*]] = llvm.call @stepwell_result_0(
// CHECK:         llvm.icmp "ne" %[[R]],
func.func @last(%x: memref<?x3xi32>) -> i32 {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  %n = memref.dim %x, %0 : memref<?x3xi32>
  %i = arith.subi %n, %1 : index
  %r = memref.load %x[%i, %2] : memref<?x3xi32>
  func.return %r : i32
}

// A check that fails leaves its number and its values in the frame, and another status is returned.
// CHECK-LABEL: llvm.func @checked(
// CHECK-SAME:    text = "expected another number than {0}"
// CHECK:         llvm.cond_br %{{.*}}, ^bb{{.*}}, ^[[FAILED:bb.*]]
// CHECK:       ^[[FAILED]]:
// CHECK:         llvm.store
// CHECK:         llvm.return %{{.*}} : i32
func.func @checked(%n: i32) -> i32 {
  %zero = arith.constant 0 : i32
  %ok = arith.cmpi ne, %n, %zero : i32
  debug.assert %ok, "expected another number than {0}"(%n) : i1, (i32)
  func.return %n : i32
}
