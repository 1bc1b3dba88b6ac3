"""Random numbers as functions of a state: the same on every engine, and those of TensorFlow."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from math import inf, prod
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import AnyFloat, TensorType, f32, i32, i64
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, var_operand_def

from ..debug import AssertOp
from ..dtypes import FLOAT16, FLOAT32, FLOAT64, INTS, UINT64, WIDE_FLOATS, DType, dtype_of, element_type
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types, check_shape, compatible, not_differentiable
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.linalg_builder import PARALLEL, dim, empty, generic, identity, to_index, type_of
from .rules.movement_lowering import check_equal, check_size
from .rules.onnx_checks import check_all, check_not_negative
from .rules.philox import ScalarBlocks, numpy_blocks, onnx_blocks

_INT32, _INT64 = INTS
_STATE = tensor_type((3,), _INT64)
_LOW = 2**32 - 1

MANTISSA = {FLOAT16: 10, FLOAT32: 23, FLOAT64: 52}
"""How many random bits a float in [0, 1) has."""


COMPILED_FROM = 2**16
"""For as many numbers NumPy takes 1 to 4 ms, compiled code 0.2 to 1 ms."""

_GAIN, _GAIN_EACH = 50.0, 0.02
"""How many microseconds NumPy takes longer than compiled code, for a call and for each number of it."""


class RandomOp(HLOp):
    """Numbers that depend on `state` and their index alone. A subclass says what becomes of the random bits.

    `state` is a counter of 128 bits, its low half first, and a key of 64. Philox4x32 with 10 rounds makes blocks of
    four words of 32 bits from the key and the counters from this one on.
    """

    CONSTRAINTS: ClassVar[dict[str, str]] = {
        "C1": "`state` is an int64 tensor of shape `[3]`; checked at run time where unknown before.",
        "C2": "`dtype` is {dtypes}.",
        "C3": "`shape` has sizes of 0 or more; for each that is dynamic there is one of `sizes`, an integer tensor\n"
        "    without dimensions, in order.",
    }
    SIZED_BY_VALUES: ClassVar[bool] = True
    PARAMETERS: ClassVar[int] = 0
    """How many operands are between `state` and `sizes`."""
    SAME_BITS: ClassVar[tuple[DType, ...]] = INTS + WIDE_FLOATS
    """The dtypes of which compiled code computes the bits that NumPy does."""

    state = operand_def(TensorType[Attribute])
    sizes = var_operand_def(TensorType[Attribute])
    shape = prop_def(Attribute)
    dtype = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """`shape` and `dtype`."""
        state, sizes = types[0], types[1 + cls.PARAMETERS :]
        if not compatible(state, _STATE):
            raise InferenceError("C1", f"expected a state of type {_STATE}, got {state}")
        if attrs["dtype"] not in cls.DTYPES:
            names = ", ".join(dtype.name for dtype in cls.DTYPES)
            raise DTypeError("C2", f"expected a dtype of {names}, got {attrs['dtype'].name}")
        shape = attrs["shape"]
        if any(size < 0 and size != DYNAMIC for size in shape):
            raise InferenceError("C3", f"expected sizes of 0 or more, got {list(shape)}")
        if shape.count(DYNAMIC) != len(sizes) or any(shape_of(t) or dtype_of(t) not in INTS for t in sizes):
            shown = ", ".join(map(str, sizes)) or "none"
            raise InferenceError(
                "C3", f"expected {shape.count(DYNAMIC)} integer scalars for dynamic sizes, got {shown}"
            )
        return [tensor_type(shape, attrs["dtype"])]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """`draw`, in the shape that is asked for."""
        state, parameters, shape = operands[0], operands[1 : 1 + cls.PARAMETERS], cls._shape(operands, attrs)
        if state.shape != (3,) or state.dtype != _INT64:
            raise InferenceError("C1", f"expected a state of type {_STATE}, got {state.dtype}{list(state.shape)}")
        if any(size < 0 for size in shape):
            raise InferenceError("C3", f"expected sizes of 0 or more, got {list(shape)}")
        check_shape(shape, attrs["dtype"])
        with np.errstate(all="ignore"):
            return (cls.draw(state, parameters, prod(shape), attrs["dtype"]).reshape(shape),)

    @classmethod
    def _shape(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[int, ...]:
        given = iter(operands[1 + cls.PARAMETERS :])
        return tuple(int(next(given)) if size == DYNAMIC else size for size in attrs["shape"])

    @classmethod
    def compiled_gain(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> float:
        """By how many numbers there are."""
        count = prod(cls._shape(operands, attrs))
        if attrs["dtype"] in cls.SAME_BITS:
            return _GAIN + _GAIN_EACH * count
        return inf if count >= COMPILED_FROM else 0.0

    @classmethod
    @abstractmethod
    def draw(cls, state: np.ndarray, parameters: Sequence[np.ndarray], count: int, dtype: DType) -> np.ndarray:
        """The first `count` numbers."""

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """One `linalg.generic` without operands, which computes from its place."""
        state, given = op.operands[0], op.operands[1 + cls.PARAMETERS :]
        result = type_of(op.results[0])
        if shape_of(type_of(state)) == (DYNAMIC,):
            check_equal(e, dim(e, state, 0), e.index(3), f"{cls.name[3:]}: state has size {{0}}, expected {{1}}")
        sizes = lowered_sizes(e, op.attrs()["shape"], given, cls.name[3:])  # pyright: ignore[reportAttributeAccessIssue]
        return [cls.lowered(e, ScalarBlocks(e, state), op.operands[1 : 1 + cls.PARAMETERS], sizes, result)]

    @classmethod
    def lowered(
        cls,
        e: Emitter,
        blocks: ScalarBlocks,
        parameters: Sequence[SSAValue],
        sizes: Sequence[SSAValue],
        result: TensorType[Attribute],
    ) -> SSAValue:
        """The tensor, by `scalar` of each place."""
        scalars = [e.value(tensor.ExtractOp(value, [], type_of(value).element_type)) for value in parameters]
        dtype, rank = dtype_of(result), len(sizes)

        def body(inner: Emitter, _: SSAValue) -> SSAValue:
            return cls.scalar(inner, blocks, scalars, _place(inner, sizes), dtype)

        return generic(e, [], [empty(e, result, sizes)], [identity(rank)], [PARALLEL] * rank, body)[0]

    @classmethod
    def scalar(
        cls, e: Emitter, blocks: ScalarBlocks, parameters: Sequence[SSAValue], place: SSAValue, dtype: DType
    ) -> SSAValue:
        """The number with the index `place`, an `i64`."""
        raise TypeError(f"{cls.name} does not say what a number is")

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`nodes`, in the shape that is asked for."""
        state, given = call.inputs[0], call.inputs[1 + cls.PARAMETERS :]
        if shape_of(call.input_types[0]) == (DYNAMIC,):
            ok = g.node("Equal", [g.node("Shape", [state]), g.constant(np.array([3], np.int64))])
            check_all(g, ok, f"{cls.name[3:]}: state has size {{0}}, expected 3")
        check_not_negative(g, given, f"{cls.name[3:]}: expected sizes of 0 or more, got {{0}}")
        shape = _onnx_shape(g, call.attrs["shape"], given)
        count, dtype = g.node("ReduceProd", [shape], keepdims=1), call.attrs["dtype"]
        found = cls.nodes(g, state, call.inputs[1 : 1 + cls.PARAMETERS], count, dtype)
        zero = g.constant(np.array([0], np.int64))
        return [g.node("Reshape", [g.node("Slice", [found, zero, count]), shape], allowzero=1)]

    @classmethod
    def nodes(cls, g: OnnxGraph, state: str, parameters: Sequence[str], count: str, dtype: DType) -> str:
        """A vector of at least `count` numbers."""
        raise TypeError(f"{cls.name} does not say what its nodes are")

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any state, any shape, some of its sizes dynamic."""
        shape, dtype = s.shape(), s.choice(cls.DTYPES)
        dynamic = [s.boolean() for _ in shape]
        sizes = [np.array(size, s.choice(INTS)) for size, is_dynamic in zip(shape, dynamic) if is_dynamic]
        asked = tuple(DYNAMIC if is_dynamic else size for size, is_dynamic in zip(shape, dynamic))
        operands = (s.array((3,), _INT64), *cls.sample_parameters(s, dtype), *sizes)
        return Sample(operands, {"shape": asked, "dtype": dtype})

    @classmethod
    def sample_parameters(cls, s: Sampler, dtype: DType) -> list[np.ndarray]:
        """Valid operands between `state` and `sizes`."""
        return []


@irdl_op_definition
class RandomUniformOp(RandomOp):
    """Integers of any bits, or floats in [0, 1), each as likely as any other.

    A number of 32 bits or fewer takes a word, one of 64 bits two words, the low one first. A float is 10, 23 or 52 bits
    of its word divided by two to that power; of 64 bits the upper ones are the low 20 bits of the first word.

    Definition: TensorFlow `StatelessRandomUniformV2` and `StatelessRandomUniformFullIntV2`; Salmon and others,
    "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
    """

    name = "hl.random_uniform"
    DTYPES: ClassVar[tuple[DType, ...]] = INTS + WIDE_FLOATS

    gradient = not_differentiable("its values depend on no float")

    @classmethod
    def draw(cls, state: np.ndarray, parameters: Sequence[np.ndarray], count: int, dtype: DType) -> np.ndarray:
        """Masked bits."""
        return uniform_of(_numpy_words(state, count, dtype), dtype)

    @classmethod
    def scalar(
        cls, e: Emitter, blocks: ScalarBlocks, parameters: Sequence[SSAValue], place: SSAValue, dtype: DType
    ) -> SSAValue:
        """Masked bits."""
        return fraction(e, *scalar_words(e, blocks, place, dtype), dtype=dtype)

    @classmethod
    def nodes(cls, g: OnnxGraph, state: str, parameters: Sequence[str], count: str, dtype: DType) -> str:
        """Masked bits, divided: there is no operator that reads bits as a float."""
        words = _onnx_words(g, state, count, dtype)
        return onnx_fraction(g, words, dtype) if dtype in MANTISSA else g.cast(_onnx_bits(g, words), dtype)


@irdl_op_definition
class RandomUniformIntOp(RandomOp):
    """Integers from `low` up to, without, `high`: `low` plus the rest of random bits divided by `high - low`.

    C4: `low` and `high` are tensors of `dtype` without dimensions.
    C5: `low` is less than `high`; checked at run time.

    Definition: TensorFlow `StatelessRandomUniformIntV2`.
    """

    name = "hl.random_uniform_int"
    DTYPES: ClassVar[tuple[DType, ...]] = INTS
    PARAMETERS: ClassVar[int] = 2

    low = operand_def(TensorType[Attribute])
    high = operand_def(TensorType[Attribute])

    gradient = not_differentiable("its values are integers")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """`shape` and `dtype`."""
        results = super().infer(types, attrs)
        bound = tensor_type((), attrs["dtype"])
        for name, type_ in zip(("low", "high"), types[1:3]):
            if type_ != bound:
                raise InferenceError("C4", f"expected {name} of type {bound}, got {type_}")
        return results

    @classmethod
    def draw(cls, state: np.ndarray, parameters: Sequence[np.ndarray], count: int, dtype: DType) -> np.ndarray:
        """NumPy's remainder."""
        low, high = map(int, parameters)
        if low >= high:
            raise InferenceError("C5", f"expected minval < maxval, got {low} >= {high}")
        bits = _bits(_numpy_words(state, count, dtype))
        return np.remainder(bits, bits.dtype.type(high - low)).view(dtype) + np.asarray(parameters[0])

    @classmethod
    def lowered(
        cls,
        e: Emitter,
        blocks: ScalarBlocks,
        parameters: Sequence[SSAValue],
        sizes: Sequence[SSAValue],
        result: TensorType[Attribute],
    ) -> SSAValue:
        """A check before the loop."""
        low, high = (e.value(tensor.ExtractOp(value, [], result.element_type)) for value in parameters)
        shown = [low, high] if low.type == i64 else [e.value(arith.ExtSIOp(value, i64)) for value in (low, high)]
        ok = e.value(arith.CmpiOp(low, high, "slt"))
        e.add(AssertOp(ok, "random_uniform_int: expected minval < maxval, got {0} >= {1}", shown))
        return super().lowered(e, blocks, parameters, sizes, result)

    @classmethod
    def scalar(
        cls, e: Emitter, blocks: ScalarBlocks, parameters: Sequence[SSAValue], place: SSAValue, dtype: DType
    ) -> SSAValue:
        """`arith.remui`."""
        low, high = parameters
        bits = fraction(e, *scalar_words(e, blocks, place, dtype), dtype=dtype)
        rest = e.value(arith.RemUIOp(bits, e.value(arith.SubiOp(high, low))))
        return e.value(arith.AddiOp(rest, low))

    @classmethod
    def nodes(cls, g: OnnxGraph, state: str, parameters: Sequence[str], count: str, dtype: DType) -> str:
        """`Mod` of unsigned integers."""
        low, high = (g.cast(value, _INT64) for value in parameters)
        g.check(g.node("Less", [low, high]), "random_uniform_int: expected minval < maxval, got {0} >= {1}")
        size = g.cast(g.node("Sub", [high, low]), UINT64)
        rest = g.node("Mod", [_onnx_bits(g, _onnx_words(g, state, count, dtype)), size])
        return g.cast(g.node("Add", [g.cast(rest, _INT64), low]), dtype)

    @classmethod
    def sample_parameters(cls, s: Sampler, dtype: DType) -> list[np.ndarray]:
        """Two bounds, in order."""
        info = np.iinfo(dtype)
        low = s.integer(info.min, info.max - 1)
        return [np.array(bound, dtype) for bound in (low, s.integer(low + 1, info.max))]


