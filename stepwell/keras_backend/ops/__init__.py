"""The functions of `keras.ops`, by Keras's own division."""
