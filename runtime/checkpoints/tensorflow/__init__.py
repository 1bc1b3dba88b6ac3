"""TensorFlow's checkpoint files, which are read and not written."""
