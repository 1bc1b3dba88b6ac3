"""The optimizers of TensorFlow 1, which some programs for TensorFlow 2 use in their own loops."""
