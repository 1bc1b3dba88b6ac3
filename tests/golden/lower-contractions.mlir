// RUN: stepwell opt %s --target skylake-avx512 -p lower-contractions | filecheck %s
// RUN: stepwell opt %s -p "lower-contractions{target=haswell}" | filecheck %s --check-prefix=AVX2
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

// A sum without a product is none of this pass's; the kernel comes last. It keeps two rows of 16 sums in registers.
// CHECK-LABEL: func.func @no_product(
// CHECK:         linalg.generic
// CHECK-NOT:   func.func private @{{.*}}_1
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
