// RUN: stepwell opt %s -p expand-math | filecheck %s
// RUN-EXPECT: @exp(0) == 1
// RUN-EXPECT: @exp(1) ~= 2.7182817
// RUN-EXPECT: @exp(-inf) == 0
// RUN-EXPECT: @exp(nan) == nan
// RUN-EXPECT: @stay(4) == (2, 4)

// A polynomial of degree 7, between bounds beyond which the result is 0 or infinity.
// CHECK-LABEL: func.func @exp(
// CHECK-NOT:     math.exp
// CHECK:         %[[BIG:.*]] = arith.constant 8.900000e+01 : f32
// CHECK:         arith.cmpf ogt, %x, %[[BIG]] : f32
// CHECK-COUNT-9: math.fma
// CHECK-NOT:     math.fma
// CHECK:         arith.shli
// CHECK:         func.return %{{.*}} : f32
func.func @exp(%x: f32) -> f32 {
  %0 = math.exp %x : f32
  func.return %0 : f32
}

// Vectors go the same way.
// CHECK-LABEL: func.func @vectors(
// CHECK-NOT:     math.exp
// CHECK:         simd.select
// CHECK-COUNT-9: math.fma {{.*}} : vector<16xf32>
// CHECK:         func.return %{{.*}} : vector<16xf32>
func.func @vectors(%x: vector<16xf32>) -> vector<16xf32> {
  %0 = math.exp %x : vector<16xf32>
  func.return %0 : vector<16xf32>
}

// CPUs have instructions for these.
// CHECK-LABEL: func.func @stay(
// CHECK-NEXT:    %[[V0:.*]] = math.sqrt %x : f32
// CHECK-NEXT:    %[[V1:.*]] = math.absf %x : f32
// CHECK-NEXT:    func.return %[[V0]], %[[V1]] : f32, f32
func.func @stay(%x: f32) -> (f32, f32) {
  %0 = math.sqrt %x : f32
  %1 = math.absf %x : f32
  func.return %0, %1 : f32, f32
}
