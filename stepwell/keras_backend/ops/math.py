"""`keras.ops.math`: segments, top k, Fourier transforms and special functions."""
