"""Random bits: the same on every engine, since they are a function of a key and a counter."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import TensorType, i32, i64
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, var_operand_def

from ..emitter import Emitter
from ..types import DYNAMIC, INTS, dtype_of, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types, check_shape, compatible, not_differentiable
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.linalg_builder import PARALLEL, dim, empty, generic, identity, to_index, type_of
from .rules.movement_lowering import check_equal, check_size
from .rules.onnx_checks import check_all, check_not_negative
from .rules.threefry import NumpyWords, OnnxWords, ScalarWords, threefry

_INT32, _INT64 = INTS
_KEY = tensor_type((2,), _INT32)
_OFFSET = tensor_type((), _INT64)


@irdl_op_definition
class RandomBitsOp(HLOp):
    """Integers of any bits, each as likely as any other, that depend on `key`, `offset` and their place alone.

    The element with the number `i`, in row-major order, comes from Threefry-2x32 with 20 rounds for `key` and the
    counter `offset + i`, of 64 bits, its low word first: for int32 the first word of the result, for int64 both, the
    first one below.

    C1: `key` is an int32 tensor of shape `[2]`; checked at run time where unknown before.
    C2: `offset` is an int64 tensor without dimensions.
    C3: `dtype` is int32 or int64.
    C4: `shape` has sizes of 0 or more; for each that is dynamic there is one of `sizes`, an integer tensor without
        dimensions, in order.

    Definition: Salmon and others, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
    """

    name = "hl.random_bits"
    SIZED_BY_VALUES: ClassVar[bool] = True

    key = operand_def(TensorType[Attribute])
    offset = operand_def(TensorType[Attribute])
    sizes = var_operand_def(TensorType[Attribute])
    shape = prop_def(Attribute)
    dtype = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    gradient = not_differentiable("its values are integers")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """`shape` and `dtype`."""
        key, offset, *sizes = types
        if not compatible(key, _KEY):
            raise InferenceError("C1", f"expected a key of type {_KEY}, got {key}")
        if not compatible(offset, _OFFSET):
            raise InferenceError("C2", f"expected an offset of type {_OFFSET}, got {offset}")
        if attrs["dtype"] not in INTS:
            raise DTypeError("C3", f"expected a dtype of int32, int64, got {attrs['dtype'].name}")
        shape = attrs["shape"]
        if any(size < 0 and size != DYNAMIC for size in shape):
            raise InferenceError("C4", f"expected sizes of 0 or more, got {list(shape)}")
        if shape.count(DYNAMIC) != len(sizes) or any(shape_of(t) or dtype_of(t) not in INTS for t in sizes):
            shown = ", ".join(map(str, sizes)) or "none"
            raise InferenceError(
                "C4", f"expected {shape.count(DYNAMIC)} integer scalars for dynamic sizes, got {shown}"
            )
        return [tensor_type(shape, attrs["dtype"])]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """The rounds on arrays of uint32."""
        key, offset, *sizes = operands
        given = iter(sizes)
        shape = tuple(int(next(given)) if size == DYNAMIC else size for size in attrs["shape"])
        if key.shape != (2,):
            raise InferenceError("C1", f"expected a key of shape [2], got {list(key.shape)}")
        if any(size < 0 for size in shape):
            raise InferenceError("C4", f"expected sizes of 0 or more, got {list(shape)}")
        check_shape(shape, attrs["dtype"])
        count = prod(shape)
        with np.errstate(all="ignore"):
            counter = np.arange(count, dtype=np.uint64) + np.asarray(offset).astype(np.uint64)
            words = [(counter & np.uint64(0xFFFFFFFF)).astype(np.uint32), (counter >> np.uint64(32)).astype(np.uint32)]
            made = threefry(NumpyWords(), tuple(key.astype(np.uint32)), (words[0], words[1]))
        first, second = map(np.asarray, made)
        if attrs["dtype"] == _INT32:
            return (first.view(np.int32).reshape(shape),)
        both = first.astype(np.uint64) | (second.astype(np.uint64) << np.uint64(32))
        return (both.view(np.int64).reshape(shape),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """One `linalg.generic` without operands, which computes from its place."""
        key, offset, *given = op.operands
        result = type_of(op.results[0])
        if shape_of(type_of(key)) == (DYNAMIC,):
            check_equal(e, dim(e, key, 0), e.index(2), "random_bits: key has size {0}, expected {1}")
        sizes = _sizes(e, op.attrs()["shape"], given)  # pyright: ignore[reportAttributeAccessIssue]
        words = [e.value(tensor.ExtractOp(key, [e.index(i)], i32)) for i in (0, 1)]
        start = e.value(tensor.ExtractOp(offset, [], i64))
        rank = len(sizes)

        def body(inner: Emitter, _: SSAValue) -> SSAValue:
            counter = inner.value(arith.AddiOp(_place(inner, sizes), start))
            low = inner.value(arith.TruncIOp(counter, i32))
            high = inner.value(arith.TruncIOp(inner.value(arith.ShRUIOp(counter, inner.constant(32, i64))), i32))
            first, second = threefry(ScalarWords(inner), (words[0], words[1]), (low, high))
            if result.element_type == i32:
                return first
            upper = inner.value(arith.ShLIOp(inner.value(arith.ExtUIOp(second, i64)), inner.constant(32, i64)))
            return inner.value(arith.OrIOp(inner.value(arith.ExtUIOp(first, i64)), upper))

        return generic(e, [], [empty(e, result, sizes)], [identity(rank)], [PARALLEL] * rank, body)

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """The rounds on tensors of uint32."""
        key, offset, *given = call.inputs
        if shape_of(call.input_types[0]) == (DYNAMIC,):
            two = g.constant(np.array([2], np.int64))
            check_all(g, g.node("Equal", [g.node("Shape", [key]), two]), "random_bits: key has size {0}, expected 2")
        check_not_negative(g, given, "random_bits: expected sizes of 0 or more, got {0}")
        shape = _onnx_shape(g, call.attrs["shape"], given)
        count = g.node("ReduceProd", [shape], keepdims=0)
        zero, one = (g.constant(np.array(n, np.int64)) for n in (0, 1))
        counter = g.cast(g.node("Add", [g.node("Range", [zero, count, one]), offset]), np.dtype(np.uint64))
        up = g.node("BitShift", [counter, g.constant(np.array(32, np.uint64))], direction="RIGHT")
        words = [g.cast(_low(g, half), np.dtype(np.uint32)) for half in (counter, up)]
        bits = g.cast(key, np.dtype(np.uint32))
        pair = [g.node("Gather", [bits, g.constant(np.array(i, np.int64))], axis=0) for i in (0, 1)]
        first, second = threefry(OnnxWords(g), (pair[0], pair[1]), (words[0], words[1]))
        if call.attrs["dtype"] == _INT64:
            first, second = (g.cast(word, np.dtype(np.uint64)) for word in (first, second))
            upper = g.node("BitShift", [second, g.constant(np.array(32, np.uint64))], direction="LEFT")
            first = g.node("BitwiseOr", [first, upper])
        return [g.node("Reshape", [g.cast(first, call.attrs["dtype"]), shape], allowzero=1)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any key and counter, any shape, some of its sizes dynamic."""
        shape = s.shape()
        dynamic = [s.boolean() for _ in shape]
        key, offset = s.array((2,), _INT32), s.array((), _INT64)
        sizes = [np.array(size, s.choice(INTS)) for size, is_dynamic in zip(shape, dynamic) if is_dynamic]
        asked = tuple(DYNAMIC if is_dynamic else size for size, is_dynamic in zip(shape, dynamic))
        return Sample((key, offset, *sizes), {"shape": asked, "dtype": s.choice(INTS)})


