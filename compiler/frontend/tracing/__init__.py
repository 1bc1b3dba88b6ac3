"""From calls of a Python function to IR: signatures, the tracer, and where in the user's program an op is from."""
