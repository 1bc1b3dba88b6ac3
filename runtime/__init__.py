"""Run it: tensors, variables, tapes, functions and the engines."""