def _sizes(e: Emitter, shape: Sequence[int], given: Sequence[SSAValue]) -> list[SSAValue]:
    """The run-time sizes; the program stops at one that is negative."""
    remaining = iter(given)
    sizes = []
    for size in shape:
        if size != DYNAMIC:
            sizes.append(e.index(size))
            continue
        value = to_index(e, next(remaining))
        check_size(e, value, "random_bits: expected sizes of 0 or more, got {0}")
        sizes.append(value)
    return sizes


def _place(e: Emitter, sizes: Sequence[SSAValue]) -> SSAValue:
    """The number of the current element in row-major order, as `i64`."""
    place = e.index(0)
    for axis, size in enumerate(sizes):
        index = e.value(linalg.IndexOp(axis))
        place = index if axis == 0 else e.value(arith.AddiOp(e.value(arith.MuliOp(place, size)), index))
    return e.value(arith.IndexCastOp(place, i64))


def _onnx_shape(g: OnnxGraph, shape: Sequence[int], given: Sequence[str]) -> str:
    """The shape as an int64 tensor."""
    if not given:
        return g.constant(np.array(shape, np.int64))
    remaining = iter(given)
    parts = []
    for size in shape:
        if size == DYNAMIC:
            parts.append(g.node("Reshape", [g.cast(next(remaining), _INT64), g.constant(np.array([1], np.int64))]))
        else:
            parts.append(g.constant(np.array([size], np.int64)))
    return g.node("Concat", parts, axis=0)


def _low(g: OnnxGraph, bits: str) -> str:
    """The lower 32 bits."""
    return g.node("BitwiseAnd", [bits, g.constant(np.array(0xFFFFFFFF, np.uint64))])
