"""`keras.ops.linalg`: decompositions and solutions of linear equations."""
