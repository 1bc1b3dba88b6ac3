"""`keras.random`: numbers drawn from seeds; the same seeds give the numbers of TensorFlow."""
