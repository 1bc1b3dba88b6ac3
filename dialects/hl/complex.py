"""Complex numbers and their parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, prop_def, var_operand_def, var_result_def

from ..diagnostics import UnsupportedError
from ..dtypes import COMPLEX, WIDE_FLOATS, DType, dtype_of
from ..emitter import Emitter
from ..packing import is_complex, packed, packed_type, unpacked
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.adapters import by_numpy, pullback
from .rules.attributes import encode_all
from .rules.base import (
    Because,
    DTypeError,
    HLOp,
    InferenceError,
    Types,
    not_differentiable,
    not_exportable,
    not_lowered,
)
from .rules.elementwise import BinaryOp, UnaryOp, shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.linalg_builder import dims, empty, type_of
from .rules.pairs import Pair, Part, Real, by_formula

_TWO_PARTS = "ONNX Runtime computes with real numbers only: the op is gone before the export"


@irdl_op_definition
class ComplexOp(BinaryOp):
    """The numbers of complex64 or complex128 whose real parts are `x` and whose imaginary parts are `y`, elementwise.

    C2: the dtype is {dtypes}.

    Definition: TensorFlow `complex`.
    """

    name = "hl.complex"
    COMPLEX: ClassVar[bool] = True
    DTYPES: ClassVar[tuple[DType, ...]] = WIDE_FLOATS

    gradient = pullback(lambda m, x, y, z, dz: (m.real(dz), m.imag(dz)))
    lower = not_lowered(_TWO_PARTS)
    onnx = not_exportable(_TWO_PARTS)

    @classmethod
    def decompose(cls, e: Emitter, op: Operation, operands: Sequence[Part]) -> Sequence[Part]:
        """The parts, broadcast to one shape."""
        x, y = operands
        assert isinstance(x, Real) and isinstance(y, Real)
        type_ = x.value.type
        if type_ == y.value.type and isinstance(type_, TensorType) and type_.has_static_shape():
            return [Pair(x, y)]
        always = x.equals(x) | y.differs(y) | x.differs(x)
        return [Pair(always.choose(x, x), always.choose(y, y))]

    @classmethod
    def accepted(cls) -> Sequence[DType]:
        """Floats only."""
        return cls.DTYPES

    @classmethod
    def takes(cls, dtype: DType) -> bool:
        """Whether it is a float."""
        return dtype in cls.DTYPES

    @classmethod
    def result_dtype(cls, dtype: DType) -> DType:
        """complex64, or complex128."""
        return dtype.complex_dtype

    @classmethod
    def compute(cls, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """An array whose parts are filled."""
        x, y = np.broadcast_arrays(x, y)
        result = np.empty(x.shape, dtype_of(x).complex_dtype.dtype)
        result.real, result.imag = x, y
        return result


class ComplexUnaryOp(UnaryOp):
    """An elementwise op of one operand, which is complex."""

    DTYPES: ClassVar[tuple[DType, ...]] = COMPLEX
    COMPLEX: ClassVar[bool] = True

    lower = not_lowered(_TWO_PARTS)
    onnx = not_exportable(_TWO_PARTS)

    @classmethod
    def result_dtype(cls, dtype: DType) -> DType:
        """That of the parts."""
        return dtype.real_dtype


@irdl_op_definition
class RealOp(ComplexUnaryOp):
    """The real parts of `x`, elementwise.

    Definition: NumPy `real`.
    """

    name = "hl.real"
    KEEPS_VALUES: ClassVar[bool] = True

    compute = by_numpy(lambda x: np.real(x).copy())
    decompose = by_formula(lambda z: z.real)
    gradient = pullback(lambda m, x, y, dy: m.complex(dy, m.zeros_like(dy)))


@irdl_op_definition
class ImagOp(ComplexUnaryOp):
    """The imaginary parts of `x`, elementwise.

    Definition: NumPy `imag`.
    """

    name = "hl.imag"
    KEEPS_VALUES: ClassVar[bool] = True

    compute = by_numpy(lambda x: np.imag(x).copy())
    decompose = by_formula(lambda z: z.imaginary)
    gradient = pullback(lambda m, x, y, dy: m.complex(m.zeros_like(dy), dy))


@irdl_op_definition
class ConjOp(ComplexUnaryOp):
    """`x` with the imaginary parts negated, elementwise.

    Definition: NumPy `conjugate`.
    """

    name = "hl.conj"
    KEEPS_VALUES: ClassVar[bool] = True

    compute = by_numpy(np.conjugate)
    decompose = by_formula(lambda z: Pair(z.real, -z.imaginary))
    gradient = pullback(lambda m, x, y, dy: m.conj(dy))

    @classmethod
    def result_dtype(cls, dtype: DType) -> DType:
        """The same."""
        return dtype


@irdl_op_definition
class OnPackedOp(HLOp):
    """Another op, a host call, whose complex operands and results are real ones with the parts along a last axis.

    C1: `callee` is the name of an op, whose attributes are `attrs`.
    C2: the operands that `packed` lists are of {dtypes}, and have a last axis of size 2.

    Definition: the op's own.
    """

    name = "hl.on_packed"
    DTYPES: ClassVar[tuple[DType, ...]] = WIDE_FLOATS
    EXACT: ClassVar[bool] = False
    STRUCTURED: ClassVar[bool] = True

    ins = var_operand_def(TensorType[Attribute])
    callee = prop_def(Attribute)
    attrs_of_callee = prop_def(Attribute)
    packed = prop_def(Attribute)
    outs = var_result_def(TensorType[Attribute])

    gradient = not_differentiable("it is made after gradients are taken")
    lower = not_lowered("it is a host call")

    @classmethod
    def called(cls, attrs: Attrs) -> type[HLOp]:
        """The op that is called."""
        from .registry import OPS  # the families that it lists have this one among them

        if attrs["callee"] not in OPS:
            raise InferenceError("C1", f"there is no op {attrs['callee']}")
        return OPS[attrs["callee"]]

    @classmethod
    def unpacked_types(cls, types: Types, attrs: Attrs) -> Types:
        """The types of the operands of the op that is called."""
        found = list(types)
        for place in attrs["packed"]:
            shape, dtype = shape_of(types[place]), dtype_of(types[place])
            if dtype not in cls.DTYPES:
                raise DTypeError("C2", f"expected a dtype of float32 or float64, got {dtype.name}")
            if not shape or shape[-1] not in (2, DYNAMIC):
                raise InferenceError("C2", f"expected a last axis of size 2, got shape {shape_text(shape)}")
            found[place] = tensor_type(shape[:-1], dtype.complex_dtype)
        return found

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """Those of the op that is called, packed."""
        found = cls.called(attrs).checked_types(cls.unpacked_types(types, attrs), attrs["attrs_of_callee"])
        return [packed_type(type_) for type_ in found]  # pyright: ignore[reportReturnType]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """What the op returns for the arrays, packed."""
        given = [unpacked(x) if place in attrs["packed"] else x for place, x in enumerate(operands)]
        found = cls.called(attrs).evaluate(given, attrs["attrs_of_callee"])
        return tuple(packed(result) if dtype_of(result).is_complex else result for result in map(np.asarray, found))

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """Those that the op that is called says for tensors without the last axis."""
        attrs: dict[str, Any] = op.attrs()  # pyright: ignore[reportAttributeAccessIssue]
        called, like = cls.called(attrs), []
        for place, operand in enumerate(op.operands):
            type_, sizes = type_of(operand), dims(e, operand)
            if place in attrs["packed"]:
                sizes = sizes[:-1]
            like.append(empty(e, tensor_type(shape_of(type_)[: len(sizes)], dtype_of(type_)), sizes))
        types = called.infer(cls.unpacked_types([type_of(x) for x in op.operands], attrs), attrs["attrs_of_callee"])
        stand_in = called.create(operands=like, result_types=types, properties=encode_all(attrs["attrs_of_callee"]))
        found = called.host_sizes(e, stand_in) or [dims(e, like[0])] * len(types)
        stand_in.erase()
        return [[*sizes, e.index(2)] if is_complex(type_) else sizes for sizes, type_ in zip(found, types, strict=True)]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """The rule of the op that is called, which says how it reads packed operands."""
        attrs = call.attrs
        types = cls.unpacked_types(call.input_types, attrs)
        called = cls.called(attrs)
        if isinstance(called.onnx, Because):
            raise UnsupportedError(f"ONNX export: '{called.name}' is {called.onnx.what} because {called.onnx.reason}")
        inner = OpCall(call.inputs, call.outputs, attrs["attrs_of_callee"], types, call.output_types)
        return called.onnx(g, inner)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A transform: any op that is a host call will do."""
        x = s.whole((*s.shape(max_rank=2), s.choice((1, 2, 4)), 2), s.choice(WIDE_FLOATS))
        attrs = {"kind": "fft", "rank": 1, "odd": False}
        return Sample((x,), {"callee": "hl.fourier", "attrs_of_callee": attrs, "packed": (0,)})