def _numpy_words(state: np.ndarray, count: int, dtype: DType) -> np.ndarray:
    """A row of one or two words for each number."""
    width = words_each(dtype)
    return numpy_blocks(state, -(-count * width // 4)).reshape(-1, width)[:count]


def words_each(dtype: DType) -> int:
    """How many words a number takes."""
    return 2 if dtype.size == 8 else 1


def _bits(words: np.ndarray) -> np.ndarray:
    """Rows of words as unsigned integers, the low word first."""
    return words.view(np.uint64 if words.shape[1] == 2 else np.uint32)[:, 0]


def uniform_of(words: np.ndarray, dtype: DType) -> np.ndarray:
    """Rows of words as numbers: floats in [0, 1), integers of any bits."""
    if dtype not in MANTISSA:
        return _bits(words).view(dtype)
    bits = _bits(words[:, ::-1].copy() if words.shape[1] == 2 else words)
    mantissa = MANTISSA[dtype]
    whole = (bits & bits.dtype.type(2**mantissa - 1)).view(np.int64 if bits.itemsize == 8 else np.int32)
    return whole.astype(dtype) * dtype.as_numpy_dtype(2.0**-mantissa)


def scalar_words(e: Emitter, blocks: ScalarBlocks, place: SSAValue, dtype: DType) -> list[SSAValue]:
    """The words of the number with the index `place`."""
    width = words_each(dtype)
    words = blocks.at(e, e.value(arith.ShRUIOp(place, e.constant(2 if width == 1 else 1, i64))))
    if width == 2:
        return [chosen(e, place, 1, words[word], words[word + 2]) for word in (0, 1)]
    return [chosen(e, place, 2, *(chosen(e, place, 1, *words[at : at + 2]) for at in (0, 2)))]


def chosen(e: Emitter, place: SSAValue, bit: int, unset: SSAValue, is_set: SSAValue) -> SSAValue:
    """One of two values, by a bit of `place`."""
    masked = e.value(arith.AndIOp(place, e.constant(bit, i64)))
    return e.value(arith.SelectOp(e.value(arith.CmpiOp(masked, e.constant(0, i64), "eq")), unset, is_set))


def fraction(e: Emitter, first: SSAValue, second: SSAValue | None = None, dtype: DType = _INT32) -> SSAValue:
    """Words as a number: a float in [0, 1), an integer of any bits."""
    wide = e.constant(32, i64)
    if second is None and dtype not in MANTISSA:
        return e.value(arith.TruncIOp(first, i32))
    if second is not None and dtype not in MANTISSA:
        return e.value(arith.OrIOp(e.value(arith.ShLIOp(second, wide)), first))
    mantissa = MANTISSA[dtype]
    if second is not None:
        first = e.value(arith.OrIOp(e.value(arith.ShLIOp(first, wide)), second))
    masked = e.value(arith.AndIOp(first, e.constant(2**mantissa - 1, i64)))
    type_ = element_type(dtype)
    assert isinstance(type_, AnyFloat)
    if second is not None:
        whole = e.value(arith.SIToFPOp(masked, type_))
        return e.value(arith.MulfOp(whole, e.constant(2.0**-mantissa, whole.type)))
    whole = e.value(arith.SIToFPOp(e.value(arith.TruncIOp(masked, i32)), f32))
    found = e.value(arith.MulfOp(whole, e.constant(2.0**-mantissa, f32)))
    return found if type_ == f32 else e.value(arith.TruncFOp(found, type_))


def _place(e: Emitter, sizes: Sequence[SSAValue]) -> SSAValue:
    """The index of the current element in row-major order, as `i64`."""
    place = e.index(0)
    for axis, size in enumerate(sizes):
        index = e.value(linalg.IndexOp(axis))
        place = index if axis == 0 else e.value(arith.AddiOp(e.value(arith.MuliOp(place, size)), index))
    return e.value(arith.IndexCastOp(place, i64))


def lowered_sizes(e: Emitter, shape: Sequence[int], given: Sequence[SSAValue], function: str) -> list[SSAValue]:
    """The run-time sizes; the program stops at one that is negative."""
    remaining = iter(given)
    sizes = []
    for size in shape:
        if size != DYNAMIC:
            sizes.append(e.index(size))
            continue
        value = to_index(e, next(remaining))
        check_size(e, value, f"{function}: expected sizes of 0 or more, got {{0}}")
        sizes.append(value)
    return sizes


def _onnx_words(g: OnnxGraph, state: str, count: str, dtype: DType) -> list[str]:
    """One or two vectors of words: those of each number."""
    width = words_each(dtype)
    words = onnx_blocks(g, state, onnx_block_count(g, count, 4 // width))
    return [onnx_interleaved(g, words[start::width]) for start in range(width)]


def onnx_block_count(g: OnnxGraph, count: str, each: int) -> str:
    """How many blocks `count` numbers take, `each` of a block, as a scalar."""
    more = g.node("Add", [count, g.constant(np.array([each - 1], np.int64))])
    blocks = g.node("Div", [more, g.constant(np.array([each], np.int64))])
    return g.node("Squeeze", [blocks, g.constant(np.array([0], np.int64))])


def onnx_interleaved(g: OnnxGraph, columns: Sequence[str]) -> str:
    """The elements of vectors in turn, as one vector."""
    last = g.constant(np.array([1], np.int64))
    rows = g.node("Concat", [g.node("Unsqueeze", [column, last]) for column in columns], axis=1)
    return g.node("Reshape", [rows, g.constant(np.array([-1], np.int64))])


def _onnx_bits(g: OnnxGraph, words: Sequence[str]) -> str:
    """One or two words as a uint64, the low one first."""
    return words[0] if len(words) == 1 else _joined(g, words[1], words[0])


def _joined(g: OnnxGraph, high: str, low: str) -> str:
    moved = g.node("BitShift", [high, g.constant(np.array(32, np.uint64))], direction="LEFT")
    return g.node("BitwiseOr", [moved, low])


def onnx_fraction(g: OnnxGraph, words: Sequence[str], dtype: DType) -> str:
    """One or two words as a float in [0, 1)."""
    mantissa = MANTISSA[dtype]
    bits = words[0] if len(words) == 1 else _joined(g, words[0], words[1])
    masked = g.node("BitwiseAnd", [bits, g.constant(np.array(2**mantissa - 1, np.uint64))])
    whole = g.cast(g.cast(masked, _INT64), dtype)
    return g.node("Mul", [whole, g.constant(np.array(2.0**-mantissa, dtype))])


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
