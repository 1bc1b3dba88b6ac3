"""Operators for learning: classical models, and optimizers."""
