"""Lookup tables: keys and a value for each, beside the tensors of a program."""
