"""Bodies of loops on vectors, and reductions of their lanes."""
