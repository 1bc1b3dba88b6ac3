# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Sequence
from stepwell import Tensor
from stepwell.linalg import l2_normalize as l2_normalize
from stepwell.math import (
    in_top_k as in_top_k,
    log_softmax as log_softmax,
    sigmoid as sigmoid,
    softmax as softmax,
    softplus as softplus,
    softsign as softsign,
    tanh as tanh,
    top_k as top_k,
    zero_fraction as zero_fraction,
)
from stepwell.sparse import SparseTensor
from stepwell.types import AccidentalHits, DTypeLike, MaxPoolWithArgmax, SampledCandidates, ShapeLike, TensorLike

def all_candidate_sampler(
    true_classes: TensorLike,
    num_true: int,
    num_sampled: int,
    unique: bool,
    seed: int | None = None,
    name: str | None = None,
) -> SampledCandidates:
    """All classes, for tests of losses of some."""

def atrous_conv2d(
    value: TensorLike,
    filters: TensorLike,
    rate: int,
    padding: str,
    name: str | None = None,
) -> Tensor:
    """The convolution over two axes with filters between whose elements `rate - 1` are left out."""

def avg_pool(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The mean of the elements that each window looks at, for each channel; over one, two or three axes."""

def avg_pool1d(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = 'NWC',
    name: str | None = None,
) -> Tensor:
    """`avg_pool` of `[n, width, c]`."""

def avg_pool2d(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = 'NHWC',
    name: str | None = None,
) -> Tensor:
    """`avg_pool` of `[n, height, width, c]`."""

def avg_pool3d(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = 'NDHWC',
    name: str | None = None,
) -> Tensor:
    """`avg_pool` of `[n, depth, height, width, c]`."""

def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    offset: TensorLike,
    scale: TensorLike,
    variance_epsilon: TensorLike,
    name: str | None = None,
) -> Tensor:
    """`(x - mean) / sqrt(variance + variance_epsilon) * scale + offset`; `offset` and `scale` may be None."""

def batch_to_space(input: TensorLike, block_shape: object, crops: object, name: str | None = None) -> Tensor:
    """Examples of which so many are one, as `space_to_batch` has made them."""

def bias_add(
    value: TensorLike,
    bias: TensorLike,
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """`value + bias`, where `bias` has an element for each channel."""

def compute_accidental_hits(
    true_classes: TensorLike,
    sampled_candidates: TensorLike,
    num_true: int,
    seed: int | None = None,
    name: str | None = None,
) -> AccidentalHits:
    """Where sampled classes are among the true ones; of a class that is sampled several times, the last time."""

def compute_average_loss(
    per_example_loss: TensorLike,
    sample_weight: TensorLike | None = None,
    global_batch_size: TensorLike | None = None,
) -> Tensor:
    """The sum of losses, weighted if weights are given, divided by the size of the batch."""

def conv1d(
    input: TensorLike,
    filters: TensorLike,
    stride: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = 'NWC',
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The convolution over one axis: `input` is `[n, width, c]`, `filters` are `[width, c, f]`."""

def conv1d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]] = 'SAME',
    data_format: str = 'NWC',
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of a convolution over one axis: `filters` are `[width, c, f]`, `input` has `f` channels."""

def conv2d(
    input: TensorLike,
    filters: TensorLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = 'NHWC',
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The convolution over two axes: sums of products of filters with what windows of their size look at."""

def conv2d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]] = 'SAME',
    data_format: str = 'NHWC',
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of a convolution over two axes: `filters` are `[height, width, c, f]`, `input` has `f` channels."""

def conv3d(
    input: TensorLike,
    filters: TensorLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = 'NDHWC',
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The convolution over three axes: `input` is `[n, depth, height, width, c]`, and `filters` accordingly."""

def conv3d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]] = 'SAME',
    data_format: str = 'NDHWC',
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of a convolution over three axes: `filters` are `[depth, height, width, c, f]`."""

def conv_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]] = 'SAME',
    data_format: str | None = None,
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of a convolution over one, two or three axes: `input` spread by `filters`."""

