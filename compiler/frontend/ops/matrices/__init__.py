"""The public functions on matrices, one file a family."""
