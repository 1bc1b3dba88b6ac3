"""Keras's own tests, which are in its wheel, run with stepwell as its backend.

`make keras-tests` runs all of them, prints a table by folder and compares with what is recorded in `tests/keras`:
which tests pass with Keras's TensorFlow backend, and which are known to fail with this one, each with its cause.
"""
