"""The gradients that a sweep has found so far, added up in place where one is all zeros but for a part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr
from xdsl.ir import SSAValue

from ....dialects.hl.movement import BroadcastToOp
from ....dialects.hl.rules.functions import Value
from ....dialects.hl.scatter import ScatterAddOp
from ....dialects.hl.slicing import UpdateSliceOp
from ....dialects.hl.windows import DynamicUpdateSliceOp
from ....dialects.types import array_of
from ..ops import Namespace
from ..tracing.tracer import current_tracer
from ..values.dispatch import from_ssa
from ..values.recording import tape_key
from ..values.tensor import Tensor

Start = Callable[[Value], Tensor | None]
"""What the gradient of a tensor or Variable is added to when it gets its first term; None: nothing."""


class Sums:
    """Gradients by the keys that tapes know tensors and Variables by.

    Args:
        m: the public functions by name.
        start: see `Start`.
    """

    def __init__(self, m: Namespace, start: Start = lambda _: None):
        self._m = m
        self._start = start
        self._known: dict[int, Tensor] = {}

    def get(self, thing: object) -> Tensor | None:
        """The gradient of a tensor or Variable, if there is one."""
        return self._known.get(tape_key(thing))

    def add(self, thing: Value, grad: Tensor) -> None:
        """Add to the gradient of a tensor or Variable."""
        key = tape_key(thing)
        known = self._known.get(key)
        if known is None:
            known = self._start(thing)
        self._known[key] = grad if known is None else _total(self._m, known, grad)


def _total(m: Namespace, known: Tensor, grad: Tensor) -> Tensor:
    """The sum, which is `known` with the part of `grad` that is not zero added where it is."""
    part = _part_of(grad)
    if part is None and _part_of(known) is not None:
        known, grad, part = grad, known, _part_of(known)
    if isinstance(part, ScatterAddOp):
        _, indices, updates = map(from_ssa, part.operands)
        return m.scatter_add(known, indices, updates)
    if isinstance(part, UpdateSliceOp):
        _, update, *bounds = map(from_ssa, part.operands)
        old = m.slice_by_bounds(known, bounds, **part.attrs())
        return m.update_slice(known, m.add(old, update), bounds, **part.attrs())
    if isinstance(part, DynamicUpdateSliceOp):
        _, update, *starts = map(from_ssa, part.operands)
        sizes = [m.size_along(update, axis) for axis in range(update.ndim)]
        old = m.dynamic_slice(known, starts, sizes)
        return m.dynamic_update_slice(known, m.add(old, update), starts)
    return m.add(known, grad)


_Part = ScatterAddOp | UpdateSliceOp | DynamicUpdateSliceOp


def _part_of(grad: Tensor) -> _Part | None:
    """The op that makes a gradient of zeros and a part, where that can be used."""
    tracer = current_tracer()
    value = grad._ssa
    if tracer is None or value is None or not tracer.visible(value):
        return None
    op = value.owner
    return op if isinstance(op, _Part) and _is_zero(op.operands[0]) else None


def _is_zero(value: SSAValue) -> bool:
    owner = value.owner
    if isinstance(owner, BroadcastToOp):
        return _is_zero(owner.operands[0])
    if not isinstance(owner, arith.ConstantOp) or not isinstance(owner.value, DenseIntOrFPElementsAttr):
        return False
    return not np.any(array_of(owner.value))
