"""Philox4x32 with 10 rounds: 128 random bits as a pure function of a key and a counter.

Salmon, Moraes, Dror, Shaw: "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011. The rounds are written once, over
the few operations of `Words`, for NumPy and Python, for scalars in IR and for ONNX: so all give the same bits. Words of
32 bits are held in 64, where their products fit.
"""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import i64
from xdsl.ir import SSAValue

from ...dtypes import INT64, UINT64
from ...emitter import Emitter
from .facets import OnnxGraph

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
"""What the first and the third word of the counter are multiplied by."""
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
"""What is added to the words of the key after each round."""
ROUNDS = 10

_LOW, _WIDE = 2**32 - 1, 2**64 - 1

Word = TypeVar("Word")


class Words(Protocol[Word]):
    """Operations on words of 32 bits, held in 64."""

    def halves(self, wide: Word, /) -> tuple[Word, Word]:
        """The lower and the upper 32 of 64 bits."""
        ...

    def times(self, a: Word, factor: int, /) -> Word:
        """The product, of 64 bits."""
        ...

    def plus(self, a: Word, term: int, /) -> Word:
        """The sum, modulo 2**32."""
        ...

    def xor(self, a: Word, b: Word, /) -> Word:
        """The bits set in exactly one."""
        ...


def philox(
    ops: Words[Word], key: tuple[Word, Word], counter: tuple[Word, Word, Word, Word]
) -> tuple[Word, Word, Word, Word]:
    """Four words of random bits."""
    first, second = key
    a, b, c, d = counter
    for _ in range(ROUNDS):
        low_a, high_a = ops.halves(ops.times(a, MULTIPLIERS[0]))
        low_c, high_c = ops.halves(ops.times(c, MULTIPLIERS[1]))
        a, b = ops.xor(ops.xor(high_c, b), first), low_c
        c, d = ops.xor(ops.xor(high_a, d), second), low_a
        first, second = ops.plus(first, KEY_STEPS[0]), ops.plus(second, KEY_STEPS[1])
    return a, b, c, d


Array = TypeVar("Array", int, np.ndarray)


class NumpyWords(Generic[Array]):
    """Words as uint64 arrays, or as Python's ints, which are quicker for a few."""

    def halves(self, wide: Array) -> tuple[Array, Array]:
        """A mask and a shift."""
        return wide & _LOW, wide >> 32

    def times(self, a: Array, factor: int) -> Array:
        """The product."""
        return a * factor

    def plus(self, a: Array, term: int) -> Array:
        """The sum under a mask."""
        return (a + term) & _LOW

    def xor(self, a: Array, b: Array) -> Array:
        """The exclusive or."""
        return a ^ b


class ScalarWords:
    """Words as `i64` values."""

    def __init__(self, e: Emitter):
        self._e = e

    def halves(self, wide: SSAValue) -> tuple[SSAValue, SSAValue]:
        """A mask and a shift."""
        return (
            self._e.value(arith.AndIOp(wide, self._constant(_LOW))),
            self._e.value(arith.ShRUIOp(wide, self._constant(32))),
        )

    def times(self, a: SSAValue, factor: int) -> SSAValue:
        """`arith.muli`."""
        return self._e.value(arith.MuliOp(a, self._constant(factor)))

    def plus(self, a: SSAValue, term: int) -> SSAValue:
        """The sum under a mask."""
        total = self._e.value(arith.AddiOp(a, self._constant(term)))
        return self._e.value(arith.AndIOp(total, self._constant(_LOW)))

    def xor(self, a: SSAValue, b: SSAValue) -> SSAValue:
        """`arith.xori`."""
        return self._e.value(arith.XOrIOp(a, b))

    def _constant(self, value: int) -> SSAValue:
        return self._e.constant(value, i64)


