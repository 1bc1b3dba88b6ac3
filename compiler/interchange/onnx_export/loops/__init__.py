"""What ONNX's loops can do that `scf` cannot say: results that grow by one part in each iteration."""
