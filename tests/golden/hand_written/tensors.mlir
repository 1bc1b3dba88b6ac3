// Tensors as people may write them.
// RUN-EXPECT: @whole_of_rank_0(2.0) == 2.0

func.func @whole_of_rank_0(%x: tensor<f32>) -> tensor<f32> {
  %0 = tensor.empty() : tensor<f32>
  %1 = tensor.extract_slice %x[] [] [] : tensor<f32> to tensor<f32>
  %2 = tensor.insert_slice %1 into %1[] [] [] : tensor<f32> into tensor<f32>
  func.return %2 : tensor<f32>
}
