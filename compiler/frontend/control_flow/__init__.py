"""Branches and loops in traces: the values that they carry, and the `scf` ops that they become."""
