"""Functions as object files with an interface for C: programs without Python."""
