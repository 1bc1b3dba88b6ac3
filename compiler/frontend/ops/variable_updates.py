"""Changing parts of Variables: slices that can be assigned to, and updates at indices."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ....dialects import debug
from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError, OutOfRangeError, UnsupportedError
from ....dialects.hl.scatter import ScatterAddOp, ScatterOp
from ....dialects.types import tensor_type
from ..control_flow.values import add_check
from ..tracing.tracer import current_tracer
from ..values import recording
from ..values.dispatch import as_tensor, to_ssa
from ..values.refusals import REFUSALS, refused
from ..values.tensor import Tensor, TensorLike
from ..values.variable import Variable
from ..values.writers import write_part
from . import namespace
from .arguments import indices_tensor, shown
from .index import batch_indices, gather, gather_nd, place_size
from .indexed_slices import IndexedSlices
from .scatter import scatter, scatter_add
from .subscript import getitem, with_part


def get_part(variable: Variable, key: Any) -> Tensor:
    """`variable[key]`, a tensor with a method `assign` that replaces that part of the Variable."""
    part = getitem(variable, key)

    def assign(
        value: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable | None:
        del use_locking, name
        new = as_tensor(value, variable.dtype, "Variable.assign: value")
        plain = _numpy_key(key)
        if plain is None or not _is_eager(variable, new):
            variable.assign(_with_part(variable, key, new))
        else:
            write_part(variable, partial(_write_slice, plain, new._array))
        return variable if read_value else None

    part._assign = assign
    return part


def _is_eager(variable: Variable, *tensors: Tensor) -> bool:
    """Whether a part of a Variable can be written at once, unseen by anybody who looks at all results."""
    now = current_tracer() is None and recording.state.guard is None
    return now and not any(tensor.is_symbolic for tensor in tensors)


def _write_slice(key: tuple[Any, ...], value: np.ndarray, memory: np.ndarray) -> None:
    target = memory[(*key, *(() if Ellipsis in key else (Ellipsis,)))]
    try:
        target[...] = value
    except ValueError:
        text = f"expected a shape that broadcasts to {list(target.shape)}, got {list(value.shape)}"
        raise InvalidArgumentError(f"Variable.assign: value: {text}") from None


def _with_part(variable: Variable, key: Any, value: Tensor) -> Tensor:
    """The value of a Variable, with `value`, which broadcasts, in the part that a subscript takes."""
    m, old = namespace(), variable.read_value()
    changed = with_part(old, key, value) if old.is_symbolic else None
    if changed is not None:
        return changed
    places = getitem(m.reshape(m.range(0, old.shape.num_elements(), dtype=np.int64), old.shape), key)
    written = m.reshape(m.broadcast_to(value, m.shape(places)), [-1])
    flat = scatter(m.reshape(old, [-1]), m.reshape(places, [-1, 1]), written, "none")
    return m.reshape(flat, old.shape)


def _numpy_key(key: object) -> tuple[Any, ...] | None:
    """A subscript that NumPy understands in the same way: numbers, slices of numbers, None and `...`."""
    items = key if isinstance(key, tuple) else (key,)
    found: list[Any] = []
    for item in items:
        if item is None or item is Ellipsis:
            found.append(item)
        elif isinstance(item, slice):
            bounds = [_number(bound) for bound in (item.start, item.stop, item.step)]
            if NotImplemented in bounds:
                return None
            found.append(slice(*bounds))
        else:
            number = _number(item)
            if number is NotImplemented or number is None:
                return None
            found.append(number)
    return tuple(found)


def _number(value: Any) -> Any:
    """An integer that is known, or None; NotImplemented for anything else."""
    if value is None or isinstance(value, bool | np.bool_) or (isinstance(value, Tensor) and value.is_symbolic):
        return None if value is None else NotImplemented
    try:
        return operator.index(value)
    except TypeError:
        return NotImplemented


def _nd(mode: str) -> Callable[..., Variable]:
    """The method `scatter_nd_…` that combines updates with the elements at indices."""

    def update(self: Variable, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        del name
        return _changed(self, indices_tensor(f"Variable.scatter_nd_{mode}", indices), updates, mode)

    return update


def _changed(variable: Variable, places: Tensor, updates: TensorLike, mode: str) -> Variable:
    """The Variable, of which the elements at indices were combined with updates: in its memory, where that is known."""
    written = as_tensor(updates, variable.dtype, f"Variable.scatter_{mode}: updates")
    if mode == "div" or not _is_eager(variable, places, written):
        return variable.assign(_combined(variable, places, written, mode))
    if mode == "sub":
        written = namespace().negative(written)
    adds = mode in ("add", "sub")
    op: type[ScatterAddOp | ScatterOp] = ScatterAddOp if adds else ScatterOp
    attrs: dict[str, Any] = {"count": place_size(f"Variable.scatter_{mode}", places)}
    attrs |= {} if adds else {"mode": "none" if mode == "update" else mode}
    try:
        shapes = [(variable._memory.shape, variable.dtype), *((t._array.shape, t.dtype) for t in (places, written))]
        op.checked_types([tensor_type(shape, dtype) for shape, dtype in shapes], attrs)
        write_part(variable, lambda memory: op.write(memory, places._array, written._array, attrs))
    except REFUSALS as error:
        raise refused(op, error) from None
    return variable


def _combined(variable: Variable, places: Tensor, updates: TensorLike, mode: str) -> Tensor:
    m = namespace()
    written = as_tensor(updates, variable.dtype, f"Variable.scatter_{mode}: updates")
    if mode == "add":
        return scatter_add(variable, places, written)
    if mode == "sub":
        return scatter_add(variable, places, m.negative(written))
    if mode == "div":
        if written.dtype.is_integer:
            raise UnsupportedError("Variable.scatter_div: quotients of integers are not there")
        return m.divide(variable, scatter(m.ones_like(variable), places, written, "mul"))
    return scatter(variable, places, written, "none" if mode == "update" else mode)


def _rows(mode: str) -> Callable[..., Variable]:
    """The method `scatter_…` that combines the rows of an IndexedSlices with those of the Variable."""

    def update(
        self: Variable, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Variable:
        del use_locking, name
        slices = _slices(f"scatter_{mode}", sparse_delta)
        places = namespace().expand_dims(slices.indices, -1)
        return _changed(self, places, slices.values, mode)

    return update


def _slices(method: str, value: object) -> IndexedSlices:
    if not isinstance(value, IndexedSlices):
        raise InvalidTypeError(f"Variable.{method}: sparse_delta: expected an IndexedSlices, got {shown(value)}")
    return value


def _batch_scatter_update(
    self: Variable, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
) -> Variable:
    """Replace rows of each batch: the indices are those along the last of their axes."""
    del use_locking, name
    slices = _slices("batch_scatter_update", sparse_delta)
    places = batch_indices(slices.indices, slices.indices.ndim - 1)
    return _changed(self, places, slices.values, "update")


def _gather_nd(self: Variable, indices: TensorLike, name: str | None = None) -> Tensor:
    """The elements, or parts, at the indices in the last axis of `indices`."""
    del name
    return gather_nd(self, indices)


def _sparse_read(self: Variable, indices: TensorLike, name: str | None = None) -> Tensor:
    """The rows at indices."""
    del name
    return gather(self, indices)


def _count_up_to(self: Variable, limit: int) -> Tensor:
    """The value, which is then increased by 1. Raises OutOfRangeError if it is not less than `limit`."""
    m, value, tracer = namespace(), self.read_value(), current_tracer()
    text = f"Variable.count_up_to: reached limit of {limit}"
    below = m.less(value, limit)
    if below.is_symbolic and tracer is not None:
        add_check(tracer, to_ssa(below), text, kind=debug.OUT_OF_RANGE)
    elif not below:
        raise OutOfRangeError(text)
    self.assign_add(m.ones_like(value))
    return value


def install_updates() -> None:
    """Give Variable its methods that change parts."""
    methods: dict[str, Callable[..., object]] = {
        "__getitem__": get_part,
        "batch_scatter_update": _batch_scatter_update,
        "gather_nd": _gather_nd,
        "sparse_read": _sparse_read,
        "count_up_to": _count_up_to,
    }
    methods |= {f"scatter_nd_{mode}": _nd(mode) for mode in ("add", "sub", "update", "min", "max")}
    methods |= {f"scatter_{mode}": _rows(mode) for mode in ("add", "sub", "mul", "div", "min", "max", "update")}
    for name, method in methods.items():
        setattr(Variable, name, method)


install_updates()
