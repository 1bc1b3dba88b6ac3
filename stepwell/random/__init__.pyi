# Written by `python -m stepwell.tools.public_api --write`.

import enum
from stepwell import Tensor
from stepwell.nn import (
    all_candidate_sampler as all_candidate_sampler,
    fixed_unigram_candidate_sampler as fixed_unigram_candidate_sampler,
    learned_unigram_candidate_sampler as learned_unigram_candidate_sampler,
)
from stepwell.random.experimental import stateless_fold_in as fold_in, stateless_split as split
from stepwell.types import DTypeLike, SampledCandidates, ShapeLike, TensorLike
from . import experimental as experimental

class Algorithm(enum.Enum):
    """An algorithm for random bits. All numbers here are Philox's, which `AUTO_SELECT` is, too."""
    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3

class Generator:
    """A source of random numbers: a state, whose counter each draw moves on by 256 for each number."""
    def __init__(
        self,
        copy_from: Generator | None = None,
        state: TensorLike | None = None,
        alg: Algorithm | str | int | None = None,
    ) -> None:
        ...
    @classmethod
    def from_state(cls, state: TensorLike, alg: Algorithm | str | int) -> Generator:
        """A generator that goes on where the one whose `state` it was would."""
    @classmethod
    def from_seed(cls, seed: TensorLike, alg: Algorithm | str | int | None = None) -> Generator:
        """A generator of numbers that depend on `seed` alone, an integer of any size or a vector of them."""
    @classmethod
    def from_key_counter(cls, key: TensorLike, counter: TensorLike, alg: Algorithm | str | int) -> Generator:
        """A generator with this key and this counter of two integers."""
    @classmethod
    def from_non_deterministic_state(cls, alg: Algorithm | str | int | None = None) -> Generator:
        """A generator with a state from the operating system."""
    @property
    def key(self) -> Tensor:
        """The key of the state."""
    def reset(self, state: TensorLike) -> None:
        """Go on from another state."""
    def reset_from_seed(self, seed: TensorLike) -> None:
        """Begin again, as a generator of `seed` does."""
    def reset_from_key_counter(self, key: TensorLike, counter: TensorLike) -> None:
        """Go on with another key and counter."""
    def skip(self, delta: TensorLike) -> Tensor:
        """Leave out `delta` numbers. Returns the state before."""
    def uniform(
        self,
        shape: ShapeLike,
        minval: TensorLike | None = 0,
        maxval: TensorLike | None = None,
        dtype: DTypeLike = ...,
        name: str | None = None,
    ) -> Tensor:
        """Numbers from `minval` up to, without, `maxval` (1 for floats), each as likely; rounding may give `maxval`."""
    def uniform_full_int(self, shape: ShapeLike, dtype: DTypeLike = ..., name: str | None = None) -> Tensor:
        """Integers of any bits."""
    def normal(
        self,
        shape: ShapeLike,
        mean: TensorLike = 0.0,
        stddev: TensorLike = 1.0,
        dtype: DTypeLike = ...,
        name: str | None = None,
    ) -> Tensor:
        """Numbers of a normal distribution."""
    def truncated_normal(
        self,
        shape: ShapeLike,
        mean: TensorLike = 0.0,
        stddev: TensorLike = 1.0,
        dtype: DTypeLike = ...,
        name: str | None = None,
    ) -> Tensor:
        """Numbers of a normal distribution that differ from `mean` by less than two standard deviations."""
    def binomial(
        self,
        shape: ShapeLike,
        counts: TensorLike,
        probs: TensorLike,
        dtype: DTypeLike = ...,
        name: str | None = None,
    ) -> Tensor:
        """How many of `counts` trials succeed, each with the probability `probs`; `shape` ends with that of both."""
    def make_seeds(self, count: int = 1) -> Tensor:
        """Seeds for functions without a state, the columns of a matrix of shape `[2, count]`."""
    def split(self, count: int = 1) -> list[Generator]:
        """`count` generators of numbers of their own, with new keys."""

