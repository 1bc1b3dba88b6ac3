"""Threefry-2x32 with 20 rounds: random bits as a pure function of a key and a counter.

Salmon, Moraes, Dror, Shaw: "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011. The same rounds are written once,
over the few operations of an `Arithmetic`, for numpy, for scalars in IR and for ONNX: so all give the same bits.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias, TypeVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import i32
from xdsl.ir import SSAValue

from ...emitter import Emitter
from .facets import OnnxGraph

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
"""By how many bits the second word is rotated in the rounds of even and of odd groups of four."""
PARITY = 0x1BD11BDA
"""What the words of the key are combined with to give the third word of its schedule."""


Word = TypeVar("Word")


class Arithmetic(Protocol[Word]):
    """Operations on words of 32 bits."""

    def add(self, a: Word, b: Word, /) -> Word:
        """The sum, modulo 2**32."""
        ...

    def xor(self, a: Word, b: Word, /) -> Word:
        """The bits set in exactly one."""
        ...

    def rotate(self, a: Word, bits: int, /) -> Word:
        """The bits moved up, those that leave coming in below."""
        ...

    def word(self, value: int, /) -> Word:
        """A constant."""
        ...


def threefry(ops: Arithmetic[Word], key: tuple[Word, Word], counter: tuple[Word, Word]) -> tuple[Word, Word]:
    """Two words of random bits."""
    first, second = key
    schedule = (first, second, ops.xor(ops.xor(first, second), ops.word(PARITY)))
    x, y = ops.add(counter[0], first), ops.add(counter[1], second)
    for group in range(5):
        for bits in ROTATIONS[group % 2]:
            x = ops.add(x, y)
            y = ops.xor(ops.rotate(y, bits), x)
        x = ops.add(x, schedule[(group + 1) % 3])
        y = ops.add(ops.add(y, schedule[(group + 2) % 3]), ops.word(group + 1))
    return x, y


Array: TypeAlias = np.ndarray | np.uint32


class NumpyWords:
    """Words as uint32 arrays."""

    def add(self, a: Array, b: Array) -> Array:
        """The sum."""
        return a + b

    def xor(self, a: Array, b: Array) -> Array:
        """The exclusive or."""
        return a ^ b

    def rotate(self, a: Array, bits: int) -> Array:
        """Two shifts."""
        return (a << np.uint32(bits)) | (a >> np.uint32(32 - bits))

    def word(self, value: int) -> Array:
        """A scalar."""
        return np.uint32(value)


class ScalarWords:
    """Words as `i32` values."""

    def __init__(self, e: Emitter):
        self._e = e

    def add(self, a: SSAValue, b: SSAValue) -> SSAValue:
        """`arith.addi`."""
        return self._e.value(arith.AddiOp(a, b))

    def xor(self, a: SSAValue, b: SSAValue) -> SSAValue:
        """`arith.xori`."""
        return self._e.value(arith.XOrIOp(a, b))

    def rotate(self, a: SSAValue, bits: int) -> SSAValue:
        """Two shifts."""
        up = self._e.value(arith.ShLIOp(a, self.word(bits)))
        down = self._e.value(arith.ShRUIOp(a, self.word(32 - bits)))
        return self._e.value(arith.OrIOp(up, down))

    def word(self, value: int) -> SSAValue:
        """A constant."""
        return self._e.constant(int(np.uint32(value).view(np.int32)), i32)


class OnnxWords:
    """Words as uint32 tensors, which ONNX Runtime adds, shifts and combines."""

    def __init__(self, g: OnnxGraph):
        self._g = g

    def add(self, a: str, b: str) -> str:
        """`Add`."""
        return self._g.node("Add", [a, b])

    def xor(self, a: str, b: str) -> str:
        """`BitwiseXor`."""
        return self._g.node("BitwiseXor", [a, b])

    def rotate(self, a: str, bits: int) -> str:
        """Two shifts."""
        up = self._g.node("BitShift", [a, self.word(bits)], direction="LEFT")
        down = self._g.node("BitShift", [a, self.word(32 - bits)], direction="RIGHT")
        return self._g.node("BitwiseOr", [up, down])

    def word(self, value: int) -> str:
        """A constant."""
        return self._g.constant(np.array(value, np.uint32))
