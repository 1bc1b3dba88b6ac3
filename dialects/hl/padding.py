"""Borders around tensors, and gaps inside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, var_operand_def

from ..dtypes import ALL, INT64, INTS, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types, check_shape
from .rules.batching import prefixed
from .rules.elementwise import shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import dims, filled, type_of
from .rules.movement_lowering import check_size, check_summand
from .rules.onnx_checks import check_not_negative
from .rules.pairs import by_parts
from .rules.sizes.run_time import check_sizes, filled_in, indices_of, onnx_vector
from .slicing import insert_part


def _spread(size: int, gap: int) -> int:
    return max(size + (size - 1) * gap, 0)


@irdl_op_definition
class PadOp(HLOp):
    """`x` with `low` and `high` elements of `value` before and behind it, and `interior` ones between its elements.

    C1: `low`, `high` and `interior` have an entry for each axis of `x`, none negative; checked at run time where
        unknown before.
    C2: `value` is a scalar of the dtype of `x`.
    C3: `amounts` has one int32 or int64 scalar for each `?` in `low`, then for each in `high`.

    Definition: XLA `Pad`, without negative amounts.
    """

    name = "hl.pad"
    decompose = by_parts

    x = operand_def(TensorType[Attribute])
    value = operand_def(TensorType[Attribute])
    amounts = var_operand_def(TensorType[Attribute])
    low = prop_def(Attribute)
    high = prop_def(Attribute)
    interior = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = prefixed(1, low=0, high=0, interior=0)

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The sizes with everything around and between."""
        shape, dtype = shape_of(types[0]), dtype_of(types[0])
        low, high, interior = (attrs[name] for name in ("low", "high", "interior"))
        if not len(low) == len(high) == len(interior) == len(shape):
            lengths = f"{len(low)}, {len(high)} and {len(interior)}"
            raise InferenceError("C1", f"expected an amount for each axis of {shape_text(shape)}, got {lengths}")
        if any(n < 0 and n != DYNAMIC for n in (*low, *high)) or any(n < 0 for n in interior):
            text = f"expected amounts of 0 or more, got {shape_text(low)}, {shape_text(high)} and {list(interior)}"
            raise InferenceError("C1", text)
        if shape_of(types[1]) != ():
            raise InferenceError("C2", f"expected a scalar as value, got shape {shape_text(shape_of(types[1]))}")
        if dtype_of(types[1]) != dtype:
            raise DTypeError("C2", f"expected a value of dtype {dtype.name}, got {dtype_of(types[1]).name}")
        check_sizes("C3", (*low, *high), types[2:])
        sizes = [
            DYNAMIC if DYNAMIC in (n, before, behind) else before + _spread(n, gap) + behind
            for n, before, behind, gap in zip(shape, low, high, interior)
        ]
        return [tensor_type(sizes, dtype)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """A filled array, with the elements assigned to a slice."""
        x, value, *amounts = operands
        both = filled_in((*attrs["low"], *attrs["high"]), amounts)
        if any(amount < 0 for amount in both):
            raise InferenceError("C1", f"expected amounts of 0 or more, got {list(both)}")
        low, high, interior = both[: x.ndim], both[x.ndim :], attrs["interior"]
        inner = [_spread(n, gap) for n, gap in zip(x.shape, interior)]
        shape = [a + n + b for a, n, b in zip(low, inner, high)]
        check_shape(shape, dtype_of(x))
        result = np.full(shape, value, x.dtype)
        result[tuple(slice(a, a + n, gap + 1) for a, n, gap in zip(low, inner, interior))] = x
        return (result,)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """What of `dy` is at the elements; the sum of the rest."""
        x, _, *amounts = call.inputs
        if not dtype_of(dy).is_inexact:
            return [None] * len(call.inputs)
        low, high, interior = (list(call.attrs[name]) for name in ("low", "high", "interior"))
        given = iter(amounts)
        low, high = ([next(given) if n == DYNAMIC else n for n in side] for side in (low, high))
        end = []
        for axis, behind in enumerate(high):
            known = not isinstance(behind, int) or behind
            end.append(m.subtract(m.size_along(dy, axis), m.cast(behind, INT64)) if known else None)
        dx = m.bounded(dy, low, end, [gap + 1 for gap in interior])
        dx = m.reshape_like(dx, x)
        return [dx, m.subtract(m.reduce_sum(dy), m.reduce_sum(dx)), *[None] * len(amounts)]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """`linalg.fill`, and `tensor.insert_slice` into it."""
        assert isinstance(op, PadOp)
        attrs, rank = op.attrs(), type_of(op.x).get_num_dims()
        static = (*attrs["low"], *attrs["high"])
        amounts = indices_of(e, static, op.amounts)
        for amount, known in zip(amounts, static, strict=True):
            if known == DYNAMIC:
                check_size(e, amount, "pad: expected amounts of 0 or more, got {0}")
                check_summand(e, amount, "pad")
        own, sizes = dims(e, op.x), []
        for axis, gap in enumerate(attrs["interior"]):
            size = own[axis]
            if gap:
                gaps = e.value(arith.MaxSIOp(e.value(arith.SubiOp(size, e.index(1))), e.index(0)))
                size = e.value(arith.AddiOp(size, e.value(arith.MuliOp(gaps, e.index(gap)))))
            size = e.value(arith.AddiOp(size, amounts[axis]))
            sizes.append(e.value(arith.AddiOp(size, amounts[rank + axis])))
        result = type_of(op.result)
        around = filled(e, e.value(tensor.ExtractOp(op.value, [], result.element_type)), result, sizes)
        offsets = [a if n == DYNAMIC else n for a, n in zip(amounts, attrs["low"])]
        whole = [n if known == DYNAMIC else known for n, known in zip(own, shape_of(type_of(op.x)), strict=True)]
        return [insert_part(e, op.x, around, offsets, whole, [gap + 1 for gap in attrs["interior"]])]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Pad`, after each axis with gaps was padded along a new axis behind it."""
        (x, value, *amounts), attrs = call.inputs, call.attrs
        for axis, gap in enumerate(attrs["interior"]):
            if gap:
                x = _onnx_gaps(g, x, value, len(attrs["low"]), axis, gap)
        if not attrs["low"]:
            return [g.node("Identity", [x])]
        check_not_negative(g, amounts, "pad: expected amounts of 0 or more, got {0}")
        pads = onnx_vector(g, (*attrs["low"], *attrs["high"]), amounts)
        return [g.node("Pad", [x, pads, value], mode="constant")]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any shape; small amounts, some at run time."""
        x = s.array(s.shape(max_side=3), s.choice(ALL))
        amounts: list[np.ndarray] = []

        def side() -> tuple[int, ...]:
            result = []
            for _ in x.shape:
                amount = s.integer(0, 2)
                if s.boolean():
                    amounts.append(np.array(amount, s.choice(INTS)))
                    amount = DYNAMIC
                result.append(amount)
            return tuple(result)

        low, high = side(), side()
        interior = tuple(s.choice([0, 0, 1, 2]) for _ in x.shape)
        return Sample((x, s.array((), dtype_of(x)), *amounts), {"low": low, "high": high, "interior": interior})


def _onnx_gaps(g: OnnxGraph, x: str, value: str, rank: int, axis: int, gap: int) -> str:
    """`x` with `gap` elements of `value` between its elements along `axis`."""

    def vector(*items: int) -> str:
        return g.constant(np.array(items, np.int64))

    wide = g.node("Unsqueeze", [x, vector(axis + 1)])
    pads = [0] * (2 * (rank + 1))
    pads[rank + 1 + axis + 1] = gap
    wide = g.node("Pad", [wide, vector(*pads), value], mode="constant")
    shape = g.node("Shape", [x])
    factors = [1] * rank
    factors[axis] = gap + 1
    wide = g.node("Reshape", [wide, g.node("Mul", [shape, vector(*factors)])], allowzero=1)
    return g.node("Slice", [wide, vector(0), vector(-gap), vector(axis)])
