"""`keras.ops.image`."""
