"""What the tests of checkpoints share: programs for TensorFlow and stepwell, and files that TensorFlow writes."""
