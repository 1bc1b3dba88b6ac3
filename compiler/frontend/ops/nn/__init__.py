"""The public functions of neural networks."""
