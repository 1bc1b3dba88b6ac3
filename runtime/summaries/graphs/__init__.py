"""Programs as graphs that TensorBoard draws."""
