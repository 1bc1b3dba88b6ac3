# Written by `python -m stepwell.tools.public_api --write`.

from stepwell import Tensor
from stepwell.types import TensorLike

class Reduction:
    """What is made of the losses of all elements."""
    NONE = 'none'
    SUM = 'weighted_sum'
    SUM_OVER_BATCH_SIZE = 'weighted_sum_over_batch_size'
    MEAN = 'weighted_mean'
    SUM_BY_NONZERO_WEIGHTS = 'weighted_sum_by_nonzero_weights'
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS
    @classmethod
    def all(cls) -> tuple[str, ...]:
        """All of them."""

def absolute_difference(
    labels: TensorLike,
    predictions: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = ...,
) -> Tensor:
    """The magnitudes of differences, weighted and reduced; see `compute_weighted_loss`."""

def compute_weighted_loss(
    losses: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = ...,
) -> Tensor:
    """Losses times weights, reduced."""

def huber_loss(
    labels: TensorLike,
    predictions: TensorLike,
    weights: TensorLike = 1.0,
    delta: float = 1.0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = ...,
) -> Tensor:
    """Half the squares of differences up to `delta`, linear beyond; see `compute_weighted_loss`."""

def log_loss(
    labels: TensorLike,
    predictions: TensorLike,
    weights: TensorLike = 1.0,
    epsilon: float = 1e-07,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = ...,
) -> Tensor:
    """The cross entropies of probabilities, weighted and reduced; see `compute_weighted_loss`."""

def mean_squared_error(
    labels: TensorLike,
    predictions: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = ...,
) -> Tensor:
    """The squares of differences, weighted and reduced; see `compute_weighted_loss`."""

def sigmoid_cross_entropy(
    multi_class_labels: TensorLike,
    logits: TensorLike,
    weights: TensorLike = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = ...,
) -> Tensor:
    """Cross entropies with independent labels, weighted and reduced; see `compute_weighted_loss`."""

def softmax_cross_entropy(
    onehot_labels: TensorLike,
    logits: TensorLike,
    weights: TensorLike = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = ...,
) -> Tensor:
    """Cross entropies with one label of several, weighted and reduced; see `compute_weighted_loss`."""

def sparse_softmax_cross_entropy(
    labels: TensorLike,
    logits: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = ...,
) -> Tensor:
    """Cross entropies with labels given by index, weighted and reduced; see `compute_weighted_loss`."""
