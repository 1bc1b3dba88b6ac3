"""Functions of sequences that are loops with a gradient of their own."""
