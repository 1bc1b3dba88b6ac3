"""What code for a CPU has to know about it: width and number of vector registers, sizes of caches."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import AnyFloat, IndexType, IntegerType
from xdsl.ir import Attribute


@dataclass(frozen=True)
class TargetInfo:
    """A CPU as kernels see it.

    Attributes:
        vector_bits: width of a vector register.
        registers: number of vector registers.
        l1_bytes: first level data cache of one core.
        l2_bytes: second level cache of one core.
        l3_bytes: the share of the last level cache one core may count on.
    """

    vector_bits: int = 512
    registers: int = 32
    l1_bytes: int = 48 * 1024
    l2_bytes: int = 2 * 1024 * 1024
    l3_bytes: int = 8 * 1024 * 1024

    def lanes(self, type_: Attribute) -> int:
        """How many elements of a type a register holds."""
        return self.vector_bits // bit_width(type_)


def bit_width(type_: Attribute) -> int:
    """The bits an element takes in a vector register; a truth value takes none of its own."""
    if isinstance(type_, IndexType):
        return 64
    assert isinstance(type_, IntegerType | AnyFloat), type_
    return type_.bitwidth


DEFAULT_TARGET = TargetInfo()
"""A server CPU with AVX-512."""