def convolution(
    input: TensorLike,
    filters: TensorLike,
    strides: int | Sequence[int] | None = None,
    padding: str | Sequence[Sequence[int]] = 'VALID',
    data_format: str | None = None,
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The convolution over one, two or three axes, as `input` has them."""

def crelu(features: TensorLike, axis: int = -1, name: str | None = None) -> Tensor:
    """`relu` of `features` and of their opposites, one behind the other along `axis`."""

def ctc_greedy_decoder(
    inputs: TensorLike,
    sequence_length: TensorLike,
    merge_repeated: bool = True,
    blank_index: int | None = None,
) -> tuple[list[SparseTensor], Tensor]:
    """The class with the greatest score at each step, without blanks."""

def ctc_loss(
    labels: TensorLike,
    logits: TensorLike,
    label_length: TensorLike,
    logit_length: TensorLike,
    logits_time_major: bool = True,
    unique: object = None,
    blank_index: int | None = None,
    name: str | None = None,
) -> Tensor:
    """How unlikely labels are, of sequences whose frames are not aligned with them: a loss for each sequence."""

def depth_to_space(
    input: TensorLike,
    block_size: int,
    data_format: str = 'NHWC',
    name: str | None = None,
) -> Tensor:
    """Images whose channels are moved into blocks of rows and columns."""

def depthwise_conv2d(
    input: TensorLike,
    filter: TensorLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str | None = None,
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The convolution of each channel by itself: `filter` is `[height, width, c, results per channel]`."""

def dilation2d(
    input: TensorLike,
    filters: TensorLike,
    strides: object,
    padding: str,
    data_format: str,
    dilations: object,
    name: str | None = None,
) -> Tensor:
    """The largest sum of an element and the filter's there, in windows over images: a grey-scale dilation."""

def dot_product_attention(
    query: TensorLike,
    key: TensorLike,
    value: TensorLike,
    bias: TensorLike | None = None,
    mask: TensorLike | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    attn_logits_soft_cap: float | None = None,
    name: str | None = None,
) -> Tensor:
    """For each query the mean of the values, weighted by the softmax of the products with their keys."""

def dropout(
    x: TensorLike,
    rate: TensorLike,
    noise_shape: ShapeLike | None = None,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """`x` with elements set to 0, each with probability `rate`, and the others divided by `1 - rate`."""

def elu(features: TensorLike, name: str | None = None) -> Tensor:
    """`features` where they are positive, `exp(features) - 1` elsewhere."""

def embedding_lookup(
    params: TensorLike | Sequence[TensorLike],
    ids: TensorLike,
    max_norm: float | None = None,
    name: str | None = None,
) -> Tensor:
    """The rows of `params` that `ids` name."""

def erosion2d(
    value: TensorLike,
    filters: TensorLike,
    strides: object,
    padding: str,
    data_format: str,
    dilations: object,
    name: str | None = None,
) -> Tensor:
    """The smallest difference of an element and the filter's there; arguments as those of `dilation2d`."""

def fixed_unigram_candidate_sampler(
    true_classes: TensorLike,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    vocab_file: str = '',
    distortion: float = 1.0,
    num_reserved_ids: int = 0,
    num_shards: int = 1,
    shard: int = 0,
    unigrams: Sequence[float] = (),
    seed: int | None = None,
    name: str | None = None,
) -> SampledCandidates:
    """Some classes with given weights."""

def gelu(features: TensorLike, approximate: bool = False, name: str | None = None) -> Tensor:
    """`features` times the probability that a normal number is below them; by `tanh` if `approximate`."""

def l2_loss(t: TensorLike, name: str | None = None) -> Tensor:
    """Half the sum of the squares of `t`."""

def leaky_relu(features: TensorLike, alpha: TensorLike = 0.2, name: str | None = None) -> Tensor:
    """`features` where they are positive, `alpha` times that elsewhere."""

def learned_unigram_candidate_sampler(
    true_classes: TensorLike,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> SampledCandidates:
    """Some classes, each as likely as how often it was a true class in calls before, counted from 1."""

def local_response_normalization(
    input: TensorLike,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    name: str | None = None,
) -> Tensor:
    """Images divided by `(bias + alpha * s) ** beta`, where `s` is the sum of the squares of neighbouring channels."""

def log_poisson_loss(
    targets: TensorLike,
    log_input: TensorLike,
    compute_full_loss: bool = False,
    name: str | None = None,
) -> Tensor:
    """How unlikely counts are under Poisson's distribution: `exp(log_input) - log_input * targets`, elementwise."""

lrn = local_response_normalization

def max_pool(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The greatest element that each window looks at, for each channel; over one, two or three axes."""

def max_pool1d(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = 'NWC',
    name: str | None = None,
) -> Tensor:
    """`max_pool` of `[n, width, c]`."""

def max_pool2d(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = 'NHWC',
    name: str | None = None,
) -> Tensor:
    """`max_pool` of `[n, height, width, c]`."""

def max_pool3d(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = 'NDHWC',
    name: str | None = None,
) -> Tensor:
    """`max_pool` of `[n, depth, height, width, c]`."""

def max_pool_with_argmax(
    input: TensorLike,
    ksize: object,
    strides: object,
    padding: str,
    data_format: str = 'NHWC',
    output_dtype: DTypeLike = 'int64',
    include_batch_in_index: bool = False,
    name: str | None = None,
) -> MaxPoolWithArgmax:
    """The largest elements of windows over images, and where in the image each one is."""

def moments(
    x: TensorLike,
    axes: int | Sequence[int],
    shift: TensorLike | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The mean and the variance along `axes`."""

def nce_loss(
    weights: TensorLike | Sequence[TensorLike],
    biases: TensorLike,
    labels: TensorLike,
    inputs: TensorLike,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: SampledCandidates | Sequence[TensorLike] | None = None,
    remove_accidental_hits: bool = False,
    name: str = 'nce_loss',
) -> Tensor:
    """How well true classes differ from some that are sampled, for each example: noise-contrastive estimation."""

def normalize_moments(
    counts: TensorLike,
    mean_ss: TensorLike,
    variance_ss: TensorLike,
    shift: TensorLike | None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The mean and the variance, of what `sufficient_statistics` returns."""

def pool(
    input: TensorLike,
    window_shape: int | Sequence[int],
    pooling_type: str,
    strides: int | Sequence[int] | None = None,
    padding: str = 'VALID',
    data_format: str | None = None,
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The greatest element, or the mean, of each window over one, two or three axes."""

def relu(features: TensorLike, name: str | None = None) -> Tensor:
    """The greater of `features` and 0, elementwise."""

def relu6(features: TensorLike, name: str | None = None) -> Tensor:
    """`features` moved into 0 to 6, elementwise."""

def sampled_softmax_loss(
    weights: TensorLike | Sequence[TensorLike],
    biases: TensorLike,
    labels: TensorLike,
    inputs: TensorLike,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: SampledCandidates | Sequence[TensorLike] | None = None,
    remove_accidental_hits: bool = True,
    seed: int | None = None,
    name: str = 'sampled_softmax_loss',
) -> Tensor:
    """The cross entropy of true classes among these and some that are sampled, for each example."""

def scale_regularization_loss(regularization_loss: TensorLike) -> Tensor:
    """The sum of losses of a regularization, as part of the loss of the one device there is."""

def selu(features: TensorLike, name: str | None = None) -> Tensor:
    """`elu`, scaled so that activations keep mean 0 and variance 1."""

def separable_conv2d(
    input: TensorLike,
    depthwise_filter: TensorLike,
    pointwise_filter: TensorLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str | None = None,
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """`depthwise_conv2d`, and a convolution of its results with windows of one element."""

def sigmoid_cross_entropy_with_logits(
    labels: TensorLike | None = None,
    logits: TensorLike | None = None,
    name: str | None = None,
) -> Tensor:
    """`-labels * log(sigmoid(logits)) - (1 - labels) * log(1 - sigmoid(logits))`, elementwise."""

def silu(features: TensorLike, beta: TensorLike = 1.0) -> Tensor:
    """`features * sigmoid(beta * features)`, also known as swish."""

def softmax_cross_entropy_with_logits(
    labels: TensorLike,
    logits: TensorLike,
    axis: int = -1,
    name: str | None = None,
) -> Tensor:
    """The sum along `axis` of `-labels * log(softmax(logits))`."""

def space_to_batch(input: TensorLike, block_shape: object, paddings: object, name: str | None = None) -> Tensor:
    """Every so many elements of space as an example of its own."""

def space_to_depth(
    input: TensorLike,
    block_size: int,
    data_format: str = 'NHWC',
    name: str | None = None,
) -> Tensor:
    """Images whose blocks of rows and columns are moved into channels: the inverse of `depth_to_space`."""

def sparse_softmax_cross_entropy_with_logits(
    labels: TensorLike,
    logits: TensorLike,
    name: str | None = None,
) -> Tensor:
    """`-log(softmax(logits))` at the class that `labels` name, which is the index along the last axis."""

def sufficient_statistics(
    x: TensorLike,
    axes: object,
    shift: TensorLike | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """The number of elements along axes, the sum of them, and that of their squares, for `normalize_moments`."""

swish = silu

def weighted_cross_entropy_with_logits(
    labels: TensorLike,
    logits: TensorLike,
    pos_weight: TensorLike,
    name: str | None = None,
) -> Tensor:
    """`sigmoid_cross_entropy_with_logits`, in which what is missed of `labels` counts `pos_weight` times."""

def weighted_moments(
    x: TensorLike,
    axes: object,
    frequency_weights: TensorLike,
    keepdims: bool = False,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The mean and the variance along axes, of elements that count as often as weights say."""
