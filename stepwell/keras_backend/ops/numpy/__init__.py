"""`keras.ops.numpy`: the functions of NumPy."""