class OnnxWords:
    """Words as uint64 tensors; ONNX Runtime multiplies and adds int64, of which the bits are the same."""

    def __init__(self, g: OnnxGraph):
        self._g = g

    def halves(self, wide: str) -> tuple[str, str]:
        """A mask and a shift."""
        low = self._g.node("BitwiseAnd", [wide, self._constant(_LOW)])
        return low, self._g.node("BitShift", [wide, self._constant(32)], direction="RIGHT")

    def times(self, a: str, factor: int) -> str:
        """`Mul` of int64."""
        return self._signed("Mul", a, factor)

    def plus(self, a: str, term: int) -> str:
        """`Add` of int64, under a mask."""
        return self._g.node("BitwiseAnd", [self._signed("Add", a, term), self._constant(_LOW)])

    def xor(self, a: str, b: str) -> str:
        """`BitwiseXor`."""
        return self._g.node("BitwiseXor", [a, b])

    def _signed(self, node: str, a: str, b: int) -> str:
        signed = self._g.cast(a, INT64)
        return self._g.cast(self._g.node(node, [signed, self._g.constant(np.array(b, np.int64))]), UINT64)

    def _constant(self, value: int) -> str:
        return self._g.constant(np.array(value, np.uint64))


FEW_BLOCKS = 8
"""Python's ints take 10 µs for a block of 128 bits, NumPy 150 µs for up to a thousand."""

_BLOCKS_AT_ONCE = 8192
"""How many blocks NumPy's temporary arrays are for, so that they stay in the cache."""


def numpy_blocks(state: np.ndarray, count: int, step: int = 1) -> np.ndarray:
    """Four words for each of `count` counters, each `step` after the one before: uint32 of shape `[count, 4]`."""
    words = np.empty((count, 4), np.uint32)
    if count > FEW_BLOCKS:
        for start in range(0, count, _BLOCKS_AT_ONCE):
            places = np.arange(start, min(start + _BLOCKS_AT_ONCE, count), dtype=np.uint64) * np.uint64(step)
            for column, word in enumerate(blocks_at(state, places)):
                words[start : start + len(word), column] = word
        return words
    low, high, key = (int(word) & _WIDE for word in state)
    for place in range(count):
        lower = low + place * step
        upper = high + (lower >> 64)
        counter = (lower & _LOW, lower >> 32 & _LOW, upper & _LOW, upper >> 32 & _LOW)
        words[place] = philox(NumpyWords[int](), (key & _LOW, key >> 32), counter)
    return words


def blocks_at(state: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, ...]:
    """The blocks `places`, a uint64 array, after the counter: four arrays of words."""
    low, high, key = (int(word) & _WIDE for word in state)
    lower = places + np.uint64(low)
    upper = (lower < places).astype(np.uint64) + np.uint64(high)
    ops = NumpyWords[Any]()  # the key stays Python's ints, which are added in a tenth of the time
    return philox(ops, (key & _LOW, key >> 32), (*ops.halves(lower), *ops.halves(upper)))


class ScalarBlocks:
    """The blocks of a state, for code that is emitted: the words of its counter and key are read once."""

    def __init__(self, e: Emitter, state: SSAValue):
        self._low, self._high, key = (e.value(tensor.ExtractOp(state, [e.index(i)], i64)) for i in range(3))
        self._key = ScalarWords(e).halves(key)

    def at(self, e: Emitter, place: SSAValue) -> tuple[SSAValue, SSAValue, SSAValue, SSAValue]:
        """The four words of the block `place`, an `i64`, after the counter."""
        lower = e.value(arith.AddiOp(place, self._low))
        carry = e.value(arith.ExtUIOp(e.value(arith.CmpiOp(lower, place, "ult")), i64))
        upper, ops = e.value(arith.AddiOp(self._high, carry)), ScalarWords(e)
        return philox(ops, self._key, (*ops.halves(lower), *ops.halves(upper)))


def onnx_blocks(g: OnnxGraph, state: str, count: str, step: int = 1) -> list[str]:
    """Four vectors of words, as uint64: a block for each of `count` counters, each `step` after the one before."""
    zero, one, least = (g.constant(np.array(n, np.int64)) for n in (0, 1, -(2**63)))
    low, high, key = (g.node("Gather", [state, g.constant(np.array(i, np.int64))], axis=0) for i in range(3))
    places = g.node("Range", [zero, count, one])
    if step != 1:
        places = g.node("Mul", [places, g.constant(np.array(step, np.int64))])
    lower = g.node("Add", [places, low])
    overflows = g.node("Less", [g.node("Add", [value, least]) for value in (lower, places)])
    upper = g.node("Add", [g.cast(overflows, INT64), high])
    ops = OnnxWords(g)
    wide = [ops.halves(g.cast(word, UINT64)) for word in (key, lower, upper)]
    return list(philox(ops, wide[0], (*wide[1], *wide[2])))
