"""Functions on the bits of integers."""

from stepwell._names import hinting
from stepwell.compiler.frontend.ops.logic import bitwise_and, bitwise_or, bitwise_xor, left_shift, right_shift
from stepwell.compiler.frontend.ops.logic import bitwise_not as invert

__all__ = [
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "invert",
    "left_shift",
    "right_shift",
]

__getattr__ = hinting(__name__)
