# Written by `python -m stepwell.tools.public_api --write`.

from stepwell import Tensor
from stepwell.types import DTypeLike, ShapeLike, TensorLike

class Generator:
    """A source of random numbers: a key, and a counter that every draw moves on by as many as it draws."""
    def __init__(self, key: TensorLike, counter: int = 0) -> None: ...
    @classmethod
    def from_seed(cls, seed: int) -> Generator:
        """A generator of numbers that depend on `seed` alone."""
    @classmethod
    def from_non_deterministic_state(cls) -> Generator:
        """A generator with a key from the operating system."""
    def reset_from_seed(self, seed: int) -> None:
        """Begin again, as a generator of `seed` does."""
    def uniform(
        self,
        shape: ShapeLike,
        minval: TensorLike = 0,
        maxval: TensorLike | None = None,
        dtype: DTypeLike = ...,
    ) -> Tensor:
        """Numbers from `minval` up to, without, `maxval` (1 for floats), each as likely; rounding may give `maxval`."""
    def normal(
        self,
        shape: ShapeLike,
        mean: TensorLike = 0.0,
        stddev: TensorLike = 1.0,
        dtype: DTypeLike = ...,
    ) -> Tensor:
        """Numbers of a normal distribution."""

def normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = ...,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers of a normal distribution."""

def set_seed(seed: int) -> None:
    """Let the functions of this module give the same numbers from here on as after any other call with `seed`."""

def stateless_normal(
    shape: ShapeLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """Like `normal`, but always the same for the same `seed`, two integers."""

def stateless_uniform(
    shape: ShapeLike,
    seed: TensorLike,
    minval: TensorLike = 0,
    maxval: TensorLike | None = None,
    dtype: DTypeLike = ...,
    name: str | None = None,
) -> Tensor:
    """Like `uniform`, but always the same for the same `seed`, two integers."""

def uniform(
    shape: ShapeLike,
    minval: TensorLike = 0,
    maxval: TensorLike | None = None,
    dtype: DTypeLike = ...,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers from `minval` up to, without, `maxval` (1 for floats), each as likely; rounding may give `maxval`."""
