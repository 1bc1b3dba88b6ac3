"""Public functions on strings."""
