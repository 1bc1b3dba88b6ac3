"""Layers of neural networks, and images."""
