// RUN: stepwell opt %s -p decompose-complex | filecheck %s

// Real and imaginary parts are two tensors; what is given to the function, and returned, has both.
// CHECK-LABEL: func.func @square(
// CHECK-SAME:    %z: tensor<4x2xf32>) -> tensor<4x2xf32> {
// CHECK:         %[[RE:.*]] = hl.squeeze
// CHECK:         %[[IM:.*]] = hl.squeeze
// CHECK-NEXT:    %[[RE2:.*]] = hl.mul %[[RE]], %[[RE]] : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %[[IM2:.*]] = hl.mul %[[IM]], %[[IM]] : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %{{.*}} = hl.sub %[[RE2]], %[[IM2]] : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK:         %[[Z:.*]] = hl.concat %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<4x1xf32>, tensor<4x1xf32>) -> tensor<4x2xf32>
// CHECK-NEXT:    func.return %[[Z]] : tensor<4x2xf32>
func.func @square(%z: tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>> {
  %0 = hl.mul %z, %z : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>>
  func.return %0 : tensor<4xcomplex<f32>>
}

// Loops carry both, and Variables hold both.
// CHECK-LABEL: func.func @turned(
// CHECK-SAME:    %v: !state.variable<tensor<?x2xf64>>, %n: index, %z: tensor<?x2xf64>) {
// CHECK:         %[[W:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %z) -> (tensor<?x2xf64>) {
// CHECK:           scf.yield %{{.*}} : tensor<?x2xf64>
// CHECK:         state.assign_add %v, %[[W]] : !state.variable<tensor<?x2xf64>>, tensor<?x2xf64>
func.func @turned(%v: !state.variable<tensor<?xcomplex<f64>>>, %n: index, %z: tensor<?xcomplex<f64>>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant dense<(0.0, 1.0)> : tensor<complex<f64>>
  %3 = scf.for %i = %0 to %n step %1 iter_args(%4 = %z) -> (tensor<?xcomplex<f64>>) {
    %5 = hl.mul %4, %2 : (tensor<?xcomplex<f64>>, tensor<complex<f64>>) -> tensor<?xcomplex<f64>>
    scf.yield %5 : tensor<?xcomplex<f64>>
  }
  state.assign_add %v, %3 : !state.variable<tensor<?xcomplex<f64>>>, tensor<?xcomplex<f64>>
  func.return
}

// Where one part is asked for, nothing is computed for the other.
// CHECK-LABEL: func.func @real_part(
// CHECK-NEXT:    func.return %x : tensor<4xf32>
func.func @real_part(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = hl.complex %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xcomplex<f32>>
  %1 = hl.conj %0 : (tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>>
  %2 = hl.real %1 : (tensor<4xcomplex<f32>>) -> tensor<4xf32>
  func.return %2 : tensor<4xf32>
}
