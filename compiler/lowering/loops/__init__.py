"""Loops over memory: building blocks, nests, sums, and which memory they use."""
