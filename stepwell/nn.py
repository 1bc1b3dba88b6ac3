"""Functions for neural networks: activations, normalisation, losses, convolutions and pooling."""

from stepwell._names import hinting
from stepwell.runtime.ops.cross_entropy import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits,
    weighted_cross_entropy_with_logits,
)
from stepwell.runtime.ops.math import relu, sigmoid, tanh
from stepwell.runtime.ops.nn import (
    batch_normalization,
    bias_add,
    dropout,
    elu,
    gelu,
    l2_loss,
    l2_normalize,
    leaky_relu,
    log_softmax,
    moments,
    relu6,
    selu,
    silu,
    softmax,
    softplus,
    softsign,
)
from stepwell.runtime.ops.nn import silu as swish

__all__ = [
    "batch_normalization",
    "bias_add",
    "dropout",
    "elu",
    "gelu",
    "l2_loss",
    "l2_normalize",
    "leaky_relu",
    "log_softmax",
    "moments",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "silu",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softplus",
    "softsign",
    "sparse_softmax_cross_entropy_with_logits",
    "swish",
    "tanh",
    "weighted_cross_entropy_with_logits",
]

__getattr__ = hinting(__name__)
