"""Public functions that find positions in sorted rows, and count what lies between limits."""

from __future__ import annotations

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import INT32, INT64, DTypeLike, dtype_named
from ....dialects.hl.search import SearchSortedOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensors
from ..values.tensor import Tensor, TensorLike
from .select import cast


@public(top=True)
def searchsorted(
    sorted_sequence: TensorLike,
    values: TensorLike,
    side: str = "left",
    out_type: DTypeLike = INT32,
    name: str | None = None,
) -> Tensor:
    """The positions at which `values` can be inserted into sorted rows so that these stay sorted.

    Args:
        sorted_sequence: rows, along the last axis, in ascending order.
        values: rows of values, one for each of the sorted rows.
        side: `"left"`, before equal elements, or `"right"`, behind them.
        out_type: the dtype of the positions, int32 or int64.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.searchsorted([1, 3, 3, 5], [0, 3, 4, 9]).numpy().tolist()
        [0, 1, 3, 4]
        >>> sw.searchsorted([1, 3, 3, 5], [3], side="right").numpy().tolist()
        [3]
    """
    if side not in ("left", "right"):
        raise InvalidArgumentError(f"searchsorted: side: expected left or right, got {side!r}")
    wanted = dtype_named(out_type, "searchsorted: out_type")
    if wanted not in (INT32, INT64):
        raise InvalidArgumentError(f"searchsorted: out_type: expected int32 or int64, got {wanted.name}")
    rows, found = as_tensors("searchsorted", sorted_sequence, values)
    return cast(apply(SearchSortedOp, rows, found, right=side == "right"), wanted)
