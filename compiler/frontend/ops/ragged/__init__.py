"""Tensors with rows of different lengths."""
