"""Random numbers: the same bits on every engine for the same seed."""

from stepwell._names import hinting
from stepwell.compiler.frontend.ops.random import (
    Generator,
    normal,
    set_seed,
    stateless_normal,
    stateless_uniform,
    uniform,
)

__all__ = [
    "Generator",
    "normal",
    "set_seed",
    "stateless_normal",
    "stateless_uniform",
    "uniform",
]

__getattr__ = hinting(__name__)
