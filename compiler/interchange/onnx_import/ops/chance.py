"""Random numbers: other ones in each run, unless a seed is given."""

from __future__ import annotations

import numpy as np

from .....dialects.dtypes import FLOAT32, FLOAT64, DType
from ....frontend.ops.arguments import Size
from ....frontend.values.tensor import Tensor
from ..rules import Call, rule
from ..values import Value, dtype_of_code, m, shape_items
from .casts import cast_value


def _seed(call: Call) -> list[int] | None:
    seed = call.float("seed")
    return None if seed is None else [int(np.float32(seed).view(np.int32)), 0]


def _drawn(call: Call, shape: list[Size], code: int) -> Value:
    dtype = dtype_of_code(code, "onnx.load")
    wide = FLOAT64 if dtype is FLOAT64 else FLOAT32
    seed = _seed(call)
    if call.node.op_type.startswith("RandomNormal"):
        mean, scale = call.float("mean", 0.0), call.float("scale", 1.0)
        if seed is None:
            found = m.normal(shape, mean, scale, wide)
        else:
            found = m.stateless_normal(shape, seed, mean, scale, wide)
    else:
        low, high = call.float("low", 0.0), call.float("high", 1.0)
        if seed is None:
            found = m.uniform(shape, low, high, wide)
        else:
            found = m.stateless_uniform(shape, seed, low, high, wide)
    return cast_value(found, code)


@rule("RandomNormal", "RandomUniform")
def _random(call: Call) -> Value:
    return _drawn(call, list(call.ints("shape")), call.int("dtype", 1))


@rule("RandomNormalLike", "RandomUniformLike")
def _random_like(call: Call, x: Tensor) -> Value:
    return _drawn(call, list(shape_items(x)), call.int("dtype", x.dtype.onnx))


@rule("Multinomial")
def _multinomial(call: Call, x: Tensor) -> Tensor:
    dtype, count, seed = dtype_of_code(call.int("dtype", 6), "onnx.load"), call.int("sample_size", 1), _seed(call)
    assert isinstance(dtype, DType)
    if seed is None:
        return m.cast(m.categorical(x, count), dtype)
    return m.cast(m.stateless_categorical(x, count, seed), dtype)
