"""Kernels of matrix products: recognising them, and code for tiles in registers and for packed panels."""
