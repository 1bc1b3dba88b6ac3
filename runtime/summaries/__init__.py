"""`summary`: what a program writes for TensorBoard while it runs."""
