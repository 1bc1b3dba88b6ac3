"""The meaning of the `llvm` dialect."""