def categorical(
    logits: TensorLike,
    num_samples: int | Tensor,
    dtype: DTypeLike | None = None,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """For each row of `logits`, logarithms of weights, `num_samples` classes, each as likely as its weight says."""

def create_rng_state(seed: TensorLike, alg: Algorithm | str | int) -> Tensor:
    """The state that `Generator.from_seed` begins with."""

def gamma(
    shape: ShapeLike,
    alpha: TensorLike,
    beta: TensorLike | None = None,
    dtype: DTypeLike = ...,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers of gamma distributions: `shape` of them for each element of `alpha` and `beta`, the inverse scale."""

def get_global_generator() -> Generator:
    """The generator of the process, at first one with a state from the operating system."""

def log_uniform_candidate_sampler(
    true_classes: TensorLike,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> SampledCandidates:
    """Some classes, of which class `k` has the probability `log((k + 2) / (k + 1)) / log(range_max + 1)`."""

def normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = ...,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers of a normal distribution."""

def poisson(
    shape: ShapeLike,
    lam: TensorLike,
    dtype: DTypeLike = ...,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers of Poisson distributions: `shape` of them for each element of `lam`, the expected number."""

def set_global_generator(generator: Generator) -> None:
    """Let `get_global_generator` return another one."""

def set_seed(seed: int) -> None:
    """Let the functions of this module give the same numbers from here on as after any other call with `seed`."""

def shuffle(value: TensorLike, seed: int | None = None, name: str | None = None) -> Tensor:
    """`value` with what is along its first axis in another order, each order as likely as any other."""

def stateless_binomial(
    shape: ShapeLike,
    seed: TensorLike,
    counts: TensorLike,
    probs: TensorLike,
    output_dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """How many of `counts` trials succeed, each with the probability `probs`; `shape` ends with that of both."""

def stateless_categorical(
    logits: TensorLike,
    num_samples: int | Tensor,
    seed: TensorLike,
    dtype: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """Like `categorical`, but always the same for the same `seed`, two integers."""

def stateless_gamma(
    shape: ShapeLike,
    seed: TensorLike,
    alpha: TensorLike,
    beta: TensorLike | None = None,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """Like `gamma`, but always the same for the same `seed`; `shape` is that of the result, and ends with that of both."""

def stateless_normal(
    shape: ShapeLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = ...,
    name: str | None = None,
    alg: Algorithm | str | int = 'auto_select',
) -> Tensor:
    """Like `normal`, but always the same for the same `seed`, two integers."""

def stateless_poisson(
    shape: ShapeLike,
    seed: TensorLike,
    lam: TensorLike,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """Like `poisson`, but always the same for the same `seed`; `shape` is that of the result, and ends with `lam`'s."""

def stateless_truncated_normal(
    shape: ShapeLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = ...,
    name: str | None = None,
    alg: Algorithm | str | int = 'auto_select',
) -> Tensor:
    """Like `truncated_normal`, but always the same for the same `seed`, two integers."""

def stateless_uniform(
    shape: ShapeLike,
    seed: TensorLike,
    minval: TensorLike | None = 0,
    maxval: TensorLike | None = None,
    dtype: DTypeLike = ...,
    name: str | None = None,
    alg: Algorithm | str | int = 'auto_select',
) -> Tensor:
    """Like `uniform`, but always the same for the same `seed`, two integers."""

def truncated_normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = ...,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers of a normal distribution that differ from `mean` by less than two standard deviations."""

def uniform(
    shape: ShapeLike,
    minval: TensorLike = 0,
    maxval: TensorLike | None = None,
    dtype: DTypeLike = ...,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers from `minval` up to, without, `maxval` (1 for floats), each as likely; rounding may give `maxval`."""

def uniform_candidate_sampler(
    true_classes: TensorLike,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> SampledCandidates:
    """Some classes, each as likely as any other."""
