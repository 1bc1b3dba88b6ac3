# Written by `python -m stepwell.tools.public_api --write`.

from stepwell import Tensor
from stepwell.types import TensorLike

def bitwise_and(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits set in both, elementwise, of integers."""

def bitwise_or(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits set in either, elementwise, of integers."""

def bitwise_xor(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits set in exactly one, elementwise, of integers."""

def invert(x: TensorLike, name: str | None = None) -> Tensor:
    """All bits the other way, elementwise, of integers."""

def left_shift(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits of `x`, `y` places up, elementwise; 0 beyond the width."""

def population_count(x: TensorLike, name: str | None = None) -> Tensor:
    """How many bits are set, elementwise, of integers, in their dtype."""

def right_shift(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits of `x`, `y` places down, elementwise, with copies of the sign."""
