"""Functions on the elements of tensors, and reductions."""
