# Written by `python -m stepwell.tools.public_api --write`.

from stepwell import Tensor
from stepwell.random import (
    Algorithm,
    Algorithm as Algorithm,
    Generator as Generator,
    create_rng_state as create_rng_state,
    get_global_generator as get_global_generator,
    set_global_generator as set_global_generator,
)
from stepwell.types import TensorLike

def stateless_fold_in(seed: TensorLike, data: TensorLike, alg: Algorithm | str | int = 'auto_select') -> Tensor:
    """A new seed of `seed` and an integer."""

def stateless_shuffle(
    value: TensorLike,
    seed: TensorLike,
    alg: Algorithm | str | int = 'auto_select',
    name: str | None = None,
) -> Tensor:
    """Like `shuffle`, but always the same for the same `seed`, two integers."""

def stateless_split(seed: TensorLike, num: int = 2, alg: Algorithm | str | int = 'auto_select') -> Tensor:
    """`num` new seeds, the rows of a matrix, each for numbers of their own."""
