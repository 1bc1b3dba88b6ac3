"""What programs for TensorFlow 2 use of TensorFlow 1."""
