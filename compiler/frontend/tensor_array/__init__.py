"""TensorArrays: lists of tensors that functions may write in loops."""
