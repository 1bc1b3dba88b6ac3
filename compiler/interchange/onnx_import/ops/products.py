"""Products of matrices, and what is made of them."""

from __future__ import annotations

from .....dialects.dtypes import INT32
from ....frontend.values.dispatch import as_tensor
from ....frontend.values.tensor import Tensor
from ..rules import Call, rule
from ..values import m


def matmul(a: Tensor, b: Tensor) -> Tensor:
    """NumPy's product of matrices: vectors are rows on the left and columns on the right."""
    left, right = a.ndim == 1, b.ndim == 1
    if left:
        a = m.expand_dims(a, 0)
    if right:
        b = m.expand_dims(b, 1)
    found = m.matmul(a, b)
    if right:
        found = m.squeeze(found, [-1])
    if left:
        found = m.squeeze(found, [found.ndim - 1 if right else found.ndim - 2])
    return found


@rule("MatMul")
def _matmul(call: Call, a: Tensor, b: Tensor) -> Tensor:
    return matmul(a, b)


@rule("Gemm", since=7)
def _gemm(call: Call, a: Tensor, b: Tensor, c: Tensor | None = None) -> Tensor:
    found = m.matmul(a, b, transpose_a=bool(call.int("transA", 0)), transpose_b=bool(call.int("transB", 0)))
    alpha, beta = call.float("alpha", 1.0), call.float("beta", 1.0)
    if alpha != 1:
        found = found * m.cast(as_tensor(alpha), found.dtype)
    if c is None or beta == 0:
        return found
    return found + (c if beta == 1 else c * m.cast(as_tensor(beta), c.dtype))


rule("Gemm")(_gemm)


@rule("Einsum")
def _einsum(call: Call, *inputs: Tensor) -> Tensor:
    return m.einsum(call.text("equation").replace(" ", ""), *inputs)


@rule("MatMulInteger")
def _matmul_integer(
    call: Call, a: Tensor, b: Tensor, a_zero: Tensor | None = None, b_zero: Tensor | None = None
) -> Tensor:
    return matmul(without_zero(a, a_zero, True), without_zero(b, b_zero))


def without_zero(x: Tensor, zero: Tensor | None, is_rows: bool = False) -> Tensor:
    """Integers of 8 bits as int32, less their zero point: a scalar, or one for each row or column."""
    whole = m.cast(x, INT32)
    if zero is None:
        return whole
    own: Tensor = m.cast(zero, INT32)
    if is_rows and own.ndim == 1 and own.shape[0] != 1:
        own = m.expand_dims(own, -1)
    return whole - own
