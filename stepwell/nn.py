"""Functions for neural networks: activations, normalisation, losses, convolutions and pooling."""

from stepwell._names import hinting
from stepwell.compiler.frontend.ops.math import relu, sigmoid, tanh
from stepwell.compiler.frontend.ops.nn.activations import (
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
from stepwell.compiler.frontend.ops.nn.activations import silu as swish
from stepwell.compiler.frontend.ops.nn.convolution import (
    conv1d,
    conv2d,
    conv2d_transpose,
    conv3d,
    conv_transpose,
    convolution,
    depthwise_conv2d,
    separable_conv2d,
)
from stepwell.compiler.frontend.ops.nn.cross_entropy import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits,
    weighted_cross_entropy_with_logits,
)
from stepwell.compiler.frontend.ops.nn.pooling import (
    avg_pool,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    max_pool,
    max_pool1d,
    max_pool2d,
    max_pool3d,
)

__all__ = [
    "avg_pool",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_normalization",
    "bias_add",
    "conv1d",
    "conv2d",
    "conv2d_transpose",
    "conv3d",
    "conv_transpose",
    "convolution",
    "depthwise_conv2d",
    "dropout",
    "elu",
    "gelu",
    "l2_loss",
    "l2_normalize",
    "leaky_relu",
    "log_softmax",
    "max_pool",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "moments",
    "relu",
    "relu6",
    "selu",
    "separable_conv2d",
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
