"""IR to IR, and in and out of it."""
