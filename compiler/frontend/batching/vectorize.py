"""`vectorized_map`: a function of one example is traced, and its ops are computed for all examples at once.

Each op has a rule for that in its block (`batch`). An op without one is computed in a loop over the examples, and so is
the whole function, where control flow or an effect depends on the example.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr
from xdsl.ir import Operation, SSAValue

from ....dialects import state
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.gradient import CustomOp
from ....dialects.hl.rules.base import HLOp
from ....dialects.locations import place_of
from ....dialects.public import public
from ....dialects.types import array_of, tensor_type
from ..ops.arguments import Size, check, int64_of, size_along
from ..ops.logic import equal
from ..tensor_array.functional import looped_map
from ..tracing.conversion import convert_inside
from ..tracing.tracer import Tracer, current_tracer, tracing
from ..values import nest
from ..values.dispatch import apply_all, as_tensor, to_ssa
from ..values.recording import is_recording, record_again, stop_recording
from ..values.tensor import Tensor
from .call import Batch, Call

Function = Callable[[list[Tensor]], list[Tensor]]
"""A function of tensors."""


@public(top=True)
def vectorized_map(
    fn: Callable[[Any], Any], elems: object, fallback_to_while_loop: bool = True, warn: bool = True
) -> Any:
    """What `fn` returns for each part of `elems` along the first axis, computed for all parts at once.

    Args:
        fn: a function of a part, which has the structure of `elems`.
        elems: a tensor, or nested ones with one size of first axes; a first axis of size 1 is repeated.
        fallback_to_while_loop: whether operations that have no form for all parts are computed in a loop; otherwise
            they are errors.
        warn: whether there is a warning when a loop is used.

    `fn` is traced, as in a `function`. What it computes is differentiable as any other operations are.

    Example:
        >>> import stepwell as sw
        >>> sw.vectorized_map(lambda x: sw.reduce_sum(x), sw.constant([[1, 2], [3, 6]])).numpy().tolist()
        [3, 9]
    """
    leaves = [as_tensor(leaf, name="vectorized_map: elems") for leaf in nest.flatten(elems)]
    result: Any = None

    def flat(parts: list[Tensor]) -> list[Tensor]:
        nonlocal result
        result = convert_inside(fn)(nest.pack_sequence_as(elems, parts))
        return [as_tensor(leaf, name="vectorized_map: fn") for leaf in nest.flatten(result) if leaf is not None]

    found = iter(mapped("vectorized_map", flat, leaves, warn, fallback_to_while_loop))
    return nest.map_structure(lambda leaf: None if leaf is None else next(found), result)


def mapped(what: str, fn: Function, elems: Sequence[Tensor], warn: bool = True, may_loop: bool = True) -> list[Tensor]:
    """The results of `fn` for all parts of some tensors; `what` is for errors."""
    if not elems:
        raise InvalidArgumentError(f"{what}: elems: expected at least one tensor")
    for leaf in elems:
        if not leaf.ndim:
            raise InvalidArgumentError(f"{what}: elems: expected tensors with an axis at least, got a scalar")
    count = _common(what, elems)
    # 1. Parts of tensors that have only one are the same for all.
    single = [leaf.shape[0] == 1 and count != 1 for leaf in elems]
    wide = [leaf for leaf, one in zip(elems, single) if not one]
    shared = [leaf[0] for leaf, one in zip(elems, single) if one]

    def of_wide(parts: list[Tensor]) -> list[Tensor]:
        own, others = iter(parts), iter(shared)
        return fn([next(others) if one else next(own) for one in single])

    # 2. The function's ops, for all parts at once.
    traced = _Traced(of_wide, wide)
    refused = traced.refused()
    if refused is None:
        try:
            return traced.run(Batch(count), wide, warn, may_loop)
        except _NotBatchedError as error:
            refused = str(error)
    # 3. Otherwise a loop that calls the function.
    _say(what, refused, "the function is called in a loop", warn, may_loop)
    return looped_map(of_wide, wide, traced.dtypes)


def _common(what: str, elems: Sequence[Tensor]) -> Size:
    """The size of all first axes but those of 1."""
    sizes = [size_along(leaf, 0) for leaf in elems]
    others = [size for size in sizes if not (isinstance(size, int) and size == 1)] or sizes[:1]
    known = sorted({size for size in others if isinstance(size, int)})
    if len(known) > 1:
        raise InvalidArgumentError(f"{what}: elems: expected one size of first axes, got {known}")
    count = known[0] if known else others[0]
    for size in others:
        if isinstance(size, Tensor) and size is not count:
            text = f"{what}: elems: expected one size of first axes, got {{0}} and {{1}}"
            check(equal(int64_of(size), int64_of(count)), text, int64_of(size), int64_of(count))
    return count


class _NotBatchedError(Exception):
    """An op that needs a loop around the whole function."""


def _say(what: str, why: str, instead: str, warn: bool, may_loop: bool) -> None:
    if not may_loop:
        raise InvalidArgumentError(f"{what}: {why}", remedy="set fallback_to_while_loop=True")
    if warn:
        warnings.warn(f"{what}: {why}: {instead}", stacklevel=4)


@dataclass(frozen=True)
class _Part:
    """A value of the function: a tensor, and whether its first axis is the batch."""

    tensor: Tensor
    batched: bool


class _Traced:
    """The ops of a function of parts.

    Attributes:
        dtypes: those of its results.
    """

    def __init__(self, fn: Function, elems: Sequence[Tensor]):
        tracer = Tracer("vectorized_map", captures_symbols=True, parent=current_tracer())
        self.arguments = [tracer.argument(tensor_type(tuple(elem.shape)[1:], elem.dtype), "part") for elem in elems]
        with tracing(tracer), stop_recording():
            results = fn([Tensor.symbolic(argument, tracer) for argument in self.arguments])
            self.results = [to_ssa(result) for result in results]
        self.dtypes = [result.dtype for result in results]
        self.tracer = tracer
        self.lineage = tracer.lineage

    def refused(self) -> str | None:
        """Why ops cannot be computed for all parts, whatever these are."""
        for op in self.tracer.entry.ops:
            plain = isinstance(op, HLOp | arith.ConstantOp | tensor.CastOp | state.ReadOp)
            if not plain and not (isinstance(op, CustomOp) and not is_recording() and current_tracer() is None):
                place = place_of(op.location)
                return f"'{op.name}'{f' at {place}' if place else ''} cannot be computed for all parts at once"
        return None

    def run(self, batch: Batch, elems: Sequence[Tensor], warn: bool, may_loop: bool) -> list[Tensor]:
        """The results for all parts."""
        if is_recording():
            record_again(self.lineage)
        values: dict[SSAValue, Any] = {a: _Part(elem, True) for a, elem in zip(self.arguments, elems, strict=True)}
        for thing, argument in self.tracer.captures.values():
            values[argument] = _Part(thing, False) if isinstance(thing, Tensor) else thing
        for thing, constant in self.tracer.inlined.values():
            values[constant] = _Part(thing, False)
        for op in self.tracer.entry.ops:
            _run_op(op, batch, values, warn, may_loop)
        parts = [values[result] for result in self.results]
        return [part.tensor if part.batched else batch.repeated(part.tensor) for part in parts]


def _run_op(op: Operation, batch: Batch, values: dict[SSAValue, Any], warn: bool, may_loop: bool) -> None:
    """Compute one op for all parts."""
    if isinstance(op, HLOp):
        for result, part in zip(op.results, _hl(op, batch, values, warn, may_loop), strict=True):
            values[result] = part
    elif isinstance(op, arith.ConstantOp):
        if op.result not in values:
            assert isinstance(op.value, DenseIntOrFPElementsAttr)
            values[op.result] = _Part(as_tensor(array_of(op.value)), False)
    elif isinstance(op, tensor.CastOp):
        values[op.dest] = values[op.source]
    elif isinstance(op, state.ReadOp):
        values[op.value] = _Part(values[op.variable].read_value(), False)
    else:
        assert isinstance(op, CustomOp)
        values.update({result: values[value] for result, value in zip(op.res, op.values, strict=True)})


def _hl(op: HLOp, batch: Batch, values: dict[SSAValue, Any], warn: bool, may_loop: bool) -> list[_Part]:
    parts: list[_Part] = [values[operand] for operand in op.operands]
    tensors, batched, attrs = [part.tensor for part in parts], [part.batched for part in parts], op.attrs()
    if not any(batched):
        return [_Part(result, False) for result in apply_all(type(op), *tensors, **attrs)]
    call = Call(batch, type(op), tensors, batched, attrs)
    results = call.results()
    if results is None:
        place = place_of(op.location)
        why = f"'{op.name}'{f' at {place}' if place else ''} cannot be computed for all parts at once"
        _say("vectorized_map", why, "it is computed in a loop", warn, may_loop)
        results = _looped(op, parts, attrs)
    return [_Part(result, not call.shared) for result in results]


def _looped(op: HLOp, parts: Sequence[_Part], attrs: dict[str, Any]) -> list[Tensor]:
    """The results of one op for all parts, one after the other."""

    def one(own: list[Tensor]) -> list[Tensor]:
        remaining = iter(own)
        operands = [next(remaining) if part.batched else part.tensor for part in parts]
        return apply_all(type(op), *operands, **attrs)

    dtypes = [Tensor.symbolic(result, Tracer("")).dtype for result in op.results]
    return looped_map(one, [part.tensor for part in parts if part.batched], dtypes)
