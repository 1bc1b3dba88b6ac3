"""`keras.ops.nn`: what layers compute."""
