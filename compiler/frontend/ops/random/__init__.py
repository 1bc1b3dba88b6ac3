"""The public functions that draw random numbers: those of TensorFlow for the same seeds, on every engine."""
