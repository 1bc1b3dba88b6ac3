"""Classes as vectors."""

from __future__ import annotations

from typing import Any

import stepwell as sw

from ..core import convert_to_tensor


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Any:
    """Vectors with 1 at the index of a class; zeros for an index that is none. With `sparse`, a SparseTensor."""
    named = sw.as_dtype(dtype or "float32")
    on, off = (True, False) if named == sw.bool else (None, None)
    vectors = sw.one_hot(convert_to_tensor(x, "int64"), num_classes, on, off, axis=axis, dtype=named)
    return sw.sparse.from_dense(vectors) if sparse else vectors


def multi_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Any:
    """Vectors with 1 at the indices of several classes, which are along the second axis, or the only one.

    With `sparse`, a SparseTensor.
    """
    x = convert_to_tensor(x)
    vectors = one_hot(x, num_classes, axis=axis, dtype=dtype)
    reduce = sw.reduce_any if vectors.dtype == sw.bool else sw.reduce_max
    found = reduce(vectors, axis=1 if len(x.shape) > 1 else 0)
    return sw.sparse.from_dense(found) if sparse else found
