"""Batching: a function of an example, run for all examples at once."""
