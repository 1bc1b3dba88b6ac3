"""`sparse.cross_hashed`: combinations of features, as buckets of hashes."""

from __future__ import annotations

from collections.abc import Sequence

from .....dialects.diagnostics import InvalidArgumentError, UnsupportedError
from .....dialects.dtypes import INT64, STRING, UINT64
from .....dialects.hl.string_codes import StringHashOp
from .....dialects.public import public
from ...values.dispatch import apply, as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import int64_of, size_along
from ..creation import constant
from ..index import range as counting
from ..logic import bitcast, bitwise_xor, right_shift
from ..math import floormod, multiply
from ..movement import stack
from ..ragged.tensor import RaggedTensor
from ..select import cast
from ..shape import broadcast_to, reshape
from .tensor import SparseTensor

_KEY = 0xDECAFCAFFE
"""The first hash, if none is given."""

_MUL = 0xC6A4A7935BD1E995
"""The factor of MurmurHash64A."""


@public("sparse")
def cross_hashed(
    inputs: Sequence[TensorLike | SparseTensor],
    num_buckets: int = 0,
    hash_key: int | None = None,
    name: str | None = None,
) -> SparseTensor:
    """All combinations of the features in the rows of several matrices, as hashes, which are TensorFlow's.

    Args:
        inputs: matrices of strings or integers with as many rows; each row has some features. RaggedTensors and
            SparseTensors, whose rows have different numbers of them, are an UnsupportedError.
        num_buckets: how many different hashes there are; all of 63 bits if it is 0.
        hash_key: what the hashes begin with.
        name: not used.

    Returns int64 hashes; each row has a combination for each column.

    Example:
        >>> import stepwell as sw
        >>> crossed = sw.sparse.cross_hashed([[["a"], ["b"]], [[1], [2]]], num_buckets=100)
        >>> sw.sparse.to_dense(crossed).numpy().tolist()
        [[85], [57]]
    """
    if num_buckets < 0:
        raise InvalidArgumentError(f"sparse.cross_hashed: num_buckets: expected 0 or more, got {num_buckets}")
    columns = [_fingerprints(each) for each in inputs]
    if not columns:
        raise InvalidArgumentError("sparse.cross_hashed: inputs: expected one matrix or more, got none")
    found = broadcast_to(constant(_KEY if hash_key is None else hash_key, UINT64), [size_along(columns[0], 0), 1])
    for column in columns:  # the features of the last one change fastest
        rows, width = size_along(found, 0), size_along(found, 1) * size_along(column, 1)
        found = reshape(_joined(found[:, :, None], column[:, None, :]), [rows, width])
    found = cast(floormod(found, constant(num_buckets or 2**63 - 1, UINT64)), INT64)
    rows, width = int64_of(size_along(found, 0)), int64_of(size_along(found, 1))
    places = counting(multiply(rows, width))
    return SparseTensor(stack([places // width, places % width], 1), reshape(found, [-1]), stack([rows, width]))


def _fingerprints(value: TensorLike | SparseTensor) -> Tensor:
    """A matrix of 64 bits for each feature: FarmHash of strings; integers as they are."""
    if isinstance(value, SparseTensor | RaggedTensor):
        raise UnsupportedError("sparse.cross_hashed: inputs: expected tensors, whose rows have as many features")
    x = as_tensor(value, name="sparse.cross_hashed: inputs")
    if x.ndim != 2 or not (x.dtype == STRING or x.dtype.is_integer):
        raise InvalidArgumentError(
            "sparse.cross_hashed: inputs: expected matrices of strings or integers, got "
            f"{x.dtype.name} of shape {x.shape}"
        )
    if x.dtype == STRING:
        x = apply(StringHashOp, x, hash="farm", buckets=0, key=())
    return bitcast(cast(x, INT64), UINT64)


def _joined(first: Tensor, second: Tensor) -> Tensor:
    """One hash of two: TensorFlow's `FingerprintCat64`, which is a round and the end of MurmurHash64A."""
    mul = constant(_MUL, UINT64)
    found = bitwise_xor(first, mul)
    found = bitwise_xor(found, multiply(_mixed(multiply(second, mul)), mul))
    found = multiply(_mixed(multiply(found, mul)), mul)
    return _mixed(found)


def _mixed(value: Tensor) -> Tensor:
    return bitwise_xor(value, right_shift(value, constant(47, UINT64)))
