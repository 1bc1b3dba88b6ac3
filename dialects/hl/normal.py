"""Random numbers of the normal distribution."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import f32, f64, i64
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition

from ..dtypes import WIDE_FLOATS, DType
from ..emitter import Emitter
from .random import (
    RandomOp,
    chosen,
    fraction,
    onnx_block_count,
    onnx_fraction,
    onnx_interleaved,
    uniform_of,
    words_each,
)
from .rules.base import not_differentiable
from .rules.facets import OnnxGraph
from .rules.formula import Number, in_graph, on_numpy, on_scalars
from .rules.philox import ScalarBlocks, numpy_blocks, onnx_blocks

_FLOAT32, _FLOAT64 = WIDE_FLOATS

LEAST = 1.0e-7
"""The least number whose logarithm is taken."""


def _polar(first: Number, second: Number, dtype: DType) -> tuple[Number, Number]:
    """The distance and the angle that two numbers of [0, 1) give (Box and Muller), in float64.

    Of float32 each function's value is rounded to it, as if it were computed in float32 and rounded correctly.
    """

    def rounded(value: Number) -> Number:
        return value if dtype == _FLOAT64 else value.rounded_to_float32()

    least = float(dtype.as_numpy_dtype(LEAST)) if dtype == _FLOAT64 else float(np.float32(LEAST))
    logarithm = rounded((first < least).where(least, first).log())
    return rounded((logarithm * -2.0).sqrt()), rounded(second * (2 * pi))


def _product(wave: Number, distance: Number, dtype: DType) -> Number:
    return wave * distance if dtype == _FLOAT64 else wave.rounded_to_float32() * distance


@irdl_op_definition
class RandomNormalOp(RandomOp):
    """Numbers of the normal distribution with mean 0 and standard deviation 1.

    Two by two they are the sine and the cosine of an angle times a distance, which two numbers of `random_uniform`
    give: the first, of at least 1e-7, the distance, the second the angle.

    Definition: TensorFlow `StatelessRandomNormalV2`; Box and Muller, "A Note on the Generation of Random Normal
    Deviates", 1958.
    """

    name = "hl.random_normal"
    EXACT: ClassVar[bool] = False
    DTYPES: ClassVar[tuple[DType, ...]] = WIDE_FLOATS
    SAME_BITS: ClassVar[tuple[DType, ...]] = WIDE_FLOATS[:1]

    gradient = not_differentiable("its values depend on no float")

    @classmethod
    def draw(cls, state: np.ndarray, parameters: Sequence[np.ndarray], count: int, dtype: DType) -> np.ndarray:
        """The formula on arrays."""
        width = words_each(dtype)
        blocks = numpy_blocks(state, -(-count * width // 4))
        return numpy_pairs(blocks.reshape(-1, 2 * width), dtype).ravel()[:count]

    @classmethod
    def scalar(
        cls, e: Emitter, blocks: ScalarBlocks, parameters: Sequence[SSAValue], place: SSAValue, dtype: DType
    ) -> SSAValue:
        """The formula on the words of a pair: the sine at even places, the cosine at odd ones."""
        width = words_each(dtype)
        words = blocks.at(e, e.value(arith.ShRUIOp(place, e.constant(2 if width == 1 else 1, i64))))
        if width == 1:
            words = tuple(chosen(e, place, 2, words[at], words[at + 2]) for at in (0, 1))
        sine, cosine = scalar_pair(e, words, dtype)
        return chosen(e, place, 1, sine, cosine)

    @classmethod
    def nodes(cls, g: OnnxGraph, state: str, parameters: Sequence[str], count: str, dtype: DType) -> str:
        """The formula on vectors of words."""
        width = words_each(dtype)
        words = onnx_blocks(g, state, onnx_block_count(g, count, 4 // width))
        halves = [words[at : at + 2 * width] for at in range(0, 4, 2 * width)]
        found = []
        for half in halves:
            uniform = [g.cast(onnx_fraction(g, part, dtype), _FLOAT64) for part in (half[:width], half[width:])]
            found += [g.cast(value, dtype) for value in in_graph(g, lambda a, b: waves(a, b, dtype), *uniform)]
        return onnx_interleaved(g, found)


def waves(first: Number, second: Number, dtype: DType) -> tuple[Number, Number]:
    """Two normal numbers of two uniform ones."""
    distance, angle = _polar(first, second, dtype)
    return _product(angle.sin(), distance, dtype), _product(angle.cos(), distance, dtype)


def numpy_pairs(words: np.ndarray, dtype: DType) -> np.ndarray:
    """Two normal numbers of each row of words, of which there are two for each number of 32 bits, else four."""
    width = words.shape[1] // 2
    uniform = [uniform_of(words[:, start : start + width], dtype) for start in (0, width)]
    found = np.empty((len(words), 2), dtype)
    for column, value in enumerate(on_numpy(lambda a, b: waves(a, b, dtype), *uniform)):
        found[:, column] = value
    return found


def scalar_pair(e: Emitter, words: Sequence[SSAValue], dtype: DType) -> tuple[SSAValue, SSAValue]:
    """Two normal numbers of two or four words."""
    width = words_each(dtype)
    uniform = [fraction(e, *words[start : start + width], dtype=dtype) for start in (0, width)]
    wide = uniform if dtype == _FLOAT64 else [e.value(arith.ExtFOp(value, f64)) for value in uniform]
    sine, cosine = on_scalars(e, lambda a, b: waves(a, b, dtype), *wide)
    if dtype == _FLOAT64:
        return sine, cosine
    return e.value(arith.TruncFOp(sine, f32)), e.value(arith.TruncFOp(cosine, f32))
