// RUN: stepwell opt %s --target skylake-avx512 -p lower-contractions | filecheck %s
// RUN: stepwell opt %s -p "lower-contractions{target=haswell}" | filecheck %s --check-prefix=AVX2
// RUN: stepwell opt %s -p "lower-contractions{target=cascadelake}" | filecheck %s --check-prefix=VNNI
// RUN-EXPECT: @no_product([[1, 2, 3], [4, 5, 6]], [10, 20]) == [16, 35]

// The operands are handed over as plain memory.
// CHECK-LABEL: func.func @product(
// CHECK:         %[[A:.*]] = memref.collapse_shape %a
// CHECK-NEXT:    %[[PA:.*]] = "memref.cast"(%[[A]])
// CHECK:         func.call @[[KERNEL:matmul_f32_0]](%[[PA]], %{{.*}}, %{{.*}})
func.func @product(%a: memref<2x3xf32>, %b: memref<3x16xf32>, %c: memref<2x16xf32>) {
  linalg.matmul ins(%a, %b : memref<2x3xf32>, memref<3x16xf32>) outs(%c : memref<2x16xf32>)
  func.return
}

// Products of one kind share a kernel.
// CHECK-LABEL: func.func @same_kernel(
// CHECK:         func.call @[[KERNEL]](
func.func @same_kernel(%a: memref<2x3xf32>, %b: memref<3x16xf32>, %c: memref<2x16xf32>) {
  linalg.matmul ins(%a, %b : memref<2x3xf32>, memref<3x16xf32>) outs(%c : memref<2x16xf32>)
  func.return
}

// Bytes that are extended first are packed four by four: signed ones as unsigned ones, with 128 added to each.
// CHECK-LABEL: func.func @bytes(
// CHECK:         func.call @matmul_packed_i8_i8_i32_
//
// VNNI:         func.func private @matmul_packed_i8_i8_i32_
// VNNI-COUNT-2:   simd.dot "us", {{.*}} : vector<64xi8>, vector<16xi32>
// VNNI:           arith.xori {{.*}} : vector<4xi8>
// VNNI-COUNT-24:  simd.dot "us", {{.*}} : vector<64xi8>, vector<16xi32>
func.func @bytes(%a: memref<40x?xi8>, %b: memref<?x50xi8>, %c: memref<40x50xi32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : memref<40x?xi8>, memref<?x50xi8>) outs(%c : memref<40x50xi32>) {
  ^bb0(%x: i8, %y: i8, %sum: i32):
    %0 = arith.extsi %x : i8 to i32
    %1 = arith.extsi %y : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %sum, %2 : i32
    linalg.yield %3 : i32
  }
  func.return
}

// A sum without a product is none of this pass's; the kernels come last. The first one keeps two rows of 16 sums in registers.
// CHECK-LABEL: func.func @no_product(
// CHECK:         linalg.generic
// CHECK-NOT:   func.func private @{{.*}}_2
// CHECK:       func.func private @[[KERNEL]](
// CHECK:         scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-2:   vector.fma
// CHECK:         scf.yield
//
// AVX2:        scf.for {{.*}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
// AVX2-COUNT-4:  vector.fma
func.func @no_product(%x: memref<2x3xf32>, %out: memref<2xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x : memref<2x3xf32>) outs(%out : memref<2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %o, %a : f32
    linalg.yield %s : f32
  }
  func.return
}
