"""Functions for neural networks: activations, normalisation, losses, convolutions and pooling."""

from stepwell._names import load_when_used

load_when_used(globals())
