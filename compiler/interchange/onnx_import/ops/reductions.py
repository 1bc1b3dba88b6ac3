"""Reductions along axes."""

from __future__ import annotations

from collections.abc import Callable

from .....dialects.dtypes import INT64
from ....frontend.values.dispatch import scalar_like
from ....frontend.values.tensor import Tensor
from ..rules import Call, axis_in, rule
from ..values import m

Reduce = Callable[..., Tensor]


def _log_sum(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return m.log(m.reduce_sum(x, axes, keep))


_REDUCTIONS: dict[str, Reduce] = {
    "ReduceSum": m.reduce_sum,
    "ReduceMean": m.reduce_mean,
    "ReduceProd": m.reduce_prod,
    "ReduceL1": lambda x, axes, keep: m.reduce_sum(m.abs(x), axes, keep),
    "ReduceL2": lambda x, axes, keep: _root(m.reduce_sum(m.square(x), axes, keep)),
    "ReduceSumSquare": lambda x, axes, keep: m.reduce_sum(m.square(x), axes, keep),
    "ReduceLogSum": _log_sum,
    "ReduceLogSumExp": lambda x, axes, keep: m.reduce_logsumexp(x, axes, keep),
}


def _root(x: Tensor) -> Tensor:
    return m.sqrt(x) if x.dtype.is_inexact else m.cast(m.sqrt(m.cast(x, "float64")), x.dtype)


def _least(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return m.reduce_all(x, axes, keep) if x.dtype.is_bool else m.reduce_min(x, axes, keep)


def _greatest(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return m.reduce_any(x, axes, keep) if x.dtype.is_bool else m.reduce_max(x, axes, keep)


def _reduction(function: Reduce) -> Callable[..., Tensor]:
    def run(call: Call, x: Tensor, *_: Tensor | None) -> Tensor:
        axes = call.axes(1, x.ndim)
        if not axes:
            if call.int("noop_with_empty_axes", 0):
                return function(m.expand_dims(x, 0), [0], False)
            axes = list(range(x.ndim))
        return function(x, axes, bool(call.int("keepdims", 1)))

    return run


for _name, _function in (*_REDUCTIONS.items(), ("ReduceMin", _least), ("ReduceMax", _greatest)):
    rule(_name)(_reduction(_function))


@rule("ArgMax", "ArgMin")
def _arg_reduction(call: Call, x: Tensor) -> Tensor:
    function = m.argmax if call.node.op_type == "ArgMax" else m.argmin
    axis = axis_in(call.int("axis", 0), x.ndim)
    if call.int("select_last_index", 0):
        size = m.int64_of(m.size_along(x, axis))
        found = size - scalar_like(1, size) - function(m.reverse(x, [axis]), axis, INT64)
    else:
        found = function(x, axis, INT64)
    return m.expand_dims(found, axis) if call.int("keepdims", 1) else found
